import {
  MAX_FILE_BYTES,
  decodeFile,
  findFiles,
  readFiles,
  unreadable,
  type FileProblem,
  type TextFile,
} from '../cluster/files.ts';
import { ManifestReader, type Manifests, type Relocate } from '../cluster/manifests.ts';
import { EXIT, OperatorError } from '../errors.ts';
import type { Io } from '../telemetry/io.ts';
import type { CheckOptions } from './options.ts';
import type { Progress } from '../telemetry/progress.ts';

/** The most objects that are judged at once: far more than the largest clusters have, and they fit into 2 GB. */
const MAX_OBJECTS = 50_000;

/** All that was given to judge. */
export interface Inputs extends Manifests {
  /** Files that were read. */
  readonly files: number;
  /** Files and paths that could not be. */
  readonly problems: readonly OperatorError[];
  /** `templates` folders of Helm charts, which were passed over. */
  readonly charts: readonly string[];
}

/** Reads the files that the options name. Throws {@link OperatorError} when there is nothing to read from. */
export async function readInputs(options: CheckOptions, io: Io, progress: Progress): Promise<Inputs> {
  const { kustomize = [], reviews = [] } = options;
  const named = [...options.paths, ...reviews];
  const paths = named.length > 0 || kustomize.length > 0 || io.isTTY.stdin ? named : ['-'];
  if (paths.length === 0 && kustomize.length === 0) {
    const stored = options.cluster === undefined ? '' : '; audit --cluster judges what is stored';
    const problem = `nothing to check: name files or directories, or pipe manifests in${stored}`;
    throw new OperatorError('usage/invalid', { problem, command: options.command });
  }
  const reader = new ManifestReader(options.namespace ?? 'default', MAX_OBJECTS);
  const problems: OperatorError[] = [];
  const read = new Set<string>();
  let files = 0;
  const take = (file: TextFile | FileProblem, relocate?: Relocate): void => {
    files += 1;
    if ('text' in file) {
      read.add(file.name);
      reader.add(file, relocate);
    } else problems.push(unreadable(file));
    progress.show(() => `reading: ${files} files`);
  };
  if (paths.includes('-')) take(decodeFile(options.stdinFilename, await io.stdin(MAX_FILE_BYTES)));
  const found = await findFiles(
    paths.filter((path) => path !== '-'),
    io.cwd,
  );
  problems.push(...found.problems.map(unreadable));
  for await (const file of readFiles(found.files, io.cwd)) take(file);
  for (const directory of kustomize) {
    const { renderKustomization } = await import('./kustomize.ts');
    try {
      const { file, relocate } = await renderKustomization(directory, options.command, io);
      take(file, relocate);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.exitCode !== EXIT.input) throw error;
      problems.push(error);
    }
  }
  const { beyond } = reader.manifests;
  if (beyond > 0) problems.push(new OperatorError('input/too-many', { most: MAX_OBJECTS, beyond }));
  const reviewFiles = reviews.map((file) => (file === '-' ? options.stdinFilename : file));
  problems.push(...withoutReview(reviewFiles, read, reader.manifests));
  return { ...reader.manifests, files, problems, charts: found.charts };
}

/** Files that were said to hold AdmissionReviews, could be read, and hold none. */
function withoutReview(
  files: readonly string[],
  read: ReadonlySet<string>,
  { reviews }: Manifests,
): readonly OperatorError[] {
  const holding = new Set(reviews.map(({ origin }) => origin.file));
  return files
    .filter((file) => read.has(file) && !holding.has(file))
    .map((where) => new OperatorError('input/unparsable', { where, problem: 'holds no AdmissionReview' }));
}
