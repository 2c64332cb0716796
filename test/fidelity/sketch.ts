/** The paper that a theme draws a small world on: fresh namespaces, and the objects that several themes need. */
import { GATEWAY_GROUP, NAMESPACE_NAME_LABEL, type LabelSelector, type Listener, type NamespacesFrom } from '#gateway';
import type { Manifest } from './api.ts';
import type { Pki } from './controller.ts';
import type { Dice } from '../support/dice.ts';

/** The one GatewayClass that the controller manages; another one that nobody manages. */
export const CLASS_NAME = 'fidelity';
export const FOREIGN_CLASS_NAME = 'fidelity-foreign';

/** A reference as themes write it: whatever the CRD takes. */
export type Reference = Readonly<Record<string, unknown>>;

/** What a route says; the kind decides which of it is used. */
export interface RouteDraft {
  readonly parentRefs: readonly Reference[];
  readonly useDefaultGateways?: string;
  readonly hostnames?: readonly string[];
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
}

type Labels = Readonly<Record<string, string>>;

const LABEL_KEYS = ['team', 'tier', 'constructor', 'toString'];
const LABEL_VALUES = ['a', 'b', ''];

/** One small world in the making. */
export class Sketch {
  readonly dice: Dice;
  /** Objects in the order in which they are created; the second wave is at least a second younger. */
  readonly waves: readonly [Manifest[], Manifest[]] = [[], []];
  /** The namespace of the Gateways, and two of teams. */
  readonly infra: string;
  readonly apps: string;
  readonly other: string;
  readonly #pki: Pki;
  readonly #known = new Set<string>();

  constructor(name: string, dice: Dice, pki: Pki) {
    this.dice = dice;
    this.#pki = pki;
    [this.infra, this.apps, this.other] = [`${name}-infra`, `${name}-apps`, `${name}-other`];
    for (const namespace of this.namespaces)
      this.#put('v1', 'Namespace', undefined, namespace, {}, false, this.labels());
  }

  get namespaces(): readonly [string, string, string] {
    return [this.infra, this.apps, this.other];
  }

  labels(): Labels {
    return Object.fromEntries(this.dice.some(LABEL_KEYS, 0, 3).map((key) => [key, this.dice.pick(LABEL_VALUES)]));
  }

  /** Selectors of every operator, empty ones, and ones that no API server would take in a built-in kind. */
  selector(): LabelSelector | undefined {
    const { dice } = this;
    const term = (): { key: string; operator: string; values?: string[] } => {
      const key = dice.pick([...LABEL_KEYS, NAMESPACE_NAME_LABEL]);
      const operator = dice.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
      const values = key === NAMESPACE_NAME_LABEL ? [...this.namespaces] : LABEL_VALUES;
      return operator.endsWith('In') ? { key, operator, values: dice.some(values, 1, 2) } : { key, operator };
    };
    const shape = dice.below(12);
    if (shape === 0) return undefined;
    if (shape === 1) return {};
    if (shape === 2) return { matchLabels: { [NAMESPACE_NAME_LABEL]: dice.pick(this.namespaces) } };
    if (shape === 3) {
      return {
        matchExpressions: [
          dice.pick([
            { key: 'team', operator: 'In' },
            { key: 'team', operator: 'Near', values: ['a'] },
          ]),
        ],
      };
    }
    if (shape < 7) return { matchLabels: this.labels() };
    return {
      ...(dice.chance(0.3) ? { matchLabels: this.labels() } : {}),
      matchExpressions: [term(), ...(dice.chance(0.4) ? [term()] : [])],
    };
  }

  /** `allowedRoutes.namespaces` or `allowedListeners.namespaces`; undefined leaves it to the default. */
  from(choices: readonly (string | undefined)[]): NamespacesFrom | undefined {
    const from = this.dice.pick(choices);
    const selector = from === 'Selector' || (from === undefined && this.dice.chance(0.3)) ? this.selector() : undefined;
    if (from === undefined && selector === undefined) return undefined;
    return { ...(from === undefined ? {} : { from }), ...(selector === undefined ? {} : { selector }) };
  }

