import { chartLines } from '../cluster/files.ts';
import { unparsable, type Manifest } from '../cluster/manifests.ts';
import { EXIT, tellInput } from '../errors.ts';
import type { Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';
import { readInputs } from './inputs.ts';
import { CHECK_DEFAULTS, type CheckOptions } from './options.ts';

/** Which files to read. */
export type ManifestOptions = Pick<CheckOptions, 'paths' | 'stdinFilename' | 'namespace' | 'kustomize'>;

/** What can be read of the files that are named. */
export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  /** `EXIT.input` when something could not be read. */
  readonly code: number;
}

/** Reads manifests for a command, and tells what cannot be read. Throws {@link OperatorError} when there is nothing to read from. */
export async function readManifests(
  { paths, stdinFilename, namespace, kustomize = [] }: ManifestOptions,
  command: string,
  io: Io,
): Promise<ReadManifests> {
  const progress = new Progress(io);
  const named = { paths, stdinFilename, namespace, kustomize, command };
  const inputs = await readInputs({ ...CHECK_DEFAULTS, ...named }, io, progress);
  progress.clear();
  const unread = inputs.findings.filter(({ rule }) => rule !== 'duplicate');
  for (const problem of inputs.problems) io.stderr(tellInput(problem));
  for (const line of chartLines(inputs.charts, 'renders them')) io.stderr(`hint: ${line}\n`);
  for (const finding of unread) io.stderr(tellInput(unparsable(finding)));
  return { manifests: inputs.manifests, code: inputs.problems.length + unread.length > 0 ? EXIT.input : EXIT.clean };
}
