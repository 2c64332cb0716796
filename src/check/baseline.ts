import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, OperatorError } from '../errors.ts';
import { baselineText, entryText, parseBaseline, type Baseline } from '../report/baseline.ts';
import { counted } from '../report/report.ts';
import type { Io } from '../telemetry/io.ts';
import { readBaseline } from './baselineFile.ts';
import type { FaceDeps } from '../output/context.ts';
import { runCheck } from './check.ts';
import type { CheckOptions } from './options.ts';
import { writeNamedFile } from '../output/replaceFile.ts';

/** What `gateward baseline` is told, besides what `check` is told of inputs and policies. */
export interface BaselineOptions {
  /** What is judged, as `check` does. */
  readonly check: CheckOptions;
  /** Where the baseline goes; undefined: standard output. */
  readonly file: string | undefined;
  /** Forgets the entries of `file` that no longer occur, and takes no new ones in. */
  readonly refresh: boolean;
  /** Writes `file` anew, with all that is found, though it is there. */
  readonly force: boolean;
}

/**
 * `gateward baseline`: writes what `check` finds as the file that `check --baseline` reads, and names the entries of an earlier one that no
 * longer occur. Nothing is written unless all of the input could be read: a file that is missing for a moment must not lose its entries.
 * Gives the exit code. Throws {@link OperatorError} as `check` does, and for a file that is there and may not be replaced.
 */
export async function runBaseline(options: BaselineOptions, io: Io, deps: FaceDeps): Promise<number> {
  const { file, refresh, force } = options;
  const before = await readBefore(options, io.cwd);
  let text = '';
  const code = await runCheck(
    { ...options.check, output: ['baseline'], failOn: 'never' },
    { ...io, stdout: (part) => void (text += part) },
    deps,
  );
  if (code !== EXIT.clean) {
    io.stderr('error: no baseline is written of input that could not all be read\n');
    return code;
  }
  const found = parseBaseline(text);
  if ('problem' in found) throw new Error(found.problem);
  const { kept, gone, fresh } = compare(found.findings, before?.findings ?? []);
  for (const entry of gone) io.stderr(`forgotten: ${entryText(entry)}: it no longer occurs\n`);
  if (refresh && fresh.length > 0) {
    io.stderr(`hint: ${counted(fresh.length, 'new finding')} not taken in: ${checkCall(file)} tells them\n`);
  }
  const written = refresh ? kept : found.findings;
  if (file === undefined) io.stdout(baselineText(written));
  else await writeNamedFile(file, baselineText(written), io.cwd);
  const news = before === undefined || refresh ? '' : `, ${fresh.length} of them new`;
  io.stderr(`${file ?? 'baseline'}: ${counted(written.length, 'known finding')}${force ? news : ''}\n`);
  return EXIT.clean;
}

/** The baseline that is there already, when it matters. */
async function readBefore({ file, refresh, force }: BaselineOptions, cwd: string): Promise<Baseline | undefined> {
  const wrong = (problem: string): OperatorError =>
    new OperatorError('usage/invalid', { problem, command: 'baseline' });
  if (refresh && force) throw wrong('--refresh takes no new findings in, --force all of them; choose one');
  if (file === undefined) {
    if (refresh || force) throw wrong(`${refresh ? '--refresh' : '--force'} needs the file: -o FILE`);
    return undefined;
  }
  const isThere = existsSync(resolve(cwd, file));
  if (!isThere && refresh) throw wrong(`${file}: no such file, so there is nothing to refresh`);
  if (!isThere) return undefined;
  if (refresh || force) return readBaseline(file, cwd, 'baseline');
  throw wrong(`${file} is there already: --refresh forgets what no longer occurs, --force takes in what is new too`);
}

type Entries = Baseline['findings'];

function compare(
  found: Entries,
  before: Entries,
): { readonly kept: Entries; readonly gone: Entries; readonly fresh: Entries } {
  const now = new Set(found.map(({ fingerprint }) => fingerprint));
  const known = new Set(before.map(({ fingerprint }) => fingerprint));
  return {
    kept: found.filter(({ fingerprint }) => known.has(fingerprint)),
    gone: before.filter(({ fingerprint }) => !now.has(fingerprint)),
    fresh: found.filter(({ fingerprint }) => !known.has(fingerprint)),
  };
}

function checkCall(file: string | undefined): string {
  return `check --baseline ${file ?? 'FILE'}`;
}
