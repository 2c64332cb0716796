import { normalize } from 'node:path';
import { OperatorError, didYouMean } from '../errors.ts';
import type { RenderContext } from '../report/context.ts';
import { FORMATS, render, type Format } from '../report/format.ts';
import type { Report } from '../report/report.ts';
import { plain } from '../report/paint.ts';
import type { Io } from '../telemetry/io.ts';
import { writeNamedFile } from './replaceFile.ts';

/** One report to be written, in a format of the face; without a file to standard output. */
export interface Output<F extends string = Format> {
  readonly format: F;
  readonly file: string | undefined;
}

/**
 * The outputs that `-o` words name; text on standard output when there is none. `command` is told when they do not go together. Throws
 * {@link OperatorError} on a word it does not know, and when two would write to one place.
 */
export function parseOutputs(words: readonly string[], command: string): readonly Output[] {
  return parseOutputsOf(words, FORMATS, command);
}

/** The same for a face with formats of its own, the first of which is the default. */
export function parseOutputsOf<const F extends string>(
  words: readonly string[],
  formats: readonly [F, ...F[]],
  command: string,
): readonly Output<F>[] {
  const outputs = words.map((word): Output<F> => {
    const [name = '', ...rest] = word.split('=');
    const format = formats.find((known) => known === name);
    if (format === undefined) {
      const nearest = didYouMean(name, formats) || `; it is one of ${formats.join(', ')}`;
      throw new OperatorError('usage/unknown-word', { what: 'format', word: name, nearest });
    }
    const file = rest.join('=');
    if (rest.length > 0 && file === '') {
      throw new OperatorError('usage/invalid', { problem: `-o ${word} names no file`, command });
    }
    return { format, file: rest.length === 0 || file === '-' ? undefined : file };
  });
  const onStdout = outputs.filter(({ file }) => file === undefined).map(({ format }) => format);
  if (onStdout.length > 1) {
    const problem = `${onStdout.join(' and ')} cannot both go to standard output; write one into a file: -o ${onStdout.at(-1) ?? ''}=FILE`;
    throw new OperatorError('usage/invalid', { problem, command });
  }
  const files = outputs.flatMap(({ file }) => (file === undefined ? [] : normalize(file)));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) {
    throw new OperatorError('usage/invalid', { problem: `two reports cannot both go to ${twice}`, command });
  }
  return outputs.length === 0 ? [{ format: formats[0], file: undefined }] : outputs;
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
  await writeTexts(outputs, io, (format, file) =>
    render(format, report, file === undefined ? context : { ...context, paint: plain }),
  );
}

/** The same for whatever can be told in the formats of a face. */
export async function writeTexts<F extends string>(
  outputs: readonly Output<F>[],
  io: Io,
  textOf: (format: F, file: string | undefined) => Promise<string>,
): Promise<void> {
  const failures: OperatorError[] = [];
  for (const { format, file } of outputs) {
    if (file === undefined) continue;
    try {
      await writeNamedFile(file, await textOf(format, file), io.cwd);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failures.push(error);
    }
  }
  for (const { format, file } of outputs) if (file === undefined) io.stdout(await textOf(format, file));
  const [first] = failures;
  if (first !== undefined) throw first;
}
