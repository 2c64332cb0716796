import type { Policy } from '#policy';
import { defaultFilters } from './default-filters/policy.ts';

/** Every policy, sorted by id. */
export const POLICIES: readonly Policy[] = [defaultFilters];
