import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Due } from '../../src/engine/due.ts';

test('gives each thing once, in the order in which it was asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(5), fc.constant('take' as const)), { maxLength: 60 }), (steps) => {
      const due = new Due<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'take') expect(due.take()).toBe(model.shift());
        else {
          due.add(step);
          model.push(step);
        }
        expect(due.isEmpty).toBe(model.length === 0);
      }
    }),
  );
});

test('has what has been taken no more, and all the others', () => {
  const due = new Due<number>();
  const numbers = Array.from({ length: 5000 }, (_, at) => at);
  for (const number of numbers) due.add(number);
  expect(numbers.map(() => due.take())).toEqual(numbers);
  expect([due.isEmpty, due.take()]).toEqual([true, undefined]);
  due.add(7);
  expect([due.isEmpty, due.take(), due.isEmpty]).toEqual([false, 7, true]);
});
