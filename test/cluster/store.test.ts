import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_INDEXES, INDEXES, type KubeObject, type Snapshot } from '#gateway';
import { subjectOf, type Operation, type Subject } from '#policy';
import { Store } from '../../src/cluster/store.ts';
import { overlay } from '../../src/engine/index.ts';
import { countsOf } from '../support/namespaceCounts.ts';
import { objectOf } from '../support/world.ts';

interface RouteShape {
  readonly namespace: string;
  readonly name: string;
  readonly hostnames: readonly string[];
  readonly parents: readonly string[];
}

function route(
  { namespace, name, hostnames, parents }: RouteShape,
  kind: 'HTTPRoute' | 'GRPCRoute' = 'HTTPRoute',
): KubeObject {
  return objectOf(kind, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name, namespace },
    spec: { hostnames, parentRefs: parents.map((parent) => ({ name: parent })) },
  });
}

const NAMESPACES = ['a', 'b', 'constructor'];
const NAMES = ['x', 'y', '__proto__'];
const HOSTNAMES = ['a.example', '*.example', 'b.a.example', '*.a.example', 'b.c.example'];
const shape = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  hostnames: fc.subarray(HOSTNAMES),
  parents: fc.subarray(['p', 'q']),
});
const step = fc.oneof(
  shape.map((put) => ({ put })),
  // As when a controller writes a status: the spec that is held stays.
  fc
    .record({ namespace: fc.constantFrom(...NAMESPACES), name: fc.constantFrom(...NAMES) })
    .map((marked) => ({ marked })),
  fc.record({ namespace: fc.constantFrom(...NAMESPACES), name: fc.constantFrom(...NAMES) }).map((gone) => ({ gone })),
);

/** Everything that a snapshot answers about HTTPRoutes, in one comparable value. */
function answers(snapshot: Snapshot): unknown {
  const key = (object: KubeObject): string =>
    `${object.metadata.namespace ?? ''}/${object.metadata.name} ${JSON.stringify(object)}`;
  const keys = [
    ...HOSTNAMES,
    ...['*', 'nowhere'],
    ...NAMESPACES.flatMap((namespace) => ['p', 'q'].map((name) => `Gateway/${namespace}/${name}`)),
  ];
  return {
    got: NAMESPACES.flatMap((namespace) => NAMES.map((name) => snapshot.get('HTTPRoute', namespace, name) ?? null)),
    listed: [...snapshot.list('HTTPRoute')].map(key).sort(),
    within: NAMESPACES.map((namespace) => [...snapshot.list('HTTPRoute', namespace)].map(key).sort()),
    indexed: ALL_INDEXES.map((index) =>
      keys.map((indexKey) => ({
        found: [...snapshot.lookup(index, indexKey)].map(({ object }) => key(object)).sort(),
        within: [...snapshot.lookup(index, indexKey, 'a')].map(({ object }) => key(object)).sort(),
        namespaces: countsOf(snapshot.namespacesIn(index, indexKey)),
      })),
    ),
  };
}

function storeOf(objects: Iterable<KubeObject>): Store {
  const store = new Store('all');
  for (const object of objects) store.put('HTTPRoute', object);
  return store;
}

function subject(operation: Operation, changed: RouteShape): Subject {
  const object = route(changed);
  return subjectOf({
    kind: 'HTTPRoute',
    operation,
    object,
    oldObject: undefined,
    raw: object,
    rawOld: undefined,
    namespace: changed.namespace,
    subresource: '',
    requester: undefined,
  });
}

