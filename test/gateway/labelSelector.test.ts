import { describe, expect, test } from 'vitest';
import { matchesSelector, type LabelSelector, type LabelSelectorRequirement } from '#gateway';

const term = (operator: string, ...values: readonly string[]): LabelSelectorRequirement =>
  values.length === 0 ? { key: 'a', operator } : { key: 'a', operator, values };

/** Rows beside those that apimachinery answers in test/e2e/selectors.test.ts, which need Go. */
describe('terms of a selector', () => {
  test.each<[string, LabelSelectorRequirement, absent: boolean, one: boolean, other: boolean]>([
    ['In', term('In', '1', '2'), false, true, false],
    ['NotIn', term('NotIn', '1', '2'), true, false, true],
    ['Exists', term('Exists'), false, true, true],
    ['DoesNotExist', term('DoesNotExist'), true, false, false],
    ['In without values', term('In'), false, false, false],
    ['NotIn without values', term('NotIn'), false, false, false],
    ['Exists with a value', term('Exists', '1'), false, false, false],
    ['DoesNotExist with a value', term('DoesNotExist', '1'), false, false, false],
    ['an operator that is none', term('Gt', '0'), false, false, false],
  ])('%s', (_name, requirement, absent, one, other) => {
    const selector = { matchExpressions: [requirement] };
    expect([undefined, {}, { a: '1' }, { a: '3' }].map((labels) => matchesSelector(selector, labels))).toEqual([
      absent,
      absent,
      one,
      other,
    ]);
  });

  test.each<[string, LabelSelector | undefined, boolean]>([
    ['all of them hold', { matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] }, true],
    ['one term does not', { matchLabels: { a: '1' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] }, false],
    ['one label does not', { matchLabels: { a: '2' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] }, false],
    ['none is asked for', {}, true],
    ['there is no selector', undefined, false],
    ['words of the language are no labels', { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
  ])('%s', (_name, selector, matches) => {
    expect(matchesSelector(selector, { a: '1', b: '2' })).toBe(matches);
  });
});
