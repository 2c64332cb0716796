import { ALL_INDEXES, KIND_NAMES, indexed, normalise, type KubeObject, type Snapshot } from '#gateway';
import { subjectOf } from '#policy';
import { overlay } from '../../src/engine/index.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';
import { NAMESPACES, sentObject } from './objects.ts';
import { busyStore } from './world.ts';
import { countsOf } from '../support/namespaceCounts.ts';

/** The world as it will be, against a copy of the world in which it has happened. */
export function overlayDoor(): Door {
  const stores = ['a', 'b', 'c'].map((seed) => busyStore(seed));
  return {
    name: 'overlay',
    turn: 30,
    attempt: (dice) => {
      const store = dice.pick(stores);
      const { kind, namespace, object } = sentObject(dice, 0);
      const normalised = normalise(kind, object);
      if (!normalised.ok) return;
      const operation = dice.pick(['CREATE', 'UPDATE', 'DELETE'] as const);
      const subject = subjectOf({
        kind,
        operation,
        object: normalised.object,
        oldObject: undefined,
        raw: object,
        rawOld: undefined,
        namespace,
        subresource: '',
        requester: undefined,
      });
      const happened = store.copy();
      if (operation === 'DELETE') happened.delete(kind, namespace, normalised.object.metadata.name);
      else happened.put(kind, normalised.object);
      holdSame(overlay(store, subject), happened, dice, object);
    },
  };
}

function holdSame(quick: Snapshot, slow: Snapshot, dice: Dice, about: unknown): void {
  const within = dice.pick([undefined, '', ...NAMESPACES]);
  for (const kind of KIND_NAMES) {
    const [listed, expected] = [names(quick.list(kind, within)), names(slow.list(kind, within))];
    hold(listed === expected, 'list', kind, within ?? 'all', about);
    for (const { metadata } of slow.list(kind)) {
      const [namespace, name] = [metadata.namespace ?? '', metadata.name];
      hold(quick.get(kind, namespace, name) === slow.get(kind, namespace, name), 'get', kind, namespace, name, about);
    }
    for (const index of ALL_INDEXES.filter(({ kinds }) => kinds.includes(kind))) {
      const keys = [...slow.list(kind), ...quick.list(kind)].flatMap((object) => index.keysOf(indexed(kind, object)));
      for (const key of dice.some([...new Set(keys)], 0, 3)) {
        const files = (snapshot: Snapshot): string =>
          names([...snapshot.lookup(index, key, within)].map(({ object }) => object));
        hold(files(quick) === files(slow), 'lookup', index.kinds, key, within ?? 'all', about);
        const counts = (snapshot: Snapshot): string => JSON.stringify(countsOf(snapshot.namespacesIn(index, key)));
        hold(counts(quick) === counts(slow), 'namespacesIn', index.kinds, key, counts(quick), counts(slow), about);
      }
    }
  }
}

function names(objects: Iterable<KubeObject>): string {
  return [...objects]
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    .sort()
    .join(', ');
}
