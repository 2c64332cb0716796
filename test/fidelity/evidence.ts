/** What a disagreement may rest on: the objects of the run, and what both sides say elsewhere. */
import { GATEWAY_GROUP, ROUTE_KINDS, type KindName, type Listener } from '#gateway';
import type { Manifest } from './api.ts';
import type { Comparison } from './compare.ts';

/** A reference in a spec, as the worlds write it. */
export interface Ref {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

interface Rule {
  readonly backendRefs?: readonly (Ref & { readonly filters?: readonly unknown[] })[];
  readonly filters?: readonly { readonly type: string; readonly requestMirror?: { readonly backendRef: Ref } }[];
}

/** A run's objects and comparisons, by name. */
export class Evidence {
  readonly #objects: ReadonlyMap<KindName, readonly Manifest[]>;
  readonly #byObject: ReadonlyMap<string, readonly Comparison[]>;

  constructor(objects: ReadonlyMap<KindName, readonly Manifest[]>, comparisons: readonly Comparison[]) {
    this.#objects = objects;
    this.#byObject = Map.groupBy(comparisons, ({ kind, object }) => keyOf(kind, object));
  }

  list(kind: KindName): readonly Manifest[] {
    return this.#objects.get(kind) ?? [];
  }

  get(kind: KindName, namespace: string, name: string): Manifest | undefined {
    return this.list(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** Everything asked about an object. */
  about(kind: KindName, object: Manifest): readonly Comparison[] {
    return this.#byObject.get(keyOf(kind, object)) ?? [];
  }

  /** How many routes ask for the default Gateways. */
  routesForDefaults(): number {
    return ROUTE_KINDS.flatMap((kind) => this.list(kind)).filter((route) => specOf(route).useDefaultGateways === 'All')
      .length;
  }

  /** The ListenerSets that name this Gateway. */
  setsOf(gateway: Manifest): readonly Manifest[] {
    return this.list('ListenerSet').filter((set) => this.gatewayOf(set) === gateway);
  }

  /** The Gateway of a ListenerSet; a Gateway itself. */
  gatewayOf(owner: Manifest): Manifest | undefined {
    if (owner.kind === 'Gateway') return owner;
    const { parentRef } = specOf(owner);
    return parentRef && this.get('Gateway', parentRef.namespace ?? namespaceOf(owner), parentRef.name);
  }

  /** All listeners of a Gateway and of its ListenerSets, with their owners. */
  family(owner: Manifest): readonly { readonly owner: Manifest; readonly listener: Listener }[] {
    const gateway = this.gatewayOf(owner);
    if (gateway === undefined) return [];
    return [gateway, ...this.setsOf(gateway)].flatMap((one) =>
      (specOf(one).listeners ?? []).map((listener) => ({ owner: one, listener })),
    );
  }

  /** The holder of listeners that a parentRef of a route leads to. */
  parentOf(route: Manifest, ref: Ref): Manifest | undefined {
    const kind = ref.kind ?? 'Gateway';
    if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP || (kind !== 'Gateway' && kind !== 'ListenerSet'))
      return undefined;
    return this.get(kind, ref.namespace ?? namespaceOf(route), ref.name);
  }

  /** The parentRefs that lead to an owner, with the routes they stand in. */
  claimsOn(
    owner: Manifest,
  ): readonly { readonly route: Manifest; readonly kind: KindName; readonly index: number; readonly ref: Ref }[] {
    return ROUTE_KINDS.flatMap((kind) =>
      this.list(kind).flatMap((route) =>
        (specOf(route).parentRefs ?? []).flatMap((ref, index) =>
          this.parentOf(route, ref) === owner ? [{ route, kind, index, ref }] : [],
        ),
      ),
    );
  }
}

/** The fields of specs that classes look at. */
export function specOf(object: Manifest): {
  readonly parentRefs?: readonly Ref[];
  readonly parentRef?: Ref;
  readonly hostnames?: readonly string[];
  readonly listeners?: readonly Listener[];
  readonly rules?: readonly Rule[];
  readonly from?: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  readonly to?: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
  readonly tls?: {
    readonly backend?: { readonly clientCertificateRef?: Ref };
    readonly frontend?: {
      readonly default?: Validated;
      readonly perPort?: readonly { readonly port: number; readonly tls?: Validated }[];
    };
  };
  readonly infrastructure?: { readonly parametersRef?: Ref };
  readonly defaultScope?: string;
  readonly useDefaultGateways?: string;
  readonly targetRefs?: readonly Ref[];
  readonly validation?: { readonly caCertificateRefs?: readonly Ref[] };
} {
  return typeof object['spec'] === 'object' && object['spec'] !== null ? object['spec'] : {};
}

interface Validated {
  readonly validation?: { readonly caCertificateRefs?: readonly Ref[] };
}

/** All backends of a route: of rules, of their mirrors. */
export function backendsOf(route: Manifest): readonly (Ref & { readonly filters?: readonly unknown[] })[] {
  return (specOf(route).rules ?? []).flatMap(({ backendRefs = [], filters = [] }) => [
    ...backendRefs,
    ...filters.flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [requestMirror.backendRef])),
  ]);
}

/** The trust anchors that the Gateway has for a listener on this port. */
export function anchorsOf(gateway: Manifest, port: number): readonly Ref[] {
  const { frontend } = specOf(gateway).tls ?? {};
  const own = frontend?.perPort?.find((entry) => entry.port === port);
  return (own === undefined ? frontend?.default : own.tls)?.validation?.caCertificateRefs ?? [];
}

export function namespaceOf({ metadata }: Manifest): string {
  return metadata.namespace ?? '';
}

function keyOf(kind: KindName, object: Manifest): string {
  return `${kind} ${namespaceOf(object)}/${object.metadata.name}`;
}
