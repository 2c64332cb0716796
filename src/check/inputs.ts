import { MAX_FILE_BYTES, decodeFile, findFiles, readFiles, type FileProblem, type TextFile } from '../cluster/files.ts';
import { ManifestReader, type Manifests } from '../cluster/manifests.ts';
import { OperatorError } from '../errors.ts';
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
  const paths = options.paths.length > 0 ? options.paths : io.isTTY.stdin ? [] : ['-'];
  if (paths.length === 0) {
    const problem = 'nothing to check: name files or directories, or pipe manifests in';
    throw new OperatorError('usage/invalid', { problem, command: 'check' });
  }
  const reader = new ManifestReader(options.namespace, MAX_OBJECTS);
  const problems: OperatorError[] = [];
  let files = 0;
  const take = (file: TextFile | FileProblem): void => {
    files += 1;
    if ('text' in file) reader.add(file);
    else problems.push(toError(file));
    progress.show(() => `reading: ${files} files`);
  };
  if (paths.includes('-')) take(decodeFile(options.stdinFilename, await io.stdin(MAX_FILE_BYTES)));
  const found = await findFiles(
    paths.filter((path) => path !== '-'),
    io.cwd,
  );
  problems.push(...found.problems.map(toError));
  for await (const file of readFiles(found.files, io.cwd)) take(file);
  const { beyond } = reader.manifests;
  if (beyond > 0) problems.push(new OperatorError('input/too-many', { most: MAX_OBJECTS, beyond }));
  return { ...reader.manifests, files, problems, charts: found.charts };
}

function toError({ file, problem, tooLarge }: FileProblem): OperatorError {
  return tooLarge
    ? new OperatorError('input/too-large', { file, limit: problem })
    : new OperatorError('input/unreadable', { file, problem });
}
