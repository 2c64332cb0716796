import { isDeepStrictEqual } from 'node:util';
import type { RequestMatch } from '#gateway';
import { OwnMatches } from '../../policies/route-precedence/ownMatches.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';

/** The matches of a route by target, against a walk over all of them. */
export function matchDoor(): Door {
  return {
    name: 'matches',
    turn: 5000,
    attempt: (dice) => {
      const rules = Array.from({ length: dice.below(5) }, () =>
        Array.from({ length: dice.below(4) }, () => (dice.chance(0.1) ? undefined : matchOf(dice))),
      );
      const own = new OwnMatches(rules);
      const all = rules.flatMap((matches, rule) =>
        matches.flatMap((match) => (match === undefined ? [] : [{ rule, match }])),
      );
      for (const asked of [matchOf(dice), matchOf(dice)]) {
        const like = all.filter(({ match }) => match.text === asked.text);
        const sameTarget = all.filter(({ match }) => match.target === asked.target);
        hold(isDeepStrictEqual(own.like(asked), like), 'like', rules, asked);
        hold(own.asks(asked) === like.length > 0, 'asks', rules, asked);
        hold(own.repeats(asked.target) === sameTarget.length > 1, 'repeats', rules, asked);
      }
    },
  };
}

/** One text belongs to one target, as with real matches. */
function matchOf(dice: Dice): RequestMatch {
  const target = dice.pick(['/', '/a', 'constructor', '__proto__']);
  return { target, text: `${target} ${dice.pick(['', 'GET'])}`, written: [1] };
}
