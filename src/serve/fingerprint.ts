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

/** After so many looks files that never stand still are read all the same. */
const PATIENCE = 30;

/**
 * The same for files that nobody puts in place at once: the text changes when they have stood still from one look to the next. A file that is
 * being written is in order, too, where it ends between two documents, and lacks the other. Never rejects: files that go are no more at rest
 * than others.
 */
export function settled(fingerprint: () => Promise<string>): () => Promise<string> {
  let seen: string | undefined;
  let last: string | undefined;
  let looks = 0;
  return async () => {
    const found = await fingerprint().catch(String);
    looks += 1;
    if (last === undefined || found === seen || looks > PATIENCE) {
      last = found;
      looks = 0;
    }
    seen = found;
    return last;
  };
}
