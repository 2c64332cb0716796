import { isDeepStrictEqual } from 'node:util';
import { normalise } from '#gateway';
import { FILLERS } from '../../src/gateway/schema/fillers.generated.ts';
import { shapeOf } from '../../src/gateway/schema/kindShape.ts';
import { Filler } from '../../src/gateway/schema/shape.ts';
import { hold, type Door } from './door.ts';
import { sentObject, valueOf } from './objects.ts';

/** The generated fillers against the tables: they do the same, or leave an object alone, and leave none alone without a reason. */
export function fillerDoor(): Door {
  return {
    name: 'fillers',
    turn: 2000,
    attempt: (dice) => {
      const kind = dice.pick(['HTTPRoute', 'GRPCRoute'] as const);
      const wildness = dice.pick([0, 0.002, 0.01, 0.1]);
      const value: unknown = JSON.parse(
        JSON.stringify(
          dice.chance(0.5) ? sentObject(dice, wildness, kind).object : valueOf(shapeOf(kind), dice, wildness),
        ),
      );
      const before = JSON.stringify(value);
      const quick = FILLERS[kind](value);
      const filler = new Filler('refuse');
      const slow = filler.fill(shapeOf(kind), value, []);
      hold(JSON.stringify(value) === before, 'the object itself was changed', before);
      if (quick !== undefined) {
        hold(filler.problems.length === 0, 'taken, though something is wrong', filler.problems, before);
        hold(isDeepStrictEqual(quick, slow), 'filled otherwise than by the tables', quick, slow, before);
        hold(
          JSON.stringify(quick) === JSON.stringify(slow),
          'in another order than by the tables',
          quick,
          slow,
          before,
        );
      } else hold(filler.problems.length > 0 || hasNull(value), 'left to the tables without a reason', before);
      const normalised = normalise(kind, value, 'refuse');
      if (!normalised.ok) return;
      const again = normalise(kind, normalised.object, 'refuse');
      hold(again.ok && again.object === normalised.object, 'a filled object is filled again', normalised.object);
    },
  };
}

function hasNull(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.values(value).some(hasNull));
}
