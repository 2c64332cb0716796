import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';

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
