import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readProblem } from '../cluster/files.ts';
import { OperatorError } from '../errors.ts';
import { parseBaseline, type Baseline } from '../report/baseline.ts';

/** The baseline in a file. Throws {@link OperatorError} when it cannot be read or is none; `command` is the one to see the help of. */
export async function readBaseline(file: string, cwd: string, command = 'check'): Promise<Baseline> {
  const wrong = (problem: string, cause?: unknown): OperatorError =>
    new OperatorError('usage/invalid', { problem: `${file}: ${problem}`, command }, cause);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    throw wrong(readProblem(error), error);
  });
  const baseline = parseBaseline(text);
  if ('problem' in baseline) throw wrong(baseline.problem);
  return baseline;
}
