import {
  checkKeyMaterial,
  type KubeObject,
  type ObjectStatus,
  type ParentReference,
  type Reference,
  type Snapshot,
  type StatusOptions,
  type WorldStatusKind,
} from '#gateway';
import type { ComparedCondition, ComparisonVerdict } from './conditions.ts';

/** The kinds that a comparison reads. */
export type ComparisonKind = WorldStatusKind | 'Ingress';

/** Which part of an object's status a line is about; undefined: its own. */
export type StatusPart =
  | { readonly listener: string }
  | { readonly parentRef: ParentReference; readonly controllerName?: string }
  | { readonly ancestorRef: ParentReference; readonly controllerName: string };

/** A line of the comparison: what is predicted for an object, or a part of it, beside what its controller wrote. */
export interface StatusLine {
  readonly kind: ObjectStatus['kind'] | 'GatewayClass';
  /** `""` for a GatewayClass. */
  readonly namespace: string;
  readonly name: string;
  readonly part?: StatusPart;
  /** `unmanaged`: nothing is predicted, as no chosen controller writes here. */
  readonly verdict: ComparisonVerdict | 'unmanaged';
  readonly conditions: readonly ComparedCondition[];
  readonly attachedRoutes?: { readonly predicted: number; readonly actual: number | undefined };
  /** The addresses of a Gateway. */
  readonly addresses?: readonly string[];
  /** What the conditions do not say, a clause each. */
  readonly notes: readonly string[];
}

/** What is compared, and when. */
export interface ComparisonOptions extends StatusOptions {
  /** Only objects of this namespace, and the classes that its Gateways use; undefined: all. */
  readonly namespace: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the parts of a comparison share. */
export interface Ground {
  readonly snapshot: Snapshot<ComparisonKind>;
  readonly options: ComparisonOptions;
  /** How many parentRefs to a holder of listeners have a status that is still on its way, so that `attachedRoutes` may be as well: `Gateway/infra/public`. */
  readonly moving: Map<string, number>;
}

/** An object with a status, of a kind T. */
export type StatusOf<T extends ObjectStatus['kind']> = Extract<ObjectStatus, { readonly kind: T }>;

/** A line about which nothing is predicted, and why. */
export function unmanaged(note: string): Pick<StatusLine, 'verdict' | 'conditions' | 'notes'> {
  return { verdict: 'unmanaged', conditions: [], notes: [note] };
}

/** Milliseconds since the epoch; 0 when the object does not say. */
export function createdAt(object: KubeObject | undefined): number {
  const created = Date.parse(object?.metadata.creationTimestamp ?? '');
  return Number.isNaN(created) ? 0 : created;
}

/** Whether what is predicted of references to certificates or trust anchors rests on objects that are out of sight. */
export function restsOnUnseen(snapshot: Snapshot<ComparisonKind>, found: readonly Reference[]): boolean {
  return found.some((reference) => {
    const kind = reference.purpose === 'ca-certificate' ? 'ConfigMap' : 'Secret';
    return snapshot.sees(kind) === 'none' && checkKeyMaterial(snapshot, reference).problem === undefined;
  });
}
