import type { Report } from './report.ts';

/** The least effect for which a command that judges fails. */
export const FAIL_ON = ['deny', 'warn', 'audit', 'never'] as const;
/** See {@link FAIL_ON}. */
export type FailOn = (typeof FAIL_ON)[number];

/** Whether anything comes to the threshold; what could not be judged counts as what it would have come to. */
export function fails({ findings, errors }: Report, failOn: FailOn): boolean {
  if (failOn === 'never') return false;
  const counting = { deny: ['deny'], warn: ['deny', 'warn'], audit: ['deny', 'warn', 'audit'] }[failOn];
  return [...findings, ...errors].some(({ effect }) => counting.includes(effect));
}
