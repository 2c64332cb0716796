import { parse } from 'tldts';
import {
  HOSTNAME_ROUTE_KINDS,
  LISTENER_KINDS,
  ROUTE_KINDS,
  isMeshOnly,
  isOneOf,
  isWildcard,
  type FieldPath,
  type HostnameRouteKind,
  type Indexed,
  type KindName,
  type Listener,
  type ListenerKind,
  type RouteFilter,
} from '#gateway';

/** The kinds whose fields name hostnames, or whose annotations may. */
export const CLAIMING_KINDS = [...ROUTE_KINDS, ...LISTENER_KINDS] as const;
/** See {@link CLAIMING_KINDS}. */
type ClaimingKind = (typeof CLAIMING_KINDS)[number];

/** An object that may claim hostnames. */
export type Claimant = Indexed<ClaimingKind>;

/** A hostname as somebody wrote it, and where. */
export interface Written {
  readonly text: string;
  readonly path: FieldPath;
  /** What it is for: traffic of a route, of a listener, or a name in DNS. */
  readonly use: 'route' | 'listener' | 'annotation';
  /** The listener that names it. */
  readonly listener: Listener | undefined;
}

/** The kinds whose fields hold hostnames: among them rivals are looked for. */
export type HoldingKind = HostnameRouteKind | ListenerKind;

/** How a rival's hostname stands to the claimed one. */
export type Relation = 'the same hostname' | 'a wider hostname' | 'a narrower hostname';

/** One hostname of an object, as rivals are looked for. */
export interface Claim {
  readonly hostname: string;
  readonly use: Written['use'];
  /** The listener that claims it. */
  readonly listener: Listener | undefined;
  /** Only holders of the very hostname without a right to it count then: a right outranks every other claim. */
  readonly entitled: boolean;
}

/** Every hostname that an object claims in so many words: its fields, and the annotations that are read as claims. */
export function writtenHostnames(claimant: Claimant, annotationKeys: readonly string[]): readonly Written[] {
  const { object } = claimant;
  const annotated = [
    ...inAnnotations(object.metadata.annotations, ['metadata', 'annotations'], annotationKeys),
    ...(claimant.kind === 'Gateway'
      ? inAnnotations(
          claimant.object.spec.infrastructure?.annotations,
          ['spec', 'infrastructure', 'annotations'],
          annotationKeys,
        )
      : []),
  ];
  switch (claimant.kind) {
    case 'Gateway':
    case 'ListenerSet':
    case 'XListenerSet':
      return [
        ...claimant.object.spec.listeners.flatMap((listener, at): Written[] =>
          listener.hostname === undefined || listener.hostname === ''
            ? []
            : [
                {
                  text: listener.hostname,
                  path: ['spec', 'listeners', at, 'hostname'],
                  use: 'listener',
                  listener,
                },
              ],
        ),
        ...annotated,
      ];
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
      if (isMeshOnly(claimant.object)) return annotated;
      return [
        ...(claimant.object.spec.hostnames ?? []).map((text, at): Written => ({
          text,
          path: ['spec', 'hostnames', at],
          use: 'route',
          listener: undefined,
        })),
        ...annotated,
      ];
    default:
      return annotated;
  }
}

/** Annotations hold lists divided by commas, as external-dns reads them; a name that stands there again says nothing more. */
function inAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  keys: readonly string[],
): readonly Written[] {
  if (annotations === undefined) return [];
  return keys.flatMap((key) => {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    const texts = new Set((value ?? '').split(',').map((text) => text.trim()));
    return [...texts]
      .filter((text) => text !== '')
      .map((text): Written => ({ text, path: [...path, key], use: 'annotation', listener: undefined }));
  });
}

/** A route of a kind that has hostnames. */
export function isHostnameRoute(entry: Indexed<KindName>): entry is Indexed<HostnameRouteKind> {
  return isOneOf(HOSTNAME_ROUTE_KINDS, entry);
}

/** Whether it is a route that names no hostname, and so takes those of its listeners (doc hostnames). */
export function isHostless(claimant: Claimant): boolean {
  return isHostnameRoute(claimant) && (claimant.object.spec.hostnames ?? []).length === 0;
}

/** The listeners without a hostname that serve by hostname: TCP and UDP do not (gw). */
export function openListeners(claimant: Claimant): readonly { readonly listener: string; readonly path: FieldPath }[] {
  if (!isOneOf(LISTENER_KINDS, claimant)) return [];
  return claimant.object.spec.listeners.flatMap(({ name, hostname, protocol }, at) =>
    (hostname === undefined || hostname === '') && protocol !== 'TCP' && protocol !== 'UDP'
      ? [{ listener: name, path: ['spec', 'listeners', at, 'hostname'] }]
      : [],
  );
}

/** A canonical hostname is one already: nothing is to be looked for or checked in it. */
const CANONICAL = { allowPrivateDomains: true, extractHostname: false, validateHostname: false, detectIp: false };

/** The public suffix that a hostname is, or is a wildcard over: names under it belong to whoever registers them (publicsuffix.org). */
export function publicSuffixOf(hostname: string): string | undefined {
  const name = isWildcard(hostname) ? hostname.slice(2) : hostname;
  const { publicSuffix, isIcann, isPrivate } = parse(name, CANONICAL);
  return publicSuffix === name && (isIcann === true || isPrivate === true) ? name : undefined;
}

/** A hostname to which a filter sends the client or rewrites the request. */
export function targetHostnames(claimant: Claimant): readonly { readonly text: string; readonly path: FieldPath }[] {
  if (claimant.kind !== 'HTTPRoute') return [];
  return (claimant.object.spec.rules ?? []).flatMap((rule, r) => [
    ...filterTargets(rule.filters, ['spec', 'rules', r, 'filters']),
    ...(rule.backendRefs ?? []).flatMap((ref, b) =>
      filterTargets(ref.filters, ['spec', 'rules', r, 'backendRefs', b, 'filters']),
    ),
  ]);
}

function filterTargets(
  filters: readonly RouteFilter[] | undefined,
  path: FieldPath,
): readonly { readonly text: string; readonly path: FieldPath }[] {
  return (filters ?? []).flatMap(({ requestRedirect, urlRewrite }, f) => [
    ...(requestRedirect?.hostname === undefined
      ? []
      : [{ text: requestRedirect.hostname, path: [...path, f, 'requestRedirect', 'hostname'] }]),
    ...(urlRewrite?.hostname === undefined
      ? []
      : [{ text: urlRewrite.hostname, path: [...path, f, 'urlRewrite', 'hostname'] }]),
  ]);
}
