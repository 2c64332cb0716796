import type { RouteFilter } from '../filter.ts';
import type { RequestRouteKind } from '../requestMatch.ts';
import { formatPath, type FieldPath } from '../fieldPath.ts';
import type { Indexed } from '../kindMap.ts';
import type { RouteKind } from '../kinds.ts';

/** A rule that an implementation cannot accept as it is written. */
export interface RuleProblem {
  /** The position of the rule. */
  readonly rule: number;
  /** `UnsupportedValue`: an enum value that the specification does not know. `IncompatibleFilters`: a redirect beside a rewrite (shared). */
  readonly reason: 'UnsupportedValue' | 'IncompatibleFilters';
  readonly message: string;
}

const MATCH_TYPES = ['Exact', 'RegularExpression'];
const FILTERS: Readonly<Record<RequestRouteKind, readonly string[]>> = {
  HTTPRoute: [
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'CORS',
    'ExternalAuth',
    'ExtensionRef',
  ],
  GRPCRoute: ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef'],
};
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/**
 * The rules of a route that no implementation accepts: unknown enum values (shared: RouteReasonUnsupportedValue), which a CRD refuses but a
 * file may hold, and a redirect beside a rewrite in one rule, its backendRefs included (http: HTTPURLRewriteFilter;
 * RouteReasonIncompatibleFilters). One problem per rule.
 */
export function ruleProblems(route: Indexed<RouteKind>): readonly RuleProblem[] {
  if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') return [];
  const problems: RuleProblem[] = [];
  for (const [rule, { filters = [], backendRefs = [] }] of (route.object.spec.rules ?? []).entries()) {
    const path = ['spec', 'rules', rule];
    const lists = [
      { at: [...path, 'filters'], filters },
      ...backendRefs.map((backend, b) => ({
        at: [...path, 'backendRefs', b, 'filters'],
        filters: backend.filters ?? [],
      })),
    ];
    const unsupported = [
      ...matchValues(route, rule),
      ...lists.flatMap((list) =>
        list.filters.flatMap((filter, f) => filterValues(route.kind, [...list.at, f], filter)),
      ),
    ].find(({ value, known }) => value !== undefined && !known.includes(value));
    if (unsupported !== undefined) {
      const { path: at, value = '', known } = unsupported;
      const message = `${formatPath(at)} is "${value}"; supported: ${known.join(', ')}`;
      problems.push({ rule, reason: 'UnsupportedValue', message });
      continue;
    }
    const types = new Set(lists.flatMap((list) => list.filters.map(({ type }) => type)));
    if (types.has('RequestRedirect') && types.has('URLRewrite')) {
      const message = `${formatPath(path)} has both a RequestRedirect and a URLRewrite`;
      problems.push({ rule, reason: 'IncompatibleFilters', message });
    }
  }
  return problems;
}

/** An enum field: what it holds and what it may. */
interface EnumValue {
  readonly path: FieldPath;
  readonly value: string | undefined;
  readonly known: readonly string[];
}

function matchValues(route: Indexed<RequestRouteKind>, rule: number): readonly EnumValue[] {
  const path = ['spec', 'rules', rule, 'matches'];
  if (route.kind === 'GRPCRoute') {
    return (route.object.spec.rules?.[rule]?.matches ?? []).flatMap((match, m) => [
      { path: [...path, m, 'method', 'type'], value: match.method?.type, known: MATCH_TYPES },
      ...typesOf([...path, m, 'headers'], match.headers),
    ]);
  }
  return (route.object.spec.rules?.[rule]?.matches ?? []).flatMap((match, m) => [
    {
      path: [...path, m, 'path', 'type'],
      value: match.path?.type,
      known: ['Exact', 'PathPrefix', 'RegularExpression'],
    },
    { path: [...path, m, 'method'], value: match.method, known: METHODS },
    ...typesOf([...path, m, 'headers'], match.headers),
    ...typesOf([...path, m, 'queryParams'], match.queryParams),
  ]);
}

function typesOf(path: FieldPath, matches: readonly { readonly type?: string }[] | undefined): readonly EnumValue[] {
  return (matches ?? []).map(({ type }, at) => ({ path: [...path, at, 'type'], value: type, known: MATCH_TYPES }));
}

function filterValues(kind: RequestRouteKind, path: FieldPath, filter: RouteFilter): readonly EnumValue[] {
  const redirect = filter.requestRedirect;
  const modifiers = ['ReplaceFullPath', 'ReplacePrefixMatch'];
  return [
    { path: [...path, 'type'], value: filter.type, known: FILTERS[kind] },
    { path: [...path, 'requestRedirect', 'scheme'], value: redirect?.scheme, known: ['http', 'https'] },
    {
      path: [...path, 'requestRedirect', 'statusCode'],
      value: redirect?.statusCode?.toString(),
      known: ['301', '302', '303', '307', '308'],
    },
    { path: [...path, 'requestRedirect', 'path', 'type'], value: redirect?.path?.type, known: modifiers },
    { path: [...path, 'urlRewrite', 'path', 'type'], value: filter.urlRewrite?.path?.type, known: modifiers },
  ];
}
