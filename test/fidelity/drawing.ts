/** The pieces that themes draw with. */
import { EXPERIMENTAL_GROUP, GATEWAY_GROUP, ROUTE_KINDS, type Listener, type ObjectReference } from '#gateway';
import type { Reference, Sketch } from './sketch.ts';

/** Names that meet and miss each other. */
export const HOSTNAMES = [
  'example.com',
  'a.example.com',
  'b.a.example.com',
  '*.example.com',
  '*.a.example.com',
  '*.com',
  'notexample.com',
  '*.other.org',
  '10.0.0.1',
];
/** `from`, the likelier ones more than once. */
export const FROM = ['All', 'All', 'Same', 'Selector', 'Selector', undefined];

/** A listener with what its protocol needs; `allowedRoutes` draws any namespaces, `from` just those. */
export function listener(
  s: Sketch,
  draft: {
    readonly port?: number;
    readonly protocol?: string;
    readonly hostname?: string;
    readonly from?: string | undefined;
    readonly allowedRoutes?: boolean;
  },
): Listener {
  const { port = 80, protocol = 'HTTP' } = draft;
  const namespaces =
    draft.allowedRoutes === true
      ? s.from(FROM)
      : draft.from === 'Selector'
        ? s.from(['Selector'])
        : draft.from === undefined
          ? undefined
          : { from: draft.from };
  const mode = protocol === 'TLS' && s.dice.chance(0.6) ? 'Passthrough' : 'Terminate';
  const tls = {
    mode,
    ...(mode === 'Terminate' ? { certificateRefs: [{ name: soundCertificate(s) }] } : {}),
  };
  return {
    name: '',
    port,
    protocol,
    ...(draft.hostname === undefined || protocol === 'TCP' || protocol === 'UDP' ? {} : { hostname: draft.hostname }),
    ...(protocol === 'HTTPS' || protocol === 'TLS' ? { tls } : {}),
    ...(namespaces === undefined ? {} : { allowedRoutes: { namespaces } }),
  };
}

/** In every namespace, so that no reference needs a grant. */
function soundCertificate(s: Sketch): string {
  for (const namespace of s.namespaces) s.certificate(namespace, 'sound');
  return s.certificate(s.infra, 'sound');
}

/** Port and protocol, and mostly a hostname. */
export function hostname(s: Sketch): { port: number; protocol: string; hostname?: string } {
  const [port, protocol] = s.dice.pick([
    [80, 'HTTP'],
    [80, 'HTTP'],
    [443, 'HTTPS'],
    [8443, 'TLS'],
  ] as const);
  return { port, protocol, ...(s.dice.chance(0.75) ? { hostname: s.dice.pick(HOSTNAMES) } : {}) };
}

/** A rule with backends that are there, or not, or may not be reached; and mirrors, at the rule or at a backend. */
export function rule(s: Sketch, kind: string, namespace: string): Readonly<Record<string, unknown>> {
  const mirrors = (chance: number): unknown[] =>
    /^(HTTP|GRPC)Route$/.test(kind) && s.dice.chance(chance)
      ? [{ type: 'RequestMirror', requestMirror: { backendRef: backendRef(s, kind, namespace) } }]
      : [];
  const withFilters = (chance: number): { filters?: unknown[] } => {
    const filters = mirrors(chance);
    return filters.length === 0 ? {} : { filters };
  };
  const backendRefs = Array.from({ length: 1 + s.dice.below(2) }, () => {
    const weight = s.dice.chance(0.15) ? { weight: 0 } : {};
    return { ...backendRef(s, kind, namespace), ...weight, ...withFilters(0.1) };
  });
  return { backendRefs, ...withFilters(0.2) };
}

/** A backend of any quality. */
export function backendRef(s: Sketch, kind: string, namespace: string): Reference {
  const far = s.dice.pick(s.namespaces);
  const port = kind === 'UDPRoute' ? 53 : 8080;
  switch (s.dice.below(15)) {
    case 0:
      return { name: 'missing', port };
    case 1:
      return { ...s.backend(namespace, kind), port: 9999 };
    case 2:
      return s.backend(namespace, kind === 'UDPRoute' ? 'TCPRoute' : 'UDPRoute');
    case 3:
      return s.externalService(namespace);
    case 4:
      return {
        group: s.dice.pick(['', 'example.com', 'apps']),
        kind: s.dice.pick(['Pod', 'Deployment']),
        name: 'web',
        port,
      };
    case 5:
      return {
        group: 'example.com',
        kind: 'Service',
        name: 'web',
        port,
        ...(s.dice.chance(0.5) ? { namespace: far } : {}),
      };
    case 6:
      return { name: 'missing', namespace: far, port };
    case 7:
      s.object(`${EXPERIMENTAL_GROUP}/v1alpha1`, 'XBackend', namespace, 'x', {
        spec: {
          type: 'ExternalHostname',
          externalHostname: { hostname: 'x.example.com' },
          port: { name: '', port: 443 },
        },
      });
      return s.dice.pick([
        { group: EXPERIMENTAL_GROUP, kind: 'XBackend', name: 'x' },
        { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'web', port },
      ]);
    case 8:
      return s.idleService(namespace, kind);
    case 9:
    case 10:
    case 11:
      return s.backend(far, kind, namespace);
    default:
      return { ...s.backend(namespace, kind), ...(s.dice.chance(0.2) ? { namespace } : {}) };
  }
}

