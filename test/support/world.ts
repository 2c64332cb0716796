import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import {
  formatPath,
  indexed,
  isRoute,
  kindOf,
  normalise,
  parseApiVersion,
  type Indexed,
  type KindName,
  type KubeObject,
  type RouteKind,
  type Visibility,
} from '#gateway';
import { Store } from '../../src/cluster/store.ts';

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a YAML text, before defaults. */
export function documentsIn(text: string): readonly unknown[] {
  return parseAllDocuments(text)
    .map((document) => {
      const object: unknown = document.toJS();
      return object;
    })
    .filter((object) => object !== null && object !== undefined);
}

/** The objects of a YAML file, with texts replaced first. */
export function documentsOf(path: string, replacements: Readonly<Record<string, string>> = {}): readonly unknown[] {
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  return documentsIn(text);
}

/** The kind of a foreign object, and the object with defaults; undefined for a kind that Gateward does not know. Throws on a wrong shape. */
export function admitted(raw: unknown): { readonly kind: KindName; readonly object: KubeObject } | undefined {
  if (!isRecord(raw) || typeof raw['apiVersion'] !== 'string' || typeof raw['kind'] !== 'string') {
    throw new Error(`no Kubernetes object: ${JSON.stringify(raw)}`);
  }
  const kind = kindOf(parseApiVersion(raw['apiVersion']).group, raw['kind']);
  if (kind === undefined) return undefined;
  return { kind, object: objectOf(kind, raw) };
}

/** A foreign object of a kind, with defaults. Throws on a wrong shape. */
export function objectOf(kind: KindName, raw: unknown): KubeObject {
  const normalised = normalise(kind, raw);
  if (normalised.ok) return normalised.object;
  const problems = normalised.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ');
  throw new Error(`${kind}: ${problems}`);
}

/** An object with a value at a path such as `spec.rules[].backendRefs[]`. */
export function nest([head = '', ...rest]: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const inner = rest.length === 0 ? value : nest(rest, value);
  return head.endsWith('[]') ? { [head.slice(0, -2)]: [inner] } : { [head]: inner };
}

/** A store of foreign objects, with defaults. */
export function storeOf(objects: Iterable<unknown>, visibility: Visibility = 'some'): Store {
  const store = new Store(visibility);
  for (const raw of objects) {
    const entry = admitted(raw);
    if (entry !== undefined) store.put(entry.kind, entry.object);
  }
  return store;
}

/** A route of a store. Throws when it is not there. */
export function routeIn(store: Store, kind: RouteKind, namespace: string, name: string): Indexed<RouteKind> {
  const object = store.get(kind, namespace, name);
  const entry = object === undefined ? undefined : indexed(kind, object);
  if (entry === undefined || !isRoute(entry)) throw new Error(`no ${kind} ${namespace}/${name}`);
  return entry;
}
