import type { Policy } from '#policy';
import type { Io } from '../telemetry/io.ts';

/** What `main.ts` hands to every command: the process, and the parts that only it knows. */
export interface Program {
  /** How the program was called: `gateward` or `kubectl gateward`. */
  readonly name: string;
  readonly io: Io;
  readonly version: string;
  /** The folder of the installed package, with `policies/` in it. */
  readonly root: string;
  /** Every policy there is; imported when a command asks. */
  readonly policies: () => Promise<readonly Policy[]>;
}

/** Commands to try, for the help text below the options: `check manifests/` without the name of the program. */
export function examples({ name }: Program, ...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${name} ${line}`).join('\n')}`;
}

/** What a command's exit codes mean, for the end of its help; of those that mean the same everywhere the numbers: 3 input, 4 the cluster. */
export function exitCodes(own: Readonly<Record<number, string>>, ...others: readonly (3 | 4)[]): string {
  const meanings = {
    2: 'wrong usage, configuration or policy document',
    ...(others.includes(3) ? { 3: 'input that cannot be read or parsed' } : {}),
    ...(others.includes(4) ? { 4: 'the cluster cannot be reached or refuses' } : {}),
    ...own,
  };
  const lines = Object.entries(meanings).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\n\nExit codes:\n${lines.join('\n')}`;
}

/**
 * A signal that is aborted when the process is told to stop. Being told again by SIGTERM changes nothing, or a drain would be cut short;
 * whoever presses Ctrl-C twice has had enough of waiting.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const told = (): void => {
    stop.abort();
  };
  process.on('SIGTERM', told);
  process.once('SIGINT', told);
  return stop.signal;
}
