import { KINDS, worldStatus, type ObjectStatus, type StatusOptions } from '#gateway';
import { storeOf } from './world.ts';

/** Fields of a foreign object. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object of a kind as a user writes it; `at` is `namespace/name`, or a name for what is cluster-scoped. */
export function make(kind: keyof typeof KINDS, at: string, fields: Fields = {}, metadata: Fields = {}): Fields {
  const { group, versions } = KINDS[kind];
  const [namespace, name] = at.includes('/') ? at.split('/') : [undefined, at];
  return {
    apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
    kind,
    metadata: { ...(namespace === undefined ? {} : { namespace }), name, ...metadata },
    ...fields,
  };
}

/** A Namespace with labels. */
export function namespace(name: string, labels: Fields = {}): Fields {
  return make('Namespace', name, {}, { labels });
}

/** A listener; HTTP on port 80 for every namespace unless said otherwise. */
export function listener(name: string, fields: Fields = {}): Fields {
  return { name, port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } }, ...fields };
}

/** A Gateway with listeners. */
export function gateway(at: string, listeners: readonly Fields[], spec: Fields = {}, metadata: Fields = {}): Fields {
  return make('Gateway', at, { spec: { gatewayClassName: 'any', listeners, ...spec } }, metadata);
}

/** A ListenerSet of a Gateway named `namespace/name`. */
export function listenerSet(at: string, parent: string, listeners: readonly Fields[], metadata: Fields = {}): Fields {
  const [inNamespace, name] = parent.split('/');
  return make('ListenerSet', at, { spec: { parentRef: { namespace: inNamespace, name }, listeners } }, metadata);
}

/** A Service with TCP ports. */
export function service(at: string, ...ports: readonly number[]): Fields {
  return make('Service', at, { spec: { ports: ports.map((port) => ({ port })) } });
}

/** A ReferenceGrant; `from` and `to` as `group/kind/rest`, the core group empty. */
export function grant(at: string, from: readonly string[], to: readonly string[], metadata: Fields = {}): Fields {
  const split = (text: string): readonly [string, string, string | undefined] => {
    const [group = '', kind = '', rest] = text.split('/');
    return [group, kind, rest];
  };
  return make(
    'ReferenceGrant',
    at,
    {
      spec: {
        from: from.map(split).map(([group, kind, inNamespace]) => ({ group, kind, namespace: inNamespace })),
        to: to.map(split).map(([group, kind, name]) => ({ group, kind, ...(name === undefined ? {} : { name }) })),
      },
    },
    metadata,
  );
}

/**
 * The statuses of a world in short: object → lines. A route has a line per parent, a Gateway or ListenerSet one for itself and one per
 * listener: `Accepted=False/ListenersNotValid`. `Programmed` and what is as it should be (`True` with the usual reason, no conflict) is left
 * out.
 */
export function shortStatus(
  objects: Iterable<unknown>,
  options: StatusOptions = {},
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    worldStatus(storeOf(objects), options).map((entry) => {
      const { namespace: inNamespace = '', name } = entry.object.metadata;
      return [`${entry.kind} ${inNamespace}/${name}`, linesOf(entry)];
    }),
  );
}

const USUAL = ['Accepted=True/Accepted', 'ResolvedRefs=True/ResolvedRefs', 'Conflicted=False/NoConflicts'];

type Conditions = readonly { readonly type: string; readonly status: string; readonly reason: string }[];

function short(conditions: Conditions | undefined): string {
  const unusual = (conditions ?? [])
    .filter(({ type }) => type !== 'Programmed')
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    .filter((text) => !USUAL.includes(text));
  return unusual.length === 0 ? 'ok' : unusual.join(' ');
}

function linesOf({ status }: ObjectStatus): readonly string[] {
  if (status === undefined) return ['no status'];
  if ('parents' in status) {
    return status.parents.map(({ parentRef: ref, conditions }) => {
      const section = ref.sectionName === undefined ? '' : `#${ref.sectionName}`;
      const port = ref.port === undefined ? '' : `:${ref.port}`;
      return `${ref.kind ?? ''} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}${section}${port}: ${short(conditions)}`;
    });
  }
  if ('ancestors' in status) {
    return status.ancestors.map(
      ({ ancestorRef: ref, conditions }) => `${ref.kind ?? ''} ${ref.name}: ${short(conditions)}`,
    );
  }
  const sets =
    'attachedListenerSets' in status && status.attachedListenerSets > 0 ? `, ${status.attachedListenerSets} sets` : '';
  return [
    short(status.conditions) + sets,
    ...status.listeners.map(
      ({ name, attachedRoutes, conditions }) => `${name}: ${short(conditions)}, ${attachedRoutes} routes`,
    ),
  ];
}
