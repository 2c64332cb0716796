import { describe, expect, test } from 'vitest';
import { Dice } from '../support/dice.ts';
import { THEMES } from './themes.ts';
import { worlds } from './worlds.ts';

const PEM = { certificate: 'certificate', key: 'key' };
const PKI = { ca: 'ca', leaf: PEM, otherLeaf: PEM };

describe('worlds', () => {
  test('are the same for the same seed, however many are asked for', () => {
    expect(worlds(7, 30, PKI).slice(0, 5)).toEqual(worlds(7, 5, PKI));
    expect(worlds(8, 5, PKI)).not.toEqual(worlds(7, 5, PKI));
  });

  test('take the themes in turn', () => {
    const names = [...THEMES.keys()];
    expect(worlds(1, names.length, PKI).map(({ theme }) => theme)).toEqual(names);
  });

  test('never share an object', () => {
    const keys = worlds(3, 60, PKI)
      .flatMap(({ waves }) => waves.flat())
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(keys).toEqual([...new Set(keys)]);
  });
});

describe('dice', () => {
  test('throw every number below their bound', () => {
    const dice = new Dice('a');
    const thrown = new Set(Array.from({ length: 200 }, () => dice.below(6)));
    expect([...thrown].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('pick different items', () => {
    const dice = new Dice('b');
    for (let round = 0; round < 50; round++) {
      const some = dice.some(['x', 'y', 'z'], 1, 3);
      expect(some).toEqual([...new Set(some)]);
    }
  });
});