/** A certificate of any quality. */
export function certificateRef(s: Sketch): ObjectReference {
  const states = ['sound', 'sound', 'sound', 'sound', 'mismatched', 'not PEM', 'empty', 'Opaque'] as const;
  const namespace = s.dice.pick([s.infra, s.infra, s.apps, s.other]);
  const name = s.dice.chance(0.85) ? s.certificate(namespace, s.dice.pick(states)) : 'missing';
  const type = s.dice.chance(0.08) ? { kind: 'ConfigMap' } : s.dice.chance(0.05) ? { group: 'example.com' } : {};
  return { name, ...type, ...(s.dice.chance(0.9) ? { namespace } : {}) };
}

/** A trust anchor of any quality. */
export function authorityRef(s: Sketch): Reference {
  const namespace = s.dice.pick([s.infra, s.infra, s.infra, s.other]);
  const name = s.dice.chance(0.85)
    ? s.authority(namespace, s.dice.pick(['sound', 'sound', 'sound', 'not PEM', 'other key']))
    : 'missing';
  const kind = s.dice.chance(0.85) ? 'ConfigMap' : s.dice.pick(['Secret', 'Service']);
  return {
    group: s.dice.chance(0.95) ? '' : 'example.com',
    kind,
    name,
    ...(namespace === s.infra ? {} : { namespace }),
  };
}

/** A grant of any quality: right, for another name, kind, group or namespace, in the wrong place, or wider than it looks. */
export function grant(s: Sketch, name: string): void {
  const kind = s.dice.pick([...ROUTE_KINDS, 'Gateway', 'ListenerSet']);
  const from = { group: s.dice.chance(0.9) ? GATEWAY_GROUP : '', kind, namespace: s.dice.pick(s.namespaces) };
  const target = s.dice.pick([
    { kind: 'Service', names: ['web', 'dns', 'missing'] },
    { kind: 'Secret', names: ['cert-sound', 'cert-opaque', 'missing'] },
    { kind: 'ConfigMap', names: ['ca-sound'] },
  ]);
  const to = {
    group: s.dice.chance(0.9) ? '' : 'example.com',
    kind: target.kind,
    ...(s.dice.chance(0.5) ? { name: s.dice.pick(target.names) } : {}),
  };
  const wide = s.dice.chance(0.3);
  s.grant(s.dice.pick(s.namespaces), name, {
    from: [
      from,
      ...(wide
        ? [
            { ...from, group: GATEWAY_GROUP, kind: 'HTTPRoute' },
            { ...from, kind: 'Gateway' },
          ]
        : []),
    ],
    to: [
      to,
      ...(wide
        ? [
            { group: '', kind: 'Service' },
            { group: '', kind: 'Secret' },
          ]
        : []),
    ],
  });
}

/** The references that the CRD lets stand together: to one parent, each with a section or port of its own. */
export function once(refs: readonly Reference[]): Reference[] {
  const taken = new Map<string, Reference[]>();
  return refs.filter((ref) => {
    const key = JSON.stringify([
      ref['group'] ?? GATEWAY_GROUP,
      ref['kind'] ?? 'Gateway',
      ref['namespace'] ?? '',
      ref['name'],
    ]);
    const siblings = taken.get(key) ?? [];
    const stands = siblings.every(
      (other) => part(other) !== '' && part(other) !== part(ref) && shape(other) === shape(ref),
    );
    if (stands) taken.set(key, [...siblings, ref]);
    return stands;
  });
}

function part(ref: Reference): string {
  return ref['sectionName'] === undefined && ref['port'] === undefined
    ? ''
    : JSON.stringify([ref['sectionName'], ref['port']]);
}

/** In the experimental channel, references to one parent must all have the same of the two fields. */
function shape(ref: Reference): string {
  return `${ref['sectionName'] !== undefined}/${ref['port'] !== undefined}`;
}
