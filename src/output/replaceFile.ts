import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OperatorError } from '../errors.ts';

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

/** {@link replaceFile} for a file that the user named, taken from `cwd`. Throws {@link OperatorError} when it cannot be written. */
export async function writeNamedFile(file: string, text: string, cwd: string): Promise<void> {
  try {
    await replaceFile(resolve(cwd, file), text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OperatorError('output/unwritable', { file, problem }, error);
  }
}
