import { matchesSelector, unmatchedTerm } from '#gateway';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';

/** For a selector with one of these keys or values apimachinery makes an error. */
const REFUSED: readonly string[] = ['__proto__', 'a b', 'a/', '/a', 'A.b/c', 'a/b/c', '-a', 'a.', 'x'.repeat(64)];
const KEYS: readonly string[] = ['a', 'b', 'constructor', 'toString', 'hasOwnProperty', 'a.b/c', '', ...REFUSED];
const VALUES: readonly string[] = ['', '1', '2', 'constructor', 'x'.repeat(63), ...REFUSED];

/** Label selectors against apimachinery's `labels.Selector`, read out loud. */
export function selectorDoor(): Door {
  return {
    name: 'selectors',
    turn: 5000,
    attempt: (dice) => {
      const labels = pairs(dice);
      const matchLabels = pairs(dice);
      const matchExpressions = Array.from({ length: dice.below(3) }, () => ({
        key: dice.pick(KEYS),
        operator: dice.pick(['In', 'NotIn', 'Exists', 'DoesNotExist', 'in', 'constructor']),
        ...(dice.chance(0.7) ? { values: dice.some(VALUES, 0, 2) } : {}),
      }));
      const known = new Map(labels);
      const isTaken = [...matchLabels.map(([key, value]) => ({ key, values: [value] })), ...matchExpressions].every(
        ({ key, values = [] }) => key !== '' && ![key, ...values].some((text) => REFUSED.includes(text)),
      );
      const expected =
        isTaken &&
        matchLabels.every(([key, value]) => known.get(key) === value) &&
        matchExpressions.every(({ key, operator, values = [] }) => {
          if ((operator === 'In' || operator === 'NotIn') !== values.length > 0) return false;
          const value = known.get(key);
          const isListed = value !== undefined && values.includes(value);
          if (operator === 'In') return isListed;
          if (operator === 'NotIn') return !isListed;
          if (operator === 'Exists') return value !== undefined;
          return operator === 'DoesNotExist' && value === undefined;
        });
      const selector = {
        ...(dice.chance(0.8) ? { matchLabels: Object.fromEntries(matchLabels) } : {}),
        matchExpressions,
      };
      const isExpected = 'matchLabels' in selector ? expected : undefined;
      const given = dice.chance(0.9) || labels.length > 0 ? Object.fromEntries(labels) : undefined;
      const matches = matchesSelector(selector, given);
      hold(isExpected === undefined || matches === isExpected, 'matches', selector, given, matches);
      hold(matches === (unmatchedTerm(selector, given) === undefined), 'the term of a selector', selector, given);
      hold(!matchesSelector(undefined, given), 'no selector matches', given);
    },
  };
}

function pairs(dice: Dice): readonly (readonly [string, string])[] {
  return dice.some(KEYS, 0, 3).map((key) => [key, dice.pick(VALUES)]);
}
