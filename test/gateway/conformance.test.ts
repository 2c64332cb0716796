import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  worldStatus,
  type Condition,
  type Features,
  type KubeObject,
  type ListenerStatus,
  type ObjectStatus,
} from '#gateway';
import { hasShared, sharedPath } from '../support/shared.ts';
import { documentsOf, isRecord, storeOf } from '../support/world.ts';

/** What upstream's conformance suite v1.6.1 expects, as far as manifests alone decide it. Every expectation is an assertion here. */
interface Expectations {
  readonly base: string;
  readonly mesh: string;
  readonly implicitResources: string;
  readonly routes: readonly (Entry & {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly parent: Named;
    readonly accepted: Wanted | null;
    readonly resolvedRefs: Wanted | null;
  })[];
  readonly listeners: readonly (Entry & {
    readonly parent: Named;
    readonly listener: {
      readonly name: string;
      readonly conditions: readonly WantedCondition[];
      readonly supportedKinds?: readonly string[];
      readonly attachedRoutes?: number;
    };
  })[];
  readonly allListenersReady: readonly (Entry & {
    readonly parent: Named;
    readonly conditions: readonly WantedCondition[];
  })[];
  readonly gatewaysWithZeroRoutes: readonly (Entry & { readonly parent: Named })[];
  readonly routesWithNoAcceptedParents: readonly (Entry & {
    readonly routeKind: string;
    readonly route: Omit<Named, 'kind'>;
  })[];
  readonly objectConditions: readonly (Entry & { readonly object: Named; readonly condition: WantedCondition })[];
  readonly attachedListenerSets: readonly (Entry & { readonly object: Named; readonly count: number })[];
  readonly policyConditions: readonly (Entry & {
    readonly object: Named;
    readonly ancestor: Omit<Named, 'kind'>;
    readonly condition: WantedCondition;
  })[];
  readonly variants: readonly { readonly test: string; readonly mutation: Mutation; readonly expect: VariantExpect }[];
  readonly tests: readonly { readonly test: string; readonly files: readonly string[] }[];
}

interface Entry {
  readonly test: string;
  readonly files: readonly string[];
  readonly source?: string;
  readonly sources?: readonly string[];
  readonly conditional?: string;
}

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface Wanted {
  readonly status: string;
  readonly reason: string | null;
}

interface WantedCondition extends Wanted {
  readonly type: string;
}

type Mutation =
  | { readonly op: 'remove'; readonly kind: string; readonly namespace: string; readonly name: string }
  | {
      readonly op: 'add';
      readonly object: Readonly<Record<string, unknown>> & { readonly metadata: Omit<Named, 'kind'> };
    }
  | { readonly op: 'appendListener'; readonly gateway: string; readonly listener: Readonly<Record<string, unknown>> }
  | { readonly op: 'removeListener'; readonly gateway: string; readonly listener: string };

interface VariantExpect {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly parent?: Named;
  readonly resolvedRefs?: Wanted | string;
  readonly accepted?: string;
  readonly bothAccepted?: boolean;
  readonly listener?: { readonly gateway: string; readonly name: string; readonly attachedRoutes: number };
  readonly listeners?: readonly { readonly name: string; readonly attachedRoutes: number }[];
}

const isExpectations = (value: unknown): value is Expectations => isRecord(value) && 'routes' in value;

function read(): Expectations {
  const parsed: unknown = JSON.parse(readFileSync(sharedPath('gateway-api/conformance/expectations.json'), 'utf8'));
  if (!isExpectations(parsed)) throw new Error('expectations.json has another shape');
  return parsed;
}

const CLASS = { '{GATEWAY_CLASS_NAME}': 'conformance' };
const worlds = new Map<string, readonly ObjectStatus[]>();

function objectsOf(expectations: Expectations, files: readonly string[]): readonly unknown[] {
  const all = new Set([expectations.base, expectations.implicitResources, ...files]);
  return [...all].flatMap((file) => documentsOf(sharedPath('gateway-api', file), CLASS));
}

function world(expectations: Expectations, { files }: Entry, features: Features = {}): readonly ObjectStatus[] {
  const key = `${files.join()} ${JSON.stringify(features)}`;
  const known = worlds.get(key);
  if (known !== undefined) return known;
  const made = worldStatus(storeOf(objectsOf(expectations, files)), { features });
  worlds.set(key, made);
  return made;
}

