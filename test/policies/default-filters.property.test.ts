import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt, type RouteFilter } from '#gateway';
import { subjectOf, type Subject } from '#policy';
import { defaultFilters } from '../../policies/default-filters/policy.ts';
import { Store } from '../../src/cluster/store.ts';
import { applyPatch, evaluate, policySet, repair } from '../../src/engine/index.ts';
import { checkedObject } from '../support/policyTable.ts';

const KINDS_OF_LIST = ['set', 'add', 'remove'] as const;
const FIELDS = ['requestHeaderModifier', 'responseHeaderModifier'] as const;

interface Lists {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** Few names in two spellings, so that routes and documents meet; and enough of them to fill a list of 16. */
const name = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('A', 'a', 'B', 'b', 'C', 'c') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }).map((at) => `X-${at}`) },
);
const header = fc.record({ name, value: fc.constantFrom('1', '2') });
const listLength = { maxLength: 16, size: 'max' } as const;
const headers = fc.uniqueArray(header, { ...listLength, selector: (one) => one.name });

/** Lists as a route may have them: exact duplicates are refused by the CRD, other spellings and other lists are not. */
const routeLists = fc.record(
  { set: headers, add: headers, remove: fc.uniqueArray(name, listLength) },
  { requiredKeys: [] },
);

/** Lists as a document may have them: one action per name. */
const wantedLists = fc
  .uniqueArray(fc.record({ action: fc.constantFrom(...KINDS_OF_LIST), name, value: fc.constantFrom('1', '2') }), {
    minLength: 1,
    maxLength: 6,
    selector: (one) => one.name.toLowerCase(),
  })
  .map((all): Lists => {
    const of = (action: string) => all.filter((one) => one.action === action);
    const pairs = (action: string) => of(action).map((one) => ({ name: one.name, value: one.value }));
    return { set: pairs('set'), add: pairs('add'), remove: of('remove').map((one) => one.name) };
  });

const request = (lists: Lists): RouteFilter => ({ type: 'RequestHeaderModifier', requestHeaderModifier: lists });
const response = (lists: Lists): RouteFilter => ({ type: 'ResponseHeaderModifier', responseHeaderModifier: lists });
const extension: RouteFilter = {
  type: 'ExtensionRef',
  extensionRef: { group: 'example.com', kind: 'Plugin', name: 'a' },
};

const filters = fc
  .tuple(
    fc.option(routeLists.map(request), { nil: undefined }),
    fc.option(routeLists.map(response), { nil: undefined }),
    fc.oneof(fc.nat(16), fc.constantFrom(14, 15, 16)).map((count) => Array.from({ length: count }, () => extension)),
    fc.nat(14),
  )
  .map(([own, other, others, at]) => {
    const all = [...others.slice(0, at), own, other, ...others.slice(at)];
    return all.filter((filter) => filter !== undefined).slice(0, 16);
  });
const rule = fc.record({
  filters: fc.option(filters, { nil: undefined }),
  backendRefs: fc.constant([{ name: 'web', port: 80 }]),
});
const route = fc.record({
  apiVersion: fc.constant('gateway.networking.k8s.io/v1'),
  kind: fc.constantFrom('HTTPRoute', 'GRPCRoute'),
  metadata: fc.constant({ name: 'shop', namespace: 'team', labels: { constructor: 'a' } }),
  spec: fc.record({ rules: fc.array(rule, { minLength: 1, maxLength: 3 }) }),
});
const spec = fc.record({
  mode: fc.constant('Mutate'),
  onConflict: fc.constantFrom('KeepRoute', 'Override'),
  filters: fc
    .record({ own: wantedLists, other: wantedLists, which: fc.constantFrom('request', 'response', 'both') })
    .map(({ own, other, which }) => [
      ...(which === 'response' ? [] : [request(own)]),
      ...(which === 'request' ? [] : [response(other)]),
    ]),
});

type Route = typeof route extends fc.Arbitrary<infer R> ? R : never;

function subject(raw: unknown): Subject {
  const { kind, object } = checkedObject(raw);
  const parts = { kind, object, raw, operation: 'CREATE', namespace: 'team', subresource: '' } as const;
  return subjectOf({ ...parts, oldObject: undefined, rawOld: undefined, requester: undefined });
}

