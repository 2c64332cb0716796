import { OperatorError, tellError, writeProblem } from '../errors.ts';
import { escaped, visible } from '../report/visible.ts';

/** What a command may touch of its process: the one place where faces meet the outside, so that tests hand in their own. */
export interface Io {
  /** Findings and answers. */
  readonly stdout: (text: string) => void;
  /**
   * Everything else: problems, hints, progress, a line at a time. A process shows what foreign text would do to a terminal, but for tabs: were
   * a name to begin a line, it could pass for a line of ours, or for a command to who runs this.
   */
  readonly stderr: (text: string) => void;
  /** All of standard input, at most `limit` bytes and one more, by which a reader sees that there is more. */
  readonly stdin: (limit: number) => Promise<Uint8Array>;
  readonly isTTY: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** How wide the terminal on standard output is, in characters; undefined for none. */
  readonly columns?: number | undefined;
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** The working directory, from which relative paths are taken. */
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Begins a text that takes the place of the last line of a terminal. */
export const REWRITE = '\r\u{1b}[K';

/** Tells a text of several lines, none of which is foreign. */
export function tellLines(stderr: Io['stderr'], text: string): void {
  for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) stderr(line);
}

/** What a runner of GitHub Actions takes for a command to itself, also on standard error (actions/runner: ActionCommand.cs). */
const RUNNER_COMMAND = /^\s*::|##\[/g;

/**
 * The process itself. A reader of standard output that goes away (`| head`) ends the process quietly; one that cannot be written ends it too.
 * A standard error that cannot be written changes nothing: nobody reads what is told beside the findings.
 */
export function processIo(): Io {
  const stderr = (text: string): void => {
    // The stream is opened when there is something to say.
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
    const begin = text.startsWith(REWRITE) ? REWRITE : '';
    const [line = '', end = ''] = text.slice(begin.length).split(/(\n?)$/);
    const told = line.replace(/[^\t]+/g, visible);
    process.stderr.write(begin + told.replace(RUNNER_COMMAND, (command) => command.replace(/[:#]/, escaped)) + end);
  };
  process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
    if (failure.code === 'EPIPE') process.exit();
    const error = new OperatorError('output/unwritable', { file: 'standard output', problem: writeProblem(failure) });
    tellLines(stderr, tellError(error));
    process.exit(error.exitCode);
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr,
    stdin: async (limit) => {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of process.stdin) {
        if (!Buffer.isBuffer(chunk)) continue;
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) break;
      }
      return Buffer.concat(chunks).subarray(0, limit + 1);
    },
    // Each stream is opened when it is first asked for.
    isTTY: {
      get stdin() {
        return process.stdin.isTTY;
      },
      get stdout() {
        return process.stdout.isTTY;
      },
      get stderr() {
        return process.stderr.isTTY;
      },
    },
    get columns() {
      return process.stdout.columns;
    },
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
  };
}
