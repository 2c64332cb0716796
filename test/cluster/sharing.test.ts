import { expect, test } from 'vitest';
import { Sharing } from '../../src/cluster/sharing.ts';

const part = (text: string): Record<string, unknown> => ({
  parentRefs: [{ name: 'public' }],
  rules: [{ text, on: [1] }],
});

test('parts that are equal to those of what is replaced are the same, others are not', () => {
  const sharing = new Sharing();
  const held = { spec: part('old'), status: { parents: [] }, gone: { a: 1 } };
  const fresh: Record<string, Record<string, unknown>> = { spec: part('new'), status: { parents: [] }, more: { a: 1 } };
  sharing.shareParts(fresh, held);
  expect(fresh).toEqual({ spec: part('new'), status: { parents: [] }, more: { a: 1 } });
  expect(fresh['status']).toBe(held.status);
  expect(fresh['spec']).not.toBe(held.spec);
  expect(fresh['spec']?.['parentRefs']).toBe(held.spec['parentRefs']);
});

const UNEQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ['a list and an object', [], {}],
  ['one with a key less', { a: 1, b: 2 }, { a: 1 }],
  ['one with a key more', { a: 1 }, { a: 1, b: 2 }],
  ['one with another key', { a: null }, { b: null }],
  ['null and an object', { a: null }, { a: {} }],
  ['a shorter list', [1, 2], [1]],
  ['text and a number', { a: '1' }, { a: 1 }],
  ['a key like a prototype', JSON.parse('{"__proto__":{}}'), { a: 1 }],
];
test.each(UNEQUAL)('%s are not equal', (_name, some, others) => {
  const fresh = { some };
  new Sharing().shareParts(fresh, { some: others });
  expect(fresh).toEqual({ some });
  expect(fresh.some).not.toBe(others);
});

test('equal parts of different objects are one value', () => {
  const sharing = new Sharing();
  const [some, others] = [{ spec: part('same') }, { spec: part('same') }];
  sharing.shareParts(some);
  sharing.shareParts(others);
  expect(others).toEqual({ spec: part('same') });
  expect(others.spec).toBe(some.spec);
});

test('parts of one number that are not equal stay what they are', () => {
  const sharing = new Sharing();
  const alike = (): readonly object[] => [
    { spec: { ab: 'text' } },
    { spec: { cd: 'text' } },
    { spec: { ab: '1-same-end' } },
    { spec: { ab: '2-same-end' } },
    { spec: { ab: true } },
    { spec: { ab: 1 } },
  ];
  const shared = alike();
  for (const one of shared) sharing.shareParts(one);
  expect(shared).toEqual(alike());
});

test('equal parts are one value in whatever order their keys come', () => {
  const sharing = new Sharing();
  const [some, others] = [{ spec: { a: 1, bc: [2] } }, { spec: { bc: [2], a: 1 } }];
  sharing.shareParts(some);
  sharing.shareParts(others);
  expect(others.spec).toBe(some.spec);
});

test('what is known of a field is forgotten when many others have come up, as the keys of labels do', () => {
  const sharing = new Sharing();
  const isShared = (id: string): boolean => {
    const [some, others] = [{ spec: [id] }, { spec: [id] }];
    sharing.shareParts(some);
    sharing.shareParts(others);
    return others.spec === some.spec;
  };
  const other = (at: number): void => {
    sharing.shareParts({ labels: { [`key-${at}`]: {} } });
  };
  expect(isShared('first')).toBe(true);
  for (let at = 0; at < 512; at += 1) sharing.shareParts({ spec: [at] });
  for (let at = 0; at < 2000; at += 1) other(at);
  expect(isShared('all different')).toBe(false);
  for (let at = 2000; at < 12_000; at += 1) other(at);
  expect(isShared('forgotten')).toBe(true);
});
