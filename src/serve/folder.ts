import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The YAML and JSON files under paths: files as they are, directories with all below, sorted. Rejects when a path cannot be read. */
export async function manifestFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) files.add(path);
    else for (const file of await below(path)) files.add(file);
  }
  return [...files];
}

/**
 * Text that changes when a file under the paths comes, goes or is written. Symbolic links are followed: a mounted ConfigMap changes by one.
 */
export async function fingerprintOf(paths: readonly string[]): Promise<string> {
  const files = await manifestFiles(paths);
  const parts: string[] = [];
  for (const file of files) {
    const { ino, size, mtimeMs } = await stat(file);
    parts.push(`${file} ${ino} ${size} ${mtimeMs}`);
  }
  return parts.join('\n');
}

/** Names that begin with a dot are left out: `..data` of a mounted ConfigMap would show each file a second time. */
async function below(directory: string): Promise<readonly string[]> {
  const files: string[] = [];
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  for (const name of names.sort()) {
    const path = join(directory, name);
    if ((await stat(path)).isDirectory()) files.push(...(await below(path)));
    else if (/\.(ya?ml|json)$/.test(name)) files.push(path);
  }
  return files;
}
