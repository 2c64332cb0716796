import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Due } from '../../src/engine/due.ts';

test('gives each thing once, with what was said of it last, in the order in which it was first asked for', () => {
  const step = fc.oneof(fc.record({ add: fc.nat(5), value: fc.nat(9) }), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const due = new Due<number, number>();
      const model: { readonly key: number; value: number }[] = [];
      for (const one of steps) {
        if (one === 'take') {
          const first = model.shift();
          expect(due.take()).toEqual(first && [first.key, first.value]);
        } else {
          due.add(one.add, one.value);
          const known = model.find(({ key }) => key === one.add);
          if (known === undefined) model.push({ key: one.add, value: one.value });
          else known.value = one.value;
        }
        expect(due.size).toBe(model.length);
      }
    }),
  );
});
