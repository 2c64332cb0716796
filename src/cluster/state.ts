import { formatKey, keyOf, type KubeObject, type Visibility } from '#gateway';
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
 * The object under a name of its own to file it by, where its name is still to be generated: one that no object can have. `at` tells those
 * apart that begin alike.
 */
export function withName(object: KubeObject, at: number): KubeObject {
  const { name, generateName = '' } = object.metadata;
  if (name !== '') return object;
  return { ...object, metadata: { ...object.metadata, name: `${generateName}*${at}` } };
}

/** Manifests of which each has a name to file it by; see {@link withName}. */
export function named(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.map((manifest, at) => ({ ...manifest, object: withName(manifest.object, at) }));
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