function find(statuses: readonly ObjectStatus[], { kind, namespace, name }: Named): ObjectStatus {
  const found = statuses.find(
    ({ kind: known, object }) =>
      known === kind && object.metadata.namespace === namespace && object.metadata.name === name,
  );
  if (found === undefined) throw new Error(`no ${kind} ${namespace}/${name} in the world`);
  return found;
}

function listenersOf(statuses: readonly ObjectStatus[], parent: Named): readonly ListenerStatus[] {
  const { status } = find(statuses, parent);
  if (status === undefined || !('listeners' in status)) throw new Error(`${parent.name} has no listener status`);
  return status.listeners;
}

/** The conditions of each entry that a route has for a parent. */
function entriesOf(
  statuses: readonly ObjectStatus[],
  route: Named,
  parent: Omit<Named, 'kind'>,
): readonly Conditions[] {
  const { status, object } = find(statuses, route);
  if (status === undefined || !('parents' in status)) throw new Error(`${route.name} has no parents`);
  return status.parents
    .filter(
      ({ parentRef }) =>
        parentRef.name === parent.name && (parentRef.namespace ?? namespaceOf(object)) === parent.namespace,
    )
    .map(({ conditions }) => conditions ?? []);
}

type Conditions = readonly Condition[];

function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

/** The condition as far as the expectation speaks: its reason only when that is asserted. */
function seen(conditions: Conditions, type: string, wanted: Wanted): Wanted | undefined {
  const found = conditions.find((entry) => entry.type === type);
  return found && { status: found.status, reason: wanted.reason === null ? null : found.reason };
}

const plain = ({ status, reason }: Wanted): Wanted => ({ status, reason });

/** What a conditional expectation needs; each is run with the implementation it is about. */
const CONDITIONS: Readonly<Record<string, Features>> = {
  'only when feature TLSRoute IS supported (HTTP listener otherwise untested)': {},
  'only when feature TLSRouteModeMixed is NOT supported': { TLSRouteModeMixed: false },
  'only when feature TLSRouteModeTerminate is NOT supported': { TLSRouteModeTerminate: false },
};

function featuresOf({ conditional }: Entry): Features {
  if (conditional === undefined) return {};
  const features = CONDITIONS[conditional];
  if (features === undefined) throw new Error(`unknown condition: ${conditional}`);
  return features;
}

