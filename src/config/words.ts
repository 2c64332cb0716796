import { didYouMean } from '../errors.ts';

/** What neighbouring tools call the actions (Gatekeeper, Kyverno, Kubewarden, kube-linter), in lower case without hyphens. */
const WORDS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['enforce', 'enforced', 'protect', 'block', 'reject', 'error'].map((word) => [word, 'Deny'] as const),
  ...['dryrun', 'monitor', 'info', 'log'].map((word) => [word, 'Audit'] as const),
  ...['warning', 'warnings'].map((word) => [word, 'Warn'] as const),
  ...['false', 'off', 'none', 'disable', 'ignore', 'skip'].map((word) => [word, 'Disabled'] as const),
]);

/**
 * The word that was meant, as `; did you mean "…"?`, or nothing: the same in other letters, what neighbouring tools call it, or the nearest.
 * A bare `Off` or `No` arrives as `false`.
 */
export function meant(value: unknown, expected: readonly string[]): string {
  if (typeof value !== 'string' && typeof value !== 'boolean') return '';
  const word = String(value).toLowerCase().replaceAll('-', '');
  const elsewhere = WORDS_ELSEWHERE.get(word);
  const known = expected.find((candidate) => candidate.toLowerCase() === word || candidate === elsewhere);
  const hint =
    known !== undefined ? `; did you mean "${known}"?` : typeof value === 'string' ? didYouMean(value, expected) : '';
  return value === false && expected.length > 0 ? `${hint} (YAML reads a bare Off, No or False as false)` : hint;
}
