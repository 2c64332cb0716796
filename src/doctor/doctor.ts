import type { ApiConnection } from '../cluster/liveConnection.ts';
import { readInstallation } from '../cluster/liveInstallation.ts';
import { toldPolicyFiles } from '../cluster/policyFiles.ts';
import { EXIT } from '../errors.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import type { Io } from '../telemetry/io.ts';
import { diagnose } from './diagnose.ts';
import type { DoctorFailOn, DoctorFormat } from './options.ts';
import { renderDiagnosisJson, renderDiagnosisText } from './render.ts';

/** What `gateward doctor` is told. */
export interface DoctorOptions {
  /** The namespace that Gateward is in. */
  readonly namespace: string;
  /** Files and directories of the documents that are in force; none: those that the cluster shows. */
  readonly policies: readonly string[];
  readonly output: DoctorFormat;
  readonly failOn: DoctorFailOn;
  readonly color: boolean | undefined;
}

/** How long all of it may take, in milliseconds. */
const PATIENCE = 120_000;

/** `gateward doctor`: looks, tells, and gives the exit code. Writes nothing. Throws {@link OperatorError} as `readInstallation` does. */
export async function runDoctor(
  connection: ApiConnection,
  options: DoctorOptions,
  io: Io,
  deps: FaceDeps,
): Promise<number> {
  const { namespace, policies: paths, output, failOn } = options;
  const { policies } = deps;
  const given = paths.length === 0 ? undefined : await toldPolicyFiles(paths, policies, io);
  const where = { namespace, policies, now: io.now() };
  const seen = await readInstallation(connection, where, AbortSignal.timeout(PATIENCE));
  const lines = diagnose(seen, policies, given?.set);
  const text =
    output === 'json'
      ? renderDiagnosisJson(seen, lines)
      : renderDiagnosisText(lines, renderContext(options, io, deps).paint);
  io.stdout(text);
  // Of an installation that may not be looked at there is no healthy and no ill.
  if ('unseen' in seen.validating) return EXIT.cluster;
  const failing = failOn === 'warn' ? ['fail', 'warn', 'unknown'] : ['fail'];
  return lines.some(({ result }) => failing.includes(result)) ? EXIT.findings : EXIT.clean;
}
