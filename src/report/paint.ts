import type { FindingEffect } from './finding.ts';

/** What is painted; `plain` gives the text back as it is. */
export type Paint = (what: FindingEffect | 'faint' | 'strong', text: string) => string;

/** No colours. */
export const plain: Paint = (_what, text) => text;
