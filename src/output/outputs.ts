import { OperatorError, didYouMean } from '../errors.ts';
import type { RenderContext } from '../report/context.ts';
import { FORMATS, render, type Format } from '../report/format.ts';
import type { Report } from '../report/report.ts';
import { plain } from '../report/text.ts';
import type { Io } from '../telemetry/io.ts';
import { writeNamedFile } from './replaceFile.ts';

/** One report to be written; without a file to standard output. */
export interface Output {
  readonly format: Format;
  readonly file: string | undefined;
}

/**
 * The outputs that `-o` words name; text on standard output when there is none. `command` is told when they do not go together. Throws
 * {@link OperatorError} on a word it does not know, and when two would write to one place.
 */
export function parseOutputs(words: readonly string[], command: string): readonly Output[] {
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
    throw new OperatorError('usage/invalid', { problem, command });
  }
  const files = outputs.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) {
    throw new OperatorError('usage/invalid', { problem: `two reports cannot both go to ${twice}`, command });
  }
  return outputs.length === 0 ? [{ format: 'text', file: undefined }] : outputs;
}

/**
 * Writes the reports, files first: a reader of standard output that goes away (`| head`) ends the process. Throws {@link OperatorError} for a
 * file that cannot be written, after the others have been.
 */
export async function writeOutputs(
  outputs: readonly Output[],
  report: Report,
  context: RenderContext,
  io: Io,
): Promise<void> {
  const failures: OperatorError[] = [];
  for (const { format, file } of outputs) {
    if (file === undefined) continue;
    try {
      await writeNamedFile(file, await render(format, report, { ...context, paint: plain }), io.cwd);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failures.push(error);
    }
  }
  for (const { format, file } of outputs) if (file === undefined) io.stdout(await render(format, report, context));
  const [first] = failures;
  if (first !== undefined) throw first;
}
