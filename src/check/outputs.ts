import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OperatorError, didYouMean } from '../errors.ts';
import type { RenderContext } from '../report/context.ts';
import { FORMATS, render, type Format } from '../report/format.ts';
import type { Report } from '../report/report.ts';
import { plain } from '../report/text.ts';
import type { Io } from '../telemetry/io.ts';

/** One report to be written; without a file to standard output. */
export interface Output {
  readonly format: Format;
  readonly file: string | undefined;
}

/** The outputs that `-o` words name; text on standard output when there is none. Throws {@link OperatorError} on a word it does not know. */
export function parseOutputs(words: readonly string[]): readonly Output[] {
  const outputs = words.map((word): Output => {
    const [name = '', ...rest] = word.split('=');
    const format = FORMATS.find((known) => known === name);
    if (format === undefined) {
      const nearest = didYouMean(name, FORMATS) || `; it is one of ${FORMATS.join(', ')}`;
      throw new OperatorError('usage/unknown-word', { what: 'format', word: name, nearest });
    }
    const file = rest.join('=');
    return { format, file: rest.length === 0 || file === '-' ? undefined : file };
  });
  const onStdout = outputs.filter(({ file }) => file === undefined).map(({ format }) => format);
  if (onStdout.length > 1) {
    const problem = `${onStdout.join(' and ')} cannot both go to standard output; write one into a file: -o ${onStdout.at(-1) ?? ''}=FILE`;
    throw new OperatorError('usage/invalid', { problem, command: 'check' });
  }
  return outputs.length === 0 ? [{ format: 'text', file: undefined }] : outputs;
}

/** Writes the reports. Throws {@link OperatorError} for a file that cannot be written, after the others have been. */
export async function writeOutputs(
  outputs: readonly Output[],
  report: Report,
  context: RenderContext,
  io: Io,
): Promise<void> {
  const failures: OperatorError[] = [];
  for (const { format, file } of outputs) {
    const text = await render(format, report, file === undefined ? context : { ...context, paint: plain });
    if (file === undefined) io.stdout(text);
    else {
      try {
        await replaceFile(resolve(io.cwd, file), text);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        failures.push(new OperatorError('output/unwritable', { file, problem }, error));
      }
    }
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

/** Writes beside the file and renames, so that nobody reads half of it. A device or pipe is written as it is. */
export async function replaceFile(path: string, text: string, mode = 0o666): Promise<void> {
  const isRegular = await stat(path).then(
    (found) => found.isFile(),
    () => true,
  );
  if (!isRegular) {
    await writeFile(path, text);
    return;
  }
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, text, { mode });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
