import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OperatorError, writeProblem } from '../errors.ts';

/** A file and what is to be in it. */
export interface NewText {
  readonly path: string;
  readonly text: string;
  /** Permissions; default those that the process gives new files. */
  readonly mode?: number;
}

/** Writes beside the file and renames, so that nobody reads half of it. A device or pipe is written as it is. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const isRegular = await stat(path).then(
    (found) => found.isFile(),
    () => true,
  );
  if (isRegular) await replaceFiles([{ path, text }]);
  else await writeFile(path, text);
}

/** Replaces regular files, all or none: everything is written beside them before the first is renamed. `begun` hears of each that is next. */
export async function replaceFiles(files: readonly NewText[], begun?: (file: NewText) => void): Promise<void> {
  const written: { readonly beside: string; readonly file: NewText }[] = [];
  try {
    for (const file of files) {
      const { path, text, mode } = file;
      const beside = `${path}.${randomUUID()}.tmp`;
      begun?.(file);
      written.push({ beside, file });
      await writeFile(beside, text);
      // The mode of a new file is cut by the umask.
      if (mode !== undefined) await chmod(beside, mode);
    }
    for (const { beside, file } of written) {
      begun?.(file);
      await rename(beside, file.path);
    }
  } catch (error) {
    for (const { beside } of written) await rm(beside, { force: true });
    throw error;
  }
}

/** {@link replaceFile} for a file that the user named, taken from `cwd`. Throws {@link OperatorError} when it cannot be written. */
export async function writeNamedFile(file: string, text: string, cwd: string): Promise<void> {
  try {
    await replaceFile(resolve(cwd, file), text);
  } catch (error) {
    throw new OperatorError('output/unwritable', { file, problem: writeProblem(error) }, error);
  }
}

/**
 * Makes a directory and those above it, one after the other: Node's own way does not end where a file system makes none, as below `/proc`.
 * Rejects when there can be none.
 */
export async function makeDirectory(path: string): Promise<void> {
  const above = dirname(path);
  if (!existsSync(above)) await makeDirectory(above);
  await mkdir(path).catch(async (error: unknown) => {
    // Where something is and cannot be looked at, it is a link that leads nowhere: what is wrong is said by the look.
    const found = await stat(path).catch((problem: unknown) => {
      throw existsError(error) ? problem : error;
    });
    if (!found.isDirectory()) throw error;
  });
}

function existsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
