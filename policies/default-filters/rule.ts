import {
  valueAt,
  type FieldPath,
  type GRPCRouteMatch,
  type HTTPRouteMatch,
  type Header,
  type HeaderModifier,
  type RouteFilter,
} from '#gateway';
import type { Edit } from '#policy';
import {
  HEADER_ACTIONS,
  headersOf,
  mergeHeaders,
  namesAll,
  sameHeader,
  type HeaderLists,
  type WantedHeader,
} from './headers.ts';

/** The most entries that the CRDs allow in a rule's filters, and in each list of a header modifier. */
export const LIMIT = 16;

/** The filters that this policy merges, in the order in which it adds them. */
export const MODIFIERS = [
  { type: 'RequestHeaderModifier', field: 'requestHeaderModifier', side: 'request' },
  { type: 'ResponseHeaderModifier', field: 'responseHeaderModifier', side: 'response' },
] as const;
/** One of {@link MODIFIERS}. */
type Modifier = (typeof MODIFIERS)[number];

/** The headers that every rule must have, per filter type. */
export type WantedHeaders = ReadonlyMap<Modifier['type'], readonly WantedHeader[]>;

/** Headers of one filter type, at the place in the route that is about them. */
export interface HeadersAt {
  readonly path: FieldPath;
  readonly modifier: Modifier;
  readonly headers: readonly WantedHeader[];
  /** Of each of them what is asked for and what is done instead, as text: an UPDATE that does something else instead is another violation. */
  readonly done: readonly string[];
}

/** What a rule must become. */
export interface RulePlan {
  /** What the rule does not have and has room for; `edits` add all of it. */
  readonly missing: readonly HeadersAt[];
  readonly edits: readonly Edit[];
  /** What the rule does not have, and the list that is full. */
  readonly noRoom: readonly HeadersAt[];
}