describe('Store', () => {
  test('A17 answers after any changes as one filled afresh', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const store = new Store('all');
        const model = new Map<string, KubeObject>();
        for (const one of steps) {
          if ('put' in one) {
            store.put('HTTPRoute', route(one.put));
            model.set(`${one.put.namespace}/${one.put.name}`, route(one.put));
          } else if ('marked' in one) {
            const { namespace, name } = one.marked;
            const held = store.get('HTTPRoute', namespace, name);
            if (held === undefined) continue;
            const marked = { ...held, metadata: { ...held.metadata, labels: { marked: 'yes' } } };
            store.put('HTTPRoute', marked);
            model.set(`${namespace}/${name}`, marked);
          } else {
            store.delete('HTTPRoute', one.gone.namespace, one.gone.name);
            model.delete(`${one.gone.namespace}/${one.gone.name}`);
          }
        }
        expect(answers(store)).toEqual(answers(storeOf(model.values())));
      }),
    );
  });

  test('finds what an index files, of all namespaces or of one', () => {
    const store = storeOf([
      route({ namespace: 'a', name: 'x', hostnames: ['a.example', '*.a.example'], parents: ['p'] }),
      route({ namespace: 'b', name: 'y', hostnames: ['b.a.example'], parents: [] }),
    ]);
    const names = (found: Iterable<{ readonly object: KubeObject }>): readonly string[] =>
      [...found].map(({ object }) => object.metadata.name);
    expect(names(store.lookup(INDEXES.routesByHostname, 'a.example'))).toEqual(['x']);
    expect(names(store.lookup(INDEXES.routesBelowWildcard, '*.example'))).toEqual(['x', 'y']);
    expect(names(store.lookup(INDEXES.routesBelowWildcard, '*.example', 'b'))).toEqual(['y']);
    expect([...store.namespacesIn(INDEXES.routesBelowWildcard, '*.a.example')]).toEqual([['b', 1]]);
    expect(names(store.lookup(INDEXES.routesByParent, 'Gateway/a/p'))).toEqual(['x']);
  });

  test('F14 has neither object when the new one breaks an index', () => {
    const store = storeOf([route({ namespace: 'a', name: 'x', hostnames: ['a.example'], parents: ['p'] })]);
    const { apiVersion, kind, metadata } = route({ namespace: 'a', name: 'x', hostnames: [], parents: [] });
    expect(() => {
      store.put('HTTPRoute', { apiVersion, kind, metadata });
    }).toThrow(TypeError);
    expect([answers(store), store.count('HTTPRoute')]).toEqual([answers(new Store('all')), 0]);
  });

  test('counts every change', () => {
    const store = new Store('all');
    const x = route({ namespace: 'a', name: 'x', hostnames: [], parents: [] });
    const revisions = [store.revision];
    const note = (change: () => void): void => {
      change();
      revisions.push(store.revision);
    };
    note(() => {
      store.put('HTTPRoute', x);
    });
    note(() => {
      store.put('HTTPRoute', { ...x });
    });
    note(() => {
      store.delete('HTTPRoute', 'a', 'y');
    });
    note(() => {
      store.delete('HTTPRoute', 'a', 'x');
    });
    expect(revisions).toEqual([0, 1, 2, 2, 3]);
  });

  test('says how much of a kind is in sight', () => {
    const store = new Store('some');
    store.setVisibility('Service', 'all');
    expect([store.sees('Service'), store.sees('Gateway')]).toEqual(['all', 'some']);
  });
});

describe('overlay', () => {
  test.each<Operation>(['CREATE', 'DELETE'])(
    'of a %s leaves alone what has its name and is of another kind',
    (operation) => {
      const at = { namespace: 'a', name: 'x', hostnames: ['a.example'], parents: [] };
      const grpc = route(at, 'GRPCRoute');
      const store = new Store('all');
      store.put('GRPCRoute', grpc);
      const world = overlay(store, subject(operation, at));
      expect([...world.list('GRPCRoute')]).toEqual([grpc]);
      expect(world.get('GRPCRoute', 'a', 'x')).toBe(grpc);
      expect([...world.lookup(INDEXES.routesByHostname, 'a.example')].map(({ kind }) => kind)).toEqual(
        operation === 'DELETE' ? ['GRPCRoute'] : ['GRPCRoute', 'HTTPRoute'],
      );
      expect(countsOf(world.namespacesIn(INDEXES.routesByHostname, 'a.example'))).toEqual(
        countsOf(new Map([['a', operation === 'DELETE' ? 1 : 2]])),
      );
    },
  );

  test.each<Operation>(['CREATE', 'UPDATE', 'DELETE'])(
    'of a %s answers as a store in which it has happened',
    (operation) => {
      fc.assert(
        fc.property(
          fc.uniqueArray(shape, { selector: (s) => `${s.namespace}/${s.name}` }),
          shape,
          (standing, changed) => {
            const routes = standing.map((one) => route(one));
            const happened = storeOf(routes);
            if (operation === 'DELETE') happened.delete('HTTPRoute', changed.namespace, changed.name);
            else happened.put('HTTPRoute', route(changed));
            expect(answers(overlay(storeOf(routes), subject(operation, changed)))).toEqual(answers(happened));
          },
        ),
      );
    },
  );
});
