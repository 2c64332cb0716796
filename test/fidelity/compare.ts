/** Lays what the model predicts beside what the controller wrote. */
import { ROUTE_KINDS, normalise, worldStatus, type KindName } from '#gateway';
import { Store } from '../../src/cluster/store.ts';
import { ancestorKey, placesOf, type Asked, type Place, type Reference, type Told } from './answers.ts';
import type { Manifest } from './api.ts';
import { CLASS_NAME } from './sketch.ts';

/** One question about one object, answered twice. */
export interface Comparison {
  readonly kind: KindName;
  readonly object: Manifest;
  readonly at: string;
  readonly element: Readonly<Record<string, unknown>>;
  /** `Accepted`, `ResolvedRefs`, `attachedRoutes`, … */
  readonly question: string;
  readonly ours: string;
  readonly theirs: string;
  /** The other answers of both at the same place: what an answer may follow from. */
  readonly context: { readonly ours: ReadonlyMap<string, string>; readonly theirs: ReadonlyMap<string, string> };
}

/** All questions that both sides answer, and the objects that the controller left without an answer. */
export interface Comparisons {
  readonly comparisons: readonly Comparison[];
  readonly unanswered: readonly Manifest[];
}

const COMPARED: readonly KindName[] = ['Gateway', 'ListenerSet', ...ROUTE_KINDS, 'BackendTLSPolicy'];

/** Predicts the status of all objects from their specs alone and compares it with the status that they carry. Throws when the model refuses an object. */
export function compare(objects: ReadonlyMap<KindName, readonly Manifest[]>): Comparisons {
  const predicted = predict(objects);
  const comparisons: Comparison[] = [];
  const unanswered: Manifest[] = [];
  for (const kind of COMPARED) {
    for (const object of objects.get(kind) ?? []) {
      const mine = predicted.get(keyOf(kind, object));
      if (kind === 'Gateway' || kind === 'ListenerSet') {
        const isAnswered = (told(object).conditions ?? []).some(({ status }) => status !== 'Unknown');
        if (!isAnswered && mine !== undefined) unanswered.push(object);
        if (!isAnswered || mine === undefined) {
          if (isAnswered)
            throw new Error(`${keyOf(kind, object)}: the controller speaks of what the model thinks unmanaged`);
          continue;
        }
      }
      comparisons.push(...between(kind, object, mine ?? {}));
    }
  }
  return { comparisons, unanswered };
}

function between(kind: KindName, object: Manifest, mine: Told): Comparison[] {
  const namespace = object.metadata.namespace ?? '';
  const spec: Asked = typeof object['spec'] === 'object' && object['spec'] !== null ? object['spec'] : {};
  const asked = kind === 'BackendTLSPolicy' ? { ancestors: ancestorsOf(namespace, mine, told(object)) } : spec;
  const ours = placesOf(kind, namespace, asked, mine);
  const theirs = placesOf(kind, namespace, asked, told(object));
  return ours.flatMap((place, index) => {
    const other: Place | undefined = theirs[index];
    if (other === undefined) return [];
    const context = { ours: place.answers, theirs: other.answers };
    const questions = [...new Set([...place.answers.keys(), ...other.answers.keys()])];
    const isOneSided = place.answers.get('entry') !== other.answers.get('entry');
    return questions
      .filter((question) => (isOneSided ? question === 'entry' : question !== 'entry' || questions.length === 1))
      .map((question) => ({
        kind,
        object,
        at: place.at,
        element: place.element,
        question,
        ours: place.answers.get(question) ?? 'absent',
        theirs: other.answers.get(question) ?? 'absent',
        context,
      }));
  });
}

/** The ancestors that either side names, each once. */
function ancestorsOf(namespace: string, ...sides: readonly Told[]): readonly Reference[] {
  const refs = sides.flatMap(({ ancestors = [] }) => ancestors.map(({ ancestorRef }) => ancestorRef));
  return [...new Map(refs.map((ref) => [ancestorKey(ref, namespace), ref])).values()];
}

/** The model's status of every object, from a store that has never seen the controller's. */
function predict(objects: ReadonlyMap<KindName, readonly Manifest[]>): ReadonlyMap<string, Told> {
  const store = new Store('all');
  for (const [kind, manifests] of objects) {
    for (const manifest of manifests) {
      const normalised = normalise(kind, { ...manifest, status: undefined });
      if (!normalised.ok) throw new Error(`${keyOf(kind, manifest)}: ${JSON.stringify(normalised.problems)}`);
      store.put(kind, normalised.object);
    }
  }
  const predicted = new Map<string, Told>();
  for (const { kind, object, status } of worldStatus(store, { classes: [CLASS_NAME] })) {
    if (status !== undefined) predicted.set(keyOf(kind, object), status);
  }
  return predicted;
}

function told(object: Manifest): Told {
  return typeof object['status'] === 'object' && object['status'] !== null ? object['status'] : {};
}

function keyOf(kind: KindName, { metadata }: { readonly metadata: Manifest['metadata'] }): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}
