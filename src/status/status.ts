import { worldStatus, type ObjectStatus } from '#gateway';
import {
  MAX_FILE_BYTES,
  chartLines,
  decodeFile,
  findFiles,
  readFiles,
  unreadable,
  type FileProblem,
  type TextFile,
} from '../cluster/files.ts';
import { ManifestReader, unparsable, type ManifestFinding } from '../cluster/manifests.ts';
import { named, storeOf } from '../cluster/state.ts';
import type { Store } from '../cluster/store.ts';
import { EXIT, OperatorError, tellInput } from '../errors.ts';
import { renderPicture, worldGraph } from '../report/graph/index.ts';
import { objectText } from '../report/finding.ts';
import { statusJson, statusYaml } from '../report/statusList.ts';
import { statusTable, unwrittenLines } from '../report/statusTable.ts';
import type { Io } from '../telemetry/io.ts';
import { markFor } from './mark.ts';
import type { StatusFaceOptions } from './options.ts';

/**
 * `gateward status`: prints the conditions that a controller would set on the objects of files, and gives the exit code: 0, or 3 when some
 * input could not be read or is refused (the rest is printed all the same). Throws {@link OperatorError} when nothing is named to read.
 */
export async function runStatus(options: StatusFaceOptions, io: Io): Promise<number> {
  const { reader, problems, charts } = await read(options, io);
  const { manifests, findings } = reader.manifests;
  for (const problem of problems) io.stderr(tellInput(problem));
  for (const line of chartLines(charts, '| gateward status -')) io.stderr(`hint: ${line}\n`);
  for (const finding of findings) {
    if (isRefused(finding)) io.stderr(tellInput(unparsable(finding)));
    else io.stderr(`${twiceLine(finding)}\n`);
  }
  const store = storeOf(named(manifests), 'some');
  const statuses = worldStatus(store, { classes: options.classes, controllers: options.controllers });
  const lines = options.explain ? unwrittenLines(statuses) : [];
  if (options.output === 'table') {
    io.stdout(statusTable(statuses, markFor(io)));
    if (lines.length > 0) io.stdout(`\n${lines.join('\n')}\n`);
  } else {
    io.stdout(await render(options.output, statuses, store));
    for (const line of lines) io.stderr(`${line}\n`);
  }
  return problems.length > 0 || findings.some(isRefused) ? EXIT.input : EXIT.clean;
}

function render(
  output: Exclude<StatusFaceOptions['output'], 'table'>,
  statuses: readonly ObjectStatus[],
  store: Store,
): string | Promise<string> {
  switch (output) {
    case 'yaml':
      return statusYaml(statuses);
    case 'json':
      return statusJson(statuses);
    default:
      return renderPicture(output, worldGraph(store, statuses));
  }
}

async function read(
  options: StatusFaceOptions,
  io: Io,
): Promise<{
  readonly reader: ManifestReader;
  readonly problems: readonly OperatorError[];
  readonly charts: readonly string[];
}> {
  const paths = options.paths.length > 0 ? options.paths : io.isTTY.stdin ? [] : ['-'];
  if (paths.length === 0) {
    throw new OperatorError('usage/invalid', {
      problem: 'nothing to read: name files or directories, or pipe manifests in',
      command: 'status',
    });
  }
  const reader = new ManifestReader(options.namespace);
  const problems: OperatorError[] = [];
  const take = (file: TextFile | FileProblem): void => {
    if ('text' in file) reader.add(file);
    else problems.push(unreadable(file));
  };
  if (paths.includes('-')) take(decodeFile('<stdin>', await io.stdin(MAX_FILE_BYTES)));
  const found = await findFiles(
    paths.filter((path) => path !== '-'),
    io.cwd,
  );
  problems.push(...found.problems.map(unreadable));
  for await (const file of readFiles(found.files, io.cwd)) take(file);
  return { reader, problems, charts: found.charts };
}

/** Whether a document is left out of the status, as the API server would refuse it. */
function isRefused({ rule }: ManifestFinding): boolean {
  return rule !== 'duplicate';
}

function twiceLine({ origin, at, message, object }: ManifestFinding): string {
  return `warning: ${origin.file}:${at.line}:${at.column}: ${objectText(object)} ${message}`;
}
