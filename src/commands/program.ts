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

/** A signal that is aborted when the process is told to stop. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  return stop.signal;
}
