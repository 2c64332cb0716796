import { compareText } from './compareText.ts';
import type { KindName } from './kinds.ts';

/** What Gateward reads of `metadata`; Kubernetes ObjectMeta. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  /** RFC 3339, as the API server writes it. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Any Kubernetes object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A condition as an object carries it; Kubernetes `metav1.Condition`. A live snapshot keeps type, status and reason alone. */
export interface StoredCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** A condition as it is written. */
export interface Condition extends StoredCondition {
  readonly message: string;
}

/** Names one object. `namespace` is `""` for cluster-scoped kinds. */
export interface ObjectKey {
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
}

/** `Kind namespace/name`, as messages write an object; without a namespace `Kind name`. */
export function formatKey(key: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return key.namespace === '' ? `${key.kind} ${key.name}` : `${key.kind} ${key.namespace}/${key.name}`;
}

/** The key of an object of a known kind. */
export function keyOf(kind: KindName, object: KubeObject): ObjectKey {
  return { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** The key of a Namespace. */
export function namespaceKey(name: string): ObjectKey {
  return { kind: 'Namespace', namespace: '', name };
}

/** The keys, each once. */
export function distinctKeys(keys: readonly ObjectKey[]): readonly ObjectKey[] {
  return [...new Map(keys.map((key) => [formatKey(key), key])).values()];
}

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a text is a lowercase RFC 1123 subdomain of at most 253 characters (apimachinery `validation.IsDNS1123Subdomain`). */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** Whether an object is being deleted, and will be gone once its finalizers are. */
export function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** The order in which Gateway API prefers objects: older first, then `{namespace}/{name}` in code points; no timestamp = newest. */
export function compareAge(a: KubeObject, b: KubeObject): number {
  const ageA = a.metadata.creationTimestamp ?? '\u{10ffff}';
  const ageB = b.metadata.creationTimestamp ?? '\u{10ffff}';
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  const nameA = `${a.metadata.namespace ?? ''}/${a.metadata.name}`;
  const nameB = `${b.metadata.namespace ?? ''}/${b.metadata.name}`;
  return compareText(nameA, nameB);
}
