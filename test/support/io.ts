import type { Io } from '../../src/telemetry/io.ts';

/** A process of a test: what was written, and a clock that stands. */
export interface TestIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
}

/** An {@link Io} in memory; `changes` replaces parts. */
export function testIo(changes: Partial<Io> = {}): TestIo {
  let out = '';
  let err = '';
  return {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    stdin: () => Promise.resolve(new Uint8Array()),
    isTTY: { stdin: false, stdout: false, stderr: false },
    env: {},
    cwd: process.cwd(),
    now: () => Date.UTC(2026, 10, 21),
    ...changes,
    out: () => out,
    err: () => err,
  };
}