/** The part of a rule that this policy reads. */
export interface Rule {
  readonly matches?: readonly (HTTPRouteMatch | GRPCRouteMatch)[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly { readonly filters?: readonly RouteFilter[] }[];
}

/** Whether the rule sends every request elsewhere: whatever it sets would be seen on a redirect only. */
export function isRedirectOnly(rule: Rule): boolean {
  return (rule.backendRefs ?? []).length === 0 && (rule.filters ?? []).some(({ type }) => type === 'RequestRedirect');
}

const NO_HEADERS: HeaderModifier = {};

/** Whether {@link planRule} with `KeepRoute` would find nothing: so it is for most rules, which should cost no plan. */
export function hasAll(rule: Rule, wanted: WantedHeaders): boolean {
  for (const { type, field } of MODIFIERS) {
    const headers = wanted.get(type);
    if (headers === undefined) continue;
    const own = rule.filters?.find((filter) => filter.type === type);
    if (!namesAll(own?.[field] ?? NO_HEADERS, headers)) return false;
  }
  return true;
}

/**
 * What the rule at `path` of the object lacks, with the edits that add it: merged into the rule's own modifier of that type, since the CRD
 * refuses two, else as a new filter at the end. `raw` is the object as it came, so that the edits create the parents that it does not have.
 */
export function planRule(
  rule: Rule,
  path: FieldPath,
  raw: unknown,
  wanted: WantedHeaders,
  onConflict: 'KeepRoute' | 'Override',
): RulePlan {
  const filters = rule.filters ?? [];
  const missing: HeadersAt[] = [];
  const noRoom: HeadersAt[] = [];
  const edits: Edit[] = [];
  const added: RouteFilter[] = [];
  for (const modifier of MODIFIERS) {
    const at = filters.findIndex(({ type }) => type === modifier.type);
    const present = filters[at]?.[modifier.field] ?? {};
    const merged = mergeHeaders(present, wanted.get(modifier.type) ?? [], onConflict);
    const headers = merged.missing;
    if (headers.length === 0) continue;
    const own = headersOf(present);
    const done = headers.map((header) =>
      JSON.stringify([modifier.side, header, own.filter(({ name }) => sameHeader(name, header.name))]),
    );
    const listPath = [...path, 'filters'];
    const ownPath = [...listPath, at, modifier.field];
    const full = HEADER_ACTIONS.find(
      (action) => merged.lists[action].length > Math.max(LIMIT, present[action]?.length ?? 0),
    );
    if (full !== undefined) noRoom.push({ path: at < 0 ? path : [...ownPath, full], modifier, headers, done });
    else if (at >= 0) {
      missing.push({ path: [...listPath, at], modifier, headers, done });
      edits.push(...editsOf(present, merged.lists, raw, ownPath));
    } else if (filters.length + added.length >= LIMIT) noRoom.push({ path: listPath, modifier, headers, done });
    else {
      missing.push({ path, modifier, headers, done });
      added.push({ type: modifier.type, [modifier.field]: compact(merged.lists) });
    }
  }
  edits.push(...append(raw, [...path, 'filters'], added));
  return { missing, edits, noRoom };
}

/** Where a backend's own filters do something else with a wanted header, after the rule's filters have done what is wanted. */
export function undoneByBackends(rule: Rule, path: FieldPath, wanted: WantedHeaders): readonly HeadersAt[] {
  return (rule.backendRefs ?? []).flatMap((backend, refAt) =>
    (backend.filters ?? []).flatMap((filter, filterAt) =>
      MODIFIERS.flatMap((modifier) => {
        const headers = headersOf(filter[modifier.field] ?? {}).filter((own) =>
          (wanted.get(modifier.type) ?? []).some(
            (header) =>
              sameHeader(header.name, own.name) && (header.action !== own.action || header.value !== own.value),
          ),
        );
        const at = [...path, 'backendRefs', refAt, 'filters', filterAt, modifier.field];
        const done = headers.map((header) => JSON.stringify([modifier.side, header]));
        return headers.length === 0 ? [] : [{ path: at, modifier, headers, done }];
      }),
    ),
  );
}

/**
 * From a modifier's lists to others, entry by entry, so that those which stay are left as they are written. What is removed comes last: a
 * modifier is never empty in between.
 */
function editsOf(from: HeaderModifier, to: HeaderLists, raw: unknown, path: FieldPath): readonly Edit[] {
  if (valueAt(raw, path) === undefined || valueAt(raw, path) === null) {
    return [{ op: 'add', path, value: compact(to) }];
  }
  const edits = HEADER_ACTIONS.flatMap((action) => listEdits(from[action] ?? [], to[action], raw, [...path, action]));
  return [...edits.filter(({ op }) => op !== 'remove'), ...edits.filter(({ op }) => op === 'remove')];
}

/** `after` has entries of `before` in their order, under the names they have, then new ones. */
function listEdits(
  before: readonly (Header | string)[],
  after: readonly (Header | string)[],
  raw: unknown,
  path: FieldPath,
): readonly Edit[] {
  if (after.length === 0) return before.length === 0 ? [] : [{ op: 'remove', path }];
  const changed: Edit[] = [];
  const gone: Edit[] = [];
  let kept = 0;
  for (const [at, entry] of before.entries()) {
    const value = after[kept];
    if (value === undefined || nameOf(value) !== nameOf(entry)) gone.push({ op: 'remove', path: [...path, at] });
    else {
      kept += 1;
      if (value !== entry) changed.push({ op: 'replace', path: [...path, at], value });
    }
  }
  // What goes does so from the last to the first, so that the positions before it stay.
  return [...changed, ...append(raw, path, after.slice(kept)), ...gone.reverse()];
}

function nameOf(entry: Header | string): string {
  return typeof entry === 'string' ? entry : entry.name;
}

/** Writes down the rules that the API server would default, when the object as it came has none to put filters in. */
export function rulesEdits(raw: unknown, rules: readonly unknown[]): readonly Edit[] {
  const path = ['spec', 'rules'];
  return Array.isArray(valueAt(raw, path)) ? [] : [{ op: 'add', path, value: rules }];
}

/** Entries at the end of a list of the object, which is created when it is not there. */
function append(raw: unknown, path: FieldPath, entries: readonly unknown[]): readonly Edit[] {
  if (entries.length === 0) return [];
  if (!Array.isArray(valueAt(raw, path))) return [{ op: 'add', path, value: entries }];
  return entries.map((value) => ({ op: 'add', path: [...path, '-'], value }));
}

function compact(lists: HeaderLists): HeaderModifier {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
