import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KIND_NAMES, compareText, formatKey, keyOf, type KindName, type Snapshot } from '#gateway';
import type { Policy, Subject } from '#policy';
import { storeOf } from '../cluster/state.ts';
import { asComment, suggestionText } from '../config/suggestion.ts';
import { standing } from '../engine/index.ts';
import { EXIT, OperatorError, writeProblem } from '../errors.ts';
import type { FaceDeps } from '../output/context.ts';
import { makeDirectory, writeNamedFile } from '../output/replaceFile.ts';
import type { Io } from '../telemetry/io.ts';
import { creationOf } from './judge.ts';
import { readManifests, type ManifestOptions } from './readManifests.ts';

/** What `gateward init` is told. */
export interface InitOptions {
  /** What is looked at. */
  readonly input: ManifestOptions;
  /** A whole cluster, in place of files. */
  readonly cluster?: Snapshot;
  /** A directory for a file of each document; undefined: standard output. */
  readonly directory: string | undefined;
  /** Writes over files that are there. */
  readonly force: boolean;
}

/**
 * `gateward init`: prints or writes a first set of policy documents for what there is, all of it on Warn. Gives the exit code. Throws
 * {@link OperatorError} when there is nothing to read, or a file that would be written is there.
 */
export async function runInit(options: InitOptions, io: Io, { policies }: FaceDeps): Promise<number> {
  const { snapshot, subjects, code } =
    options.cluster === undefined
      ? await fromFiles(options.input, io)
      : { ...fromCluster(options.cluster), code: EXIT.clean };
  const documents = policies.flatMap((policy) => {
    const suggestion = policy.suggest(subjects, snapshot);
    return suggestion === undefined ? [] : [{ policy, text: suggestionText(policy.kind, suggestion) }];
  });
  if (options.directory === undefined) {
    io.stdout(`${asComment(HEAD)}\n${documents.map(({ text }) => `---\n${text}`).join('')}`);
  } else await writeDocuments(options.directory, documents, options.force, io);
  return code;
}

/** Above the stream. */
const HEAD =
  'A first set of policy documents, guessed from what there is by gateward init; nothing in it denies. Read it, change it, keep it with your manifests, and see what it says: gateward check --policies FILE PATH… and gateward audit --policies FILE --cluster.';

/** The kinds that the policies judge and read, but for Secrets: nobody needs keys to write policies. */
export function kindsLookedAt(policies: readonly Policy[]): readonly KindName[] {
  const kinds = new Set(policies.flatMap(({ subjects, reads }) => [...subjects, ...reads]));
  return KIND_NAMES.filter((kind) => kinds.has(kind) && kind !== 'Secret' && kind !== 'ConfigMap');
}

interface Seen {
  readonly snapshot: Snapshot;
  readonly subjects: readonly Subject[];
}

async function fromFiles(input: ManifestOptions, io: Io): Promise<Seen & { readonly code: number }> {
  const { manifests, code } = await readManifests(input, 'init', io);
  return {
    snapshot: storeOf(manifests, 'some'),
    subjects: inOrder(manifests.map((manifest) => creationOf(manifest))),
    code,
  };
}

function fromCluster(snapshot: Snapshot): Seen {
  const subjects = KIND_NAMES.flatMap((kind) => [...snapshot.list(kind)].map((object) => standing(kind, object)));
  return { snapshot, subjects: inOrder(subjects) };
}

/** By kind, namespace and name, whatever the order of files and lists: the same objects give the same documents. */
function inOrder(subjects: readonly Subject[]): readonly Subject[] {
  const keyed = subjects.map((subject) => [formatKey(keyOf(subject.kind, subject.object)), subject] as const);
  return keyed.sort(([a], [b]) => compareText(a, b)).map(([, subject]) => subject);
}

async function writeDocuments(
  directory: string,
  documents: readonly { readonly policy: Policy; readonly text: string }[],
  force: boolean,
  io: Io,
): Promise<void> {
  const files = documents.map(({ policy, text }) => ({ file: join(directory, `${policy.id}.yaml`), text }));
  const there = files.filter(({ file }) => existsSync(resolve(io.cwd, file))).map(({ file }) => file);
  if (there.length > 0 && !force) {
    const problem = `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already: name another directory, or write over with --force`;
    throw new OperatorError('usage/invalid', { problem, command: 'init' });
  }
  await makeDirectory(resolve(io.cwd, directory)).catch((error: unknown) => {
    throw new OperatorError('output/unwritable', { file: directory, problem: writeProblem(error) }, error);
  });
  for (const { file, text } of files) {
    await writeNamedFile(file, text, io.cwd);
    io.stderr(`wrote ${file}\n`);
  }
  io.stderr(`next: gateward check --policies ${directory} PATH…\n`);
}
