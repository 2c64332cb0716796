import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { formatPath, isObject } from '#gateway';
import type { ExpectedRule, PolicyTest, PolicyTestCase } from '../config/policyTest.ts';
import type { TestFailure } from '../report/testReport.ts';
import type { CaseVerdict } from './policyTestCase.ts';
import { lineDiff } from './diff.ts';

/** The expectations of a case that a verdict does not meet; what the case does not say is not looked at. */
export function unmet(test: PolicyTest, own: PolicyTestCase, verdict: CaseVerdict): readonly TestFailure[] {
  const { allowed, rules, patch, object, message } = own.expect;
  const fail = (field: string, diff: readonly string[]): readonly TestFailure[] =>
    diff.length === 0 ? [] : [{ at: placeOf(test, own, field), field: `expect.${field}`, diff }];
  return [
    ...fail('allowed', allowed === undefined ? [] : allowedDiff(allowed, verdict)),
    ...fail('rules', rules === undefined ? [] : rulesDiff(rules, verdict.violations)),
    ...fail('patch', patch === undefined ? [] : patchDiff(patch, verdict.patch)),
    ...fail('object', object === undefined ? [] : valueDiff(object, asFarAsSaid(object, verdict.object))),
    ...fail('message', message === undefined ? [] : messageDiff(message, verdict.violations)),
  ];
}

function placeOf(
  { document }: PolicyTest,
  { path }: PolicyTestCase,
  field: string,
): { readonly line: number; readonly column: number } {
  return document.locate?.([...path, 'expect', field], 'key') ?? { line: 1, column: 1 };
}

type Violations = CaseVerdict['violations'];

function allowedDiff(expected: boolean, { allowed, violations }: CaseVerdict): readonly string[] {
  if (allowed === expected) return [];
  const denials = violations.filter(({ effect }) => effect === 'Deny');
  return [`- ${expected}`, `+ ${allowed}`, ...denials.flatMap((violation) => found(' ', violation))];
}

/** Each expected rule is met by a finding of its own, in any order, and no finding is left over. */
function rulesDiff(expected: readonly ExpectedRule[], violations: Violations): readonly string[] {
  const partners = matching(expected, violations);
  const met = new Set(partners.values());
  if (partners.size === expected.length && met.size === violations.length) return [];
  return [
    ...expected.map((rule) => `${partners.has(rule) ? ' ' : '-'} ${expectedText(rule)}`),
    ...violations.filter((violation) => !met.has(violation)).flatMap((violation) => found('+', violation)),
  ];
}

/** As many pairs as there can be (augmenting paths), so that a rule that says little does not take the finding of one that says more. */
function matching<E extends ExpectedRule, V extends Violations[number]>(
  expected: readonly E[],
  violations: readonly V[],
): ReadonlyMap<E, V> {
  const partners = new Map<V, E>();
  const place = (rule: E, tried: Set<V>): boolean => {
    for (const violation of violations) {
      if (tried.has(violation) || !meets(violation, rule)) continue;
      tried.add(violation);
      const holder = partners.get(violation);
      if (holder !== undefined && !place(holder, tried)) continue;
      partners.set(violation, rule);
      return true;
    }
    return false;
  };
  for (const rule of expected) place(rule, new Set());
  return new Map([...partners].map(([violation, rule]) => [rule, violation]));
}

function meets({ rule, path, effect, message }: Violations[number], expected: ExpectedRule): boolean {
  return (
    rule === expected.rule &&
    (expected.path === undefined || expected.path === formatPath(path)) &&
    (expected.action === undefined || expected.action === effect) &&
    (expected.message === undefined || expected.message.matches(message))
  );
}

function expectedText({ rule, action, path, message }: ExpectedRule): string {
  return [rule, action, path, message?.text].filter((part) => part !== undefined).join('  ');
}

function found(mark: string, { rule, effect, path, message }: Violations[number]): readonly string[] {
  return [`${mark} ${rule}  ${effect}  ${formatPath(path)}`, `${mark}     ${message}`];
}

function messageDiff(
  { text, matches }: NonNullable<PolicyTestCase['expect']['message']>,
  violations: Violations,
): readonly string[] {
  if (violations.some(({ message }) => matches(message))) return [];
  const messages = violations.map(({ message }) => `+ ${message}`);
  return [`- ${text}`, ...(messages.length === 0 ? ['+ (no rule is broken)'] : messages)];
}

/** What an expected value does not speak about, left out: of maps the other fields. Lists are compared in full, entry by entry. */
function asFarAsSaid(expected: unknown, actual: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((entry: unknown, at) => (at < expected.length ? asFarAsSaid(expected[at], entry) : entry));
  }
  if (!isObject(expected) || !isObject(actual)) return actual;
  return Object.fromEntries(
    Object.entries(expected).flatMap(([field, value]) =>
      Object.hasOwn(actual, field) ? [[field, asFarAsSaid(value, actual[field])]] : [],
    ),
  );
}

/** A line for each operation. */
function patchDiff(expected: readonly unknown[], actual: readonly unknown[]): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  const text = (patch: readonly unknown[]): string =>
    patch.map((operation) => `${JSON.stringify(operation)}\n`).join('');
  return lineDiff(text(expected), text(actual) || '(nothing)\n');
}

function valueDiff(expected: unknown, actual: unknown): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  const text = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  return lineDiff(text(expected), text(actual));
}