/** All that a rule's modifier of one kind does with a header, whatever its spelling. */
function actionsOn(
  filtersOfRule: readonly RouteFilter[],
  field: (typeof FIELDS)[number],
  of: string,
): readonly string[] {
  return filtersOfRule.flatMap((filter) => {
    const { set = [], add = [], remove = [] } = filter[field] ?? {};
    const same = (one: string): boolean => one.toLowerCase() === of.toLowerCase();
    return [
      ...set.filter((one) => same(one.name)).map((one) => `set ${one.value}`),
      ...add.filter((one) => same(one.name)).map((one) => `add ${one.value}`),
      ...remove.filter(same).map(() => 'remove'),
    ];
  });
}

function isRoute(raw: unknown): raw is Route {
  return Array.isArray(valueAt(raw, ['spec', 'rules']));
}

function filtersOf(object: Route, at: number): readonly RouteFilter[] {
  return object.spec.rules[at]?.filters ?? [];
}

function longestList(all: readonly RouteFilter[]): number {
  return Math.max(
    all.length,
    ...all.flatMap((filter) =>
      FIELDS.flatMap((field) => KINDS_OF_LIST.map((list) => filter[field]?.[list]?.length ?? 0)),
    ),
  );
}

test('a repaired route needs no repair, stays within the limits, doubles nothing and loses nothing', () => {
  fc.assert(
    fc.property(route, spec, (before, wanted) => {
      const { bound, issues } = defaultFilters.bind([{ name: 'headers', spec: wanted }]);
      expect(issues).toEqual([]);
      const set = policySet(bound, []);
      const store = new Store('all');
      const frozen = JSON.stringify(before);
      const first = repair(subject(before), store, set, 0, subject);
      expect(JSON.stringify(before)).toBe(frozen);
      expect(repair(first.subject, store, set, 0, subject).patch).toEqual([]);
      expect(applyPatch(before, first.patch)).toEqual(first.subject.raw);

      const left = evaluate(first.subject, store, set, 0).violations;
      const noRoom = left.filter(({ rule: id }) => id === 'default-filters/no-room');
      expect(left.filter(({ rule: id, fix }) => id === 'default-filters/missing-filter' || fix !== undefined)).toEqual(
        [],
      );

      const after = first.subject.raw;
      if (!isRoute(after)) throw new Error('the repaired object is no route');
      expect({ ...after, spec: { ...after.spec, rules: [] } }).toEqual({
        ...before,
        spec: { ...before.spec, rules: [] },
      });
      for (const [at, ruleBefore] of before.spec.rules.entries()) {
        const [was, is] = [filtersOf(before, at), filtersOf(after, at)];
        expect(after.spec.rules[at]?.backendRefs).toEqual(ruleBefore.backendRefs);
        expect(longestList(is)).toBeLessThanOrEqual(16);
        // Filters keep their places; new ones stand behind.
        expect(is.slice(0, was.length).map(({ type }) => type)).toEqual(was.map(({ type }) => type));
        for (const [side, field, type] of [
          ['request', 'requestHeaderModifier', 'RequestHeaderModifier'],
          ['response', 'responseHeaderModifier', 'ResponseHeaderModifier'],
        ] as const) {
          expect(is.filter((filter) => filter.type === type).length).toBeLessThanOrEqual(1);
          const full = noRoom.some(({ path, message }) => path[2] === at && message.includes(`: ${side}: `));
          const lists = wanted.filters.find((filter) => filter.type === type)?.[field] ?? {};
          const wantedOf = new Map([
            ...(lists.set ?? []).map((one) => [one.name.toLowerCase(), `set ${one.value}`] as const),
            ...(lists.add ?? []).map((one) => [one.name.toLowerCase(), `add ${one.value}`] as const),
            ...(lists.remove ?? []).map((one) => [one.toLowerCase(), 'remove'] as const),
          ]);
          for (const of of ['a', 'b', 'c', ...Array.from({ length: 21 }, (_, number) => `x-${number}`)]) {
            const [did, does] = [actionsOn(was, field, of), actionsOn(is, field, of)];
            const want = wantedOf.get(of);
            const keeps = want === undefined || full || (wanted.onConflict === 'KeepRoute' && did.length > 0);
            expect(does).toEqual(keeps ? did : [want]);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});
