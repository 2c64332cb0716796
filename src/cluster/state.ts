import { formatKey, keyOf, type Visibility } from '#gateway';
import { findFiles, readFiles } from './files.ts';
import { ManifestReader, type Manifest } from './manifests.ts';
import { Store } from './store.ts';

/** A world made of files. */
export interface State {
  readonly store: Store;
  /** Objects in the store. */
  readonly objects: number;
  /** One line for each file, document or object that is wrong, with its place. */
  readonly problems: readonly string[];
  /** One line for each object that is left out since its name is still to be generated, with its place. */
  readonly unnamed: readonly string[];
}

/** A store of manifests; of two with one name the later is there. Objects whose name is still to be generated are left out. */
export function storeOf(manifests: readonly Manifest[], visibility: Visibility): Store {
  const store = new Store(visibility);
  for (const { kind, object } of manifests) if (object.metadata.name !== '') store.put(kind, object);
  return store;
}

/**
 * Manifests of which each has a name to file it by: where that is still to be generated one that no object can have. A number tells those apart
 * that begin alike, whatever else there is, so that before and after a change they have the same.
 */
export function named(manifests: readonly Manifest[]): readonly Manifest[] {
  const counts = new Map<string, number>();
  return manifests.map((manifest) => {
    const { kind, object, namespace } = manifest;
    const { name, generateName = '' } = object.metadata;
    if (name !== '') return manifest;
    const alike = formatKey({ kind, namespace, name: generateName });
    const count = (counts.get(alike) ?? 0) + 1;
    counts.set(alike, count);
    return { ...manifest, object: { ...object, metadata: { ...object.metadata, name: `${generateName}*${count}` } } };
  });
}

/** The state of `--state DIR`: every object below a directory (or in a file), taken to be all there is. Never rejects. */
export async function loadState(directory: string): Promise<State> {
  const found = await findFiles([directory], '.');
  const problems = found.problems.map(({ file, problem }) => `${file}: ${problem}`);
  const reader = new ManifestReader('default');
  for await (const file of readFiles(found.files, '.')) {
    if ('text' in file) reader.add(file);
    else problems.push(`${file.file}: ${file.tooLarge ? `larger than ${file.problem}` : file.problem}`);
  }
  const { manifests, findings } = reader.manifests;
  for (const { origin, at, message } of findings) problems.push(`${origin.file}:${at.line}:${at.column}: ${message}`);
  const stored = manifests.filter(({ object }) => object.metadata.name !== '');
  const unnamed = manifests.flatMap(({ file, locate, kind, object: { metadata } }) => {
    if (metadata.name !== '') return [];
    const { line, column } = locate(['metadata', 'generateName'], 'key');
    const place = `${file}:${line}:${column}`;
    return `${place}: ${kind} ${metadata.generateName ?? ''}* has no name yet: no cluster holds such an object`;
  });
  const store = storeOf(stored, 'all');
  const objects = new Set(stored.map(({ kind, object }) => formatKey(keyOf(kind, object)))).size;
  return { store, objects, problems, unnamed };
}
