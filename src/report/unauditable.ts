import type { Unauditable } from '../engine/index.ts';

/** Why a rule cannot be judged of what is already there. */
export const UNAUDITABLE_TEXT: Readonly<Record<Unauditable['needs'], string>> = {
  requester: 'it depends on who asks',
  change: 'it is about a change or a deletion, not about what is there',
};