  gateway(
    name: string,
    listeners: readonly Listener[],
    more: Readonly<Record<string, unknown>> = {},
    namespace = this.infra,
  ): void {
    this.#put(`${GATEWAY_GROUP}/v1`, 'Gateway', namespace, name, {
      spec: { gatewayClassName: CLASS_NAME, listeners: this.distinct(listeners), ...more },
    });
  }

  listenerSet(
    name: string,
    namespace: string,
    listeners: readonly Listener[],
    parentRef: Reference,
    younger = false,
  ): void {
    const spec = { parentRef, listeners: this.distinct(listeners) };
    this.#put(`${GATEWAY_GROUP}/v1`, 'ListenerSet', namespace, name, { spec }, younger);
  }

  /** A route of any kind; what its kind cannot have is left out, what it must have is filled in. */
  route(kind: string, namespace: string, name: string, draft: RouteDraft, younger = false): void {
    const rules = draft.rules ?? [{ backendRefs: [this.backend(namespace, kind)] }];
    const l4 = kind === 'TCPRoute' || kind === 'UDPRoute';
    // The CRD of TLSRoute, unlike the others, refuses addresses.
    const named = (draft.hostnames ?? []).filter((hostname) => kind !== 'TLSRoute' || !/^[\d.]+$/.test(hostname));
    const hostnames = kind === 'TLSRoute' && named.length === 0 ? ['a.example.com'] : named;
    const spec = {
      ...draft,
      rules: l4 || kind === 'TLSRoute' ? rules.slice(0, 1) : rules,
      ...(l4 || hostnames.length === 0 ? { hostnames: undefined } : { hostnames }),
    };
    this.#put(`${GATEWAY_GROUP}/v1`, kind, namespace, name, { spec }, younger);
  }

  /** A reference to a Service that is there, with an endpoint. */
  backend(namespace: string, kind: string, from = namespace): Reference {
    const [name, port, protocol] =
      kind === 'UDPRoute' ? (['dns', 53, 'UDP'] as const) : (['web', 8080, 'TCP'] as const);
    this.#service(namespace, name, port, protocol);
    return { name, port, ...(namespace === from ? {} : { namespace }) };
  }

  /** A Service that is there, without an endpoint. */
  idleService(namespace: string, kind: string): Reference {
    const [port, protocol] = kind === 'UDPRoute' ? ([53, 'UDP'] as const) : ([8080, 'TCP'] as const);
    const name = `idle-${protocol.toLowerCase()}`;
    const ports = [{ name: 'main', port, protocol }];
    this.#put('v1', 'Service', namespace, name, { spec: { clusterIP: 'None', ports } });
    return { name, port };
  }

  /** A Service that is a name elsewhere. */
  externalService(namespace: string): Reference {
    this.#put('v1', 'Service', namespace, 'far', {
      spec: { type: 'ExternalName', externalName: 'far.example.com', ports: [{ port: 80 }] },
    });
    return { name: 'far', port: 80 };
  }

  /** `spec` of a ReferenceGrant. */
  grant(namespace: string, name: string, spec: Readonly<Record<string, unknown>>): void {
    this.#put(`${GATEWAY_GROUP}/v1`, 'ReferenceGrant', namespace, name, { spec });
  }

  /** A Secret for listeners, sound or broken in one of the ways there are; gives its name. */
  certificate(namespace: string, state: 'sound' | 'mismatched' | 'not PEM' | 'empty' | 'Opaque'): string {
    const { leaf, otherLeaf } = this.#pki;
    const name = `cert-${state.toLowerCase().replace(' ', '-')}`;
    const pair =
      state === 'not PEM'
        ? ['bytes', 'bytes']
        : state === 'empty'
          ? ['', '']
          : [leaf.certificate, (state === 'mismatched' ? otherLeaf : leaf).key];
    const [certificate = '', key = ''] = pair.map((text) => Buffer.from(text).toString('base64'));
    const type = state === 'Opaque' ? 'Opaque' : 'kubernetes.io/tls';
    this.#put('v1', 'Secret', namespace, name, { type, data: { 'tls.crt': certificate, 'tls.key': key } });
    return name;
  }

  /** A ConfigMap for client certificate validation; gives its name. */
  authority(namespace: string, state: 'sound' | 'not PEM' | 'other key'): string {
    const name = `ca-${state.replace(' ', '-').toLowerCase()}`;
    const data =
      state === 'other key' ? { note: 'no ca.crt here' } : { 'ca.crt': state === 'sound' ? this.#pki.ca : 'bytes' };
    this.#put('v1', 'ConfigMap', namespace, name, { data });
    return name;
  }

  /** Anything else that a theme needs. */
  object(
    apiVersion: string,
    kind: string,
    namespace: string,
    name: string,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    this.#put(apiVersion, kind, namespace, name, fields);
  }

  /** The listeners that the CRD lets stand together: names and (port, protocol, hostname) differ. */
  distinct(listeners: readonly Listener[]): Listener[] {
    const taken = new Set<string>();
    return listeners
      .filter(({ port, protocol, hostname }) => {
        const key = `${port}/${protocol}/${hostname ?? ''}`;
        const isNew = !taken.has(key);
        taken.add(key);
        return isNew;
      })
      .map((listener, index) => ({ ...listener, name: `l${index}` }));
  }

  #service(namespace: string, name: string, port: number, protocol: string): void {
    const ports = [{ name: 'main', port, protocol }];
    this.#put('v1', 'Service', namespace, name, { spec: { clusterIP: 'None', ports } });
    const labels = { 'kubernetes.io/service-name': name };
    this.#put('discovery.k8s.io/v1', 'EndpointSlice', namespace, name, endpoints(ports), false, labels);
  }

  #put(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
    fields: Readonly<Record<string, unknown>>,
    younger = false,
    labels?: Labels,
  ): void {
    const key = `${kind}/${namespace ?? ''}/${name}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const metadata = {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
    };
    this.waves[younger ? 1 : 0].push({ apiVersion, kind, metadata, ...fields });
  }
}

/** The part of an EndpointSlice below its metadata: one endpoint for each port. */
export function endpoints(
  ports: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[],
): Readonly<Record<string, unknown>> {
  return {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.200.0.1'], conditions: { ready: true } }],
    ports: ports.map(({ name, port, protocol }) => ({ name: name ?? '', port, protocol: protocol ?? 'TCP' })),
  };
}
