/** What a status says, flattened to one text for each question, so that two statuses of one object can be laid side by side. */
import { GATEWAY_GROUP, type Condition, type KindName } from '#gateway';
import { CONTROLLER_NAME } from './controller.ts';

/** Where a question stands in an object: nowhere in particular, at a parentRef or at a listener. */
export interface Place {
  /** `""`, `parents[0]` (the position in spec.parentRefs) or `listeners[name]`. */
  readonly at: string;
  /** What stands there in the spec. */
  readonly element: Readonly<Record<string, unknown>>;
  /** Question → answer: a condition as `Status/Reason`, a number, a list of kinds; `absent` when nothing is said. */
  readonly answers: ReadonlyMap<string, string>;
}

/** The part of an object's spec that questions are about. */
export interface Asked {
  readonly parentRefs?: readonly Reference[];
  readonly listeners?: readonly { readonly name: string }[];
  /** The Gateways that a policy has an entry for, on either side. */
  readonly ancestors?: readonly Reference[];
}

/** The parts of any status that hold answers. */
export interface Told {
  readonly conditions?: readonly Condition[];
  readonly parents?: readonly {
    readonly parentRef: Reference;
    readonly controllerName: string;
    readonly conditions?: readonly Condition[];
  }[];
  readonly listeners?: readonly {
    readonly name: string;
    readonly attachedRoutes?: number;
    readonly supportedKinds?: readonly { readonly group?: string; readonly kind: string }[];
    readonly conditions?: readonly Condition[];
  }[];
  readonly attachedListenerSets?: number;
  readonly ancestors?: readonly {
    readonly ancestorRef: Reference;
    readonly controllerName: string;
    readonly conditions?: readonly Condition[];
  }[];
}

/** A reference to a parent or ancestor. */
export interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

/** What the specification says of a condition that is not there. */
const BY_DEFAULT = new Map([
  // gw: "If this condition is not set, it is assumed that there are no conflicts."
  ['Conflicted', 'False/NoConflicts'],
]);

/** All questions about an object, with the answers of one status. A route entry counts as said by the controller or by the model. */
export function placesOf(kind: KindName, namespace: string, asked: Asked, told: Told): readonly Place[] {
  if (kind === 'BackendTLSPolicy') {
    return (asked.ancestors ?? []).map((ref) => {
      const entry = told.ancestors?.find(
        ({ ancestorRef, controllerName }) =>
          controllerName === CONTROLLER_NAME && ancestorKey(ancestorRef, namespace) === ancestorKey(ref, namespace),
      );
      return { at: `ancestors[${ancestorKey(ref, namespace)}]`, element: { ...ref }, answers: answersOf(entry) };
    });
  }
  if (asked.listeners === undefined) {
    return (asked.parentRefs ?? []).map((ref, index) => {
      const entry = told.parents?.find(
        ({ parentRef, controllerName }) => controllerName === CONTROLLER_NAME && sameRef(parentRef, ref, namespace),
      );
      return { at: `parents[${index}]`, element: { ...ref }, answers: answersOf(entry) };
    });
  }
  const whole = new Map([['Accepted', conditionOf(told.conditions, 'Accepted')]]);
  // A Gateway's Programmed rests on infrastructure, which is not there.
  if (kind === 'ListenerSet') whole.set('Programmed', conditionOf(told.conditions, 'Programmed'));
  else {
    whole.set('attachedListenerSets', String(told.attachedListenerSets ?? 0));
    // The condition is experimental: who has nothing to say against the references may leave it out.
    const said = conditionOf(told.conditions, 'ResolvedRefs');
    whole.set('ResolvedRefs', said === 'absent' ? 'True/ResolvedRefs' : said);
  }
  return [
    { at: '', element: {}, answers: whole },
    ...asked.listeners.map((listener) => {
      const said = told.listeners?.find(({ name }) => name === listener.name);
      const answers = new Map<string, string>([['entry', said === undefined ? 'absent' : 'present']]);
      if (said !== undefined) {
        for (const type of ['Accepted', 'ResolvedRefs', 'Conflicted', 'Programmed']) {
          answers.set(type, conditionOf(said.conditions, type));
        }
        answers.set('attachedRoutes', String(said.attachedRoutes ?? 0));
        answers.set('supportedKinds', kindsOf(said.supportedKinds ?? []));
      }
      return { at: `listeners[${listener.name}]`, element: { ...listener }, answers };
    }),
  ];
}

/** The Gateway or ListenerSet that an ancestor stands for, whichever part of it. */
export function ancestorKey(ref: Reference, namespace: string): string {
  return `${ref.kind ?? 'Gateway'} ${ref.namespace ?? namespace}/${ref.name}`;
}

function answersOf(entry: { readonly conditions?: readonly Condition[] } | undefined): ReadonlyMap<string, string> {
  if (entry === undefined) return new Map([['entry', 'absent']]);
  const types = ['Accepted', 'ResolvedRefs'] as const;
  return new Map([['entry', 'present'], ...types.map((type) => [type, conditionOf(entry.conditions, type)] as const)]);
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): string {
  const found = conditions?.find((condition) => condition.type === type);
  return found === undefined ? (BY_DEFAULT.get(type) ?? 'absent') : `${found.status}/${found.reason}`;
}

function kindsOf(kinds: readonly { readonly group?: string; readonly kind: string }[]): string {
  const names = kinds.map(({ group = GATEWAY_GROUP, kind }) => (group === GATEWAY_GROUP ? kind : `${group}/${kind}`));
  return [...new Set(names)].sort().join(',') || 'none';
}

function sameRef(a: Reference, b: Reference, namespace: string): boolean {
  const text = (ref: Reference): string =>
    JSON.stringify([
      ref.group ?? GATEWAY_GROUP,
      ref.kind ?? 'Gateway',
      ref.namespace ?? namespace,
      ref.name,
      ref.sectionName,
      ref.port,
    ]);
  return text(a) === text(b);
}
