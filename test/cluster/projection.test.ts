import { expect, test } from 'vitest';
import { Projection } from '../../src/cluster/projection.ts';
import { checkedObject } from '../support/policyTable.ts';
import { make, type Fields } from '../support/gatewayObjects.ts';

const STATUS: Fields = { parents: [{ parentRef: { name: 'g' }, controllerName: 'a/b', conditions: [] }] };
const route = (fields: Fields, metadata: Fields = {}): ReturnType<typeof checkedObject>['object'] =>
  checkedObject(make('HTTPRoute', 'shop/r', { spec: { parentRefs: [{ name: 'g' }] }, ...fields }, metadata), false)
    .object;

test.each<[string, Fields, Fields, boolean]>([
  ['nothing has changed', { status: STATUS }, { status: STATUS }, true],
  ['a status goes', { status: STATUS }, {}, false],
  ['a status comes', {}, { status: STATUS }, false],
  ['a spec changes', {}, { spec: { parentRefs: [{ name: 'h' }] } }, false],
])('what is held stays where nothing has changed that is kept: %s', (_name, before, after, isHeld) => {
  const projection = new Projection([]);
  const held = projection.project('HTTPRoute', route(before));
  const kept = projection.project('HTTPRoute', route(after), held);
  expect(kept).toEqual(new Projection([]).project('HTTPRoute', route(after)));
  expect(kept === held).toBe(isHeld);
});

test('of annotations those are kept that documents name', () => {
  const annotations = { kept: 'a', other: 'b' };
  const project = (keys: readonly string[]): unknown =>
    new Projection(keys).project('HTTPRoute', route({}, { annotations })).metadata.annotations;
  expect([project(['kept', 'toString']), project(['toString']), project([])]).toEqual([
    { kept: 'a' },
    undefined,
    undefined,
  ]);
});