describe.skipIf(!hasShared)('conformance v1.6.1', () => {
  const expectations: Expectations = hasShared
    ? read()
    : {
        base: '',
        mesh: '',
        implicitResources: '',
        routes: [],
        listeners: [],
        allListenersReady: [],
        gatewaysWithZeroRoutes: [],
        routesWithNoAcceptedParents: [],
        objectConditions: [],
        attachedListenerSets: [],
        policyConditions: [],
        variants: [],
        tests: [],
      };
  const ran = new Map<string, number>();
  const count = (family: string, assertions = 1): void => {
    ran.set(family, (ran.get(family) ?? 0) + assertions);
  };
  const named = <E extends Entry>(entries: readonly E[], name: (entry: E) => string): (readonly [string, E])[] =>
    entries.map((entry) => [`${entry.test}: ${name(entry)} (${entry.source ?? entry.sources?.join() ?? ''})`, entry]);

  test.each(named(expectations.routes, ({ kind, name, parent }) => `${kind} ${name} at ${parent.name}`))(
    'route %s',
    (_name, entry) => {
      const entries = entriesOf(world(expectations, entry, featuresOf(entry)), entry, entry.parent);
      const wanted: Record<string, Wanted> = {};
      if (entry.accepted !== null) wanted['Accepted'] = plain(entry.accepted);
      if (entry.resolvedRefs !== null) wanted['ResolvedRefs'] = plain(entry.resolvedRefs);
      count('routes', Object.keys(wanted).length);
      expect(
        entries.map((conditions) =>
          Object.fromEntries(Object.entries(wanted).map(([type, want]) => [type, seen(conditions, type, want)])),
        ),
      ).toContainEqual(wanted);
    },
  );

  test.each(named(expectations.listeners, ({ parent, listener }) => `${parent.name}/${listener.name}`))(
    'listener %s',
    (_name, entry) => {
      const { name, conditions, supportedKinds, attachedRoutes } = entry.listener;
      const listeners = listenersOf(world(expectations, entry, featuresOf(entry)), entry.parent);
      const listener = listeners.find((candidate) => candidate.name === name);
      const kinds = listener?.supportedKinds?.map(({ kind }) => kind) ?? [];
      const isEmpty = supportedKinds?.length === 0;
      expect({
        conditions: conditions.map((want) => ({
          type: want.type,
          ...seen(listener?.conditions ?? [], want.type, want),
        })),
        attachedRoutes: attachedRoutes === undefined ? undefined : listener?.attachedRoutes,
        supportedKinds: isEmpty ? kinds : supportedKinds?.filter((kind) => kinds.includes(kind)),
      }).toEqual({
        conditions: conditions.map((want) => ({ type: want.type, ...plain(want) })),
        attachedRoutes,
        supportedKinds,
      });
      count(
        'listeners',
        conditions.length + Number(attachedRoutes !== undefined) + Number(supportedKinds !== undefined),
      );
    },
  );

  test.each(named(expectations.allListenersReady, ({ parent }) => parent.name))(
    'all listeners ready %s',
    (_name, entry) => {
      const listeners = listenersOf(world(expectations, entry), entry.parent);
      const wanted = entry.conditions.map((want) => ({ type: want.type, ...plain(want) }));
      expect(listeners.length).toBeGreaterThan(0);
      expect(
        listeners.map(({ name, conditions }) => ({
          name,
          conditions: entry.conditions.map((want) => ({ type: want.type, ...seen(conditions, want.type, want) })),
        })),
      ).toEqual(listeners.map(({ name }) => ({ name, conditions: wanted })));
      count('allListenersReady', entry.conditions.length);
    },
  );

  test.each(named(expectations.gatewaysWithZeroRoutes, ({ parent }) => parent.name))('no routes %s', (_name, entry) => {
    const listeners = listenersOf(world(expectations, entry, featuresOf(entry)), entry.parent);
    expect(listeners.map(({ attachedRoutes }) => attachedRoutes)).toEqual(listeners.map(() => 0));
    count('gatewaysWithZeroRoutes');
  });

  test.each(named(expectations.routesWithNoAcceptedParents, ({ route }) => route.name))(
    'no accepted parent %s',
    (_name, entry) => {
      const { status } = find(world(expectations, entry), { kind: entry.routeKind, ...entry.route });
      const parents = status !== undefined && 'parents' in status ? status.parents : undefined;
      const accepted = parents?.map(
        ({ conditions = [] }) => conditions.find(({ type }) => type === 'Accepted')?.status,
      );
      expect(accepted).toEqual(parents?.map(() => 'False'));
      expect(accepted).toBeDefined();
      count('routesWithNoAcceptedParents');
    },
  );

  test.each(
    named(expectations.objectConditions, ({ object, condition }) => `${object.kind} ${object.name} ${condition.type}`),
  )('object %s', (_name, entry) => {
    const { status } = find(world(expectations, entry), entry.object);
    const conditions = status !== undefined && 'conditions' in status ? status.conditions : [];
    expect(seen(conditions, entry.condition.type, entry.condition)).toEqual(plain(entry.condition));
    count('objectConditions');
  });

  test.each(named(expectations.attachedListenerSets, ({ object }) => object.name))(
    'attached sets %s',
    (_name, entry) => {
      const { status } = find(world(expectations, entry), entry.object);
      expect(status).toMatchObject({ attachedListenerSets: entry.count });
      count('attachedListenerSets');
    },
  );

  test.each(named(expectations.policyConditions, ({ object, condition }) => `${object.name} ${condition.type}`))(
    'policy %s',
    (_name, entry) => {
      const { status } = find(world(expectations, entry), entry.object);
      const ancestors = status !== undefined && 'ancestors' in status ? status.ancestors : [];
      const found = ancestors.find(
        ({ ancestorRef }) =>
          ancestorRef.name === entry.ancestor.name && ancestorRef.namespace === entry.ancestor.namespace,
      );
      expect(seen(found?.conditions ?? [], entry.condition.type, entry.condition)).toEqual(plain(entry.condition));
      count('policyConditions');
    },
  );

  test.each(expectations.variants.map((variant) => [`${variant.test} ${variant.mutation.op}`, variant] as const))(
    'variant %s',
    (_name, variant) => {
      const files = expectations.tests.find(({ test: name }) => name === variant.test)?.files ?? [];
      const statuses = worldStatus(storeOf(mutate(objectsOf(expectations, files), variant.mutation)));
      const { expect: want } = variant;
      const infra = 'gateway-conformance-infra';
      if (want.parent !== undefined && typeof want.resolvedRefs === 'object') {
        const route = { kind: want.kind ?? '', namespace: want.namespace ?? '', name: want.name ?? '' };
        const { resolvedRefs } = want;
        expect(
          entriesOf(statuses, route, want.parent).map((found) => seen(found, 'ResolvedRefs', resolvedRefs)),
        ).toEqual([plain(resolvedRefs)]);
        count('variants');
      }
      if (want.listener !== undefined) {
        const { gateway, name, attachedRoutes } = want.listener;
        const listeners = listenersOf(statuses, { kind: 'Gateway', namespace: infra, name: gateway });
        expect(listeners.find((listener) => listener.name === name)?.attachedRoutes).toBe(attachedRoutes);
        count('variants');
      }
      if (want.bothAccepted === true) {
        const accepted = statuses.flatMap(({ kind, object, status }) =>
          /^(?:tcp|udp)route-attach-/.test(object.metadata.name) && status !== undefined && 'parents' in status
            ? status.parents.map(({ conditions = [] }) => [
                kind,
                seen(conditions, 'Accepted', { status: 'True', reason: null }),
              ])
            : [],
        );
        const kind = variant.test.startsWith('TCP') ? 'TCPRoute' : 'UDPRoute';
        expect(accepted).toEqual([
          [kind, { status: 'True', reason: null }],
          [kind, { status: 'True', reason: null }],
        ]);
        count('variants');
      }
      if (want.listeners !== undefined && 'gateway' in variant.mutation) {
        const listeners = listenersOf(statuses, { kind: 'Gateway', namespace: infra, name: variant.mutation.gateway });
        expect(
          listeners.map(({ name, attachedRoutes, conditions }) => ({
            name,
            attachedRoutes,
            conditions: conditions
              .filter(({ type }) => type === 'Accepted' || type === 'ResolvedRefs')
              .map(({ type, status }) => ({ type, status })),
          })),
        ).toEqual(
          want.listeners.map(({ name, attachedRoutes }) => ({
            name,
            attachedRoutes,
            conditions: [
              { type: 'Accepted', status: want.accepted },
              { type: 'ResolvedRefs', status: want.resolvedRefs },
            ],
          })),
        );
        count('variants');
      }
    },
  );

  test('every expectation has run', () => {
    expect(Object.fromEntries(ran)).toEqual({
      routes: 256,
      listeners: 234,
      allListenersReady: 273,
      gatewaysWithZeroRoutes: 11,
      routesWithNoAcceptedParents: 10,
      objectConditions: 61,
      attachedListenerSets: 11,
      policyConditions: 29,
      variants: 8,
    });
    const conditional = [...expectations.routes, ...expectations.listeners, ...expectations.gatewaysWithZeroRoutes]
      .filter((entry) => entry.conditional !== undefined)
      .map(({ test: name, conditional: why = '' }) => `  ${name}: ${why}`);
    const total = [...ran.values()].reduce((sum, assertions) => sum + assertions, 0);
    console.info(
      `conformance: ${total} assertions; conditional, run with that implementation:\n${conditional.join('\n')}`,
    );
  });
});

function mutate(objects: readonly unknown[], mutation: Mutation): readonly unknown[] {
  const isNamed = (raw: unknown, kind: string, name: string): boolean =>
    isRecord(raw) && raw['kind'] === kind && isRecord(raw['metadata']) && raw['metadata']['name'] === name;
  switch (mutation.op) {
    case 'remove':
      return objects.filter((raw) => !isNamed(raw, mutation.kind, mutation.name));
    case 'add':
      return [...objects, mutation.object];
    case 'appendListener':
    case 'removeListener':
      return objects.map((raw) => {
        if (!isNamed(raw, 'Gateway', mutation.gateway) || !isRecord(raw) || !isRecord(raw['spec'])) return raw;
        const value: unknown = raw['spec']['listeners'];
        const listeners: readonly unknown[] = Array.isArray(value) ? value : [];
        const changed: readonly unknown[] =
          mutation.op === 'appendListener'
            ? [...listeners, mutation.listener]
            : listeners.filter((listener) => !isRecord(listener) || listener['name'] !== mutation.listener);
        return { ...raw, spec: { ...raw['spec'], listeners: changed } };
      });
  }
}
