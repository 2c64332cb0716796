import { stat } from 'node:fs/promises';
import { findFiles } from '../cluster/files.ts';

/**
 * Text that changes when a manifest under the paths comes, goes or is written. Symbolic links are followed: a mounted ConfigMap changes by
 * one. Rejects when a file goes while it is looked at.
 */
export async function fingerprintOf(paths: readonly string[]): Promise<string> {
  const { files, problems } = await findFiles(paths, '.');
  const parts = problems.map(({ file, problem }) => `${file} ${problem}`);
  for (const file of files) {
    const { ino, size, mtimeMs } = await stat(file);
    parts.push(`${file} ${ino} ${size} ${mtimeMs}`);
  }
  return parts.join('\n');
}
