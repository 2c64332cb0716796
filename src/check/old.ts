import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { matchesGlob, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { decodeFile, findFiles, readFiles, type TextFile } from '../cluster/files.ts';
import { ManifestReader, type Manifest } from '../cluster/manifests.ts';
import { OperatorError } from '../errors.ts';
import type { CheckOptions } from './options.ts';

const run = promisify(execFile);

/**
 * What stands before the change: the manifests below a directory, or those of the same paths at a git revision. Throws
 * {@link OperatorError} when it is neither, or cannot be read: half of the past would make changes of what never changed.
 */
export async function readOld(old: string, options: CheckOptions, cwd: string): Promise<readonly Manifest[]> {
  const reader = new ManifestReader(options.namespace);
  if (existsSync(resolve(cwd, old))) {
    const { files, problems } = await findFiles([old], cwd);
    for (const { file, problem } of problems) throw new OperatorError('input/unreadable', { file, problem });
    for await (const file of readFiles(files, cwd)) {
      if (!('text' in file)) throw new OperatorError('input/unreadable', { file: file.file, problem: file.problem });
      reader.add(file);
    }
  } else for (const file of await filesAtRevision(old, options.paths, cwd)) reader.add(file);
  const { manifests, findings } = reader.manifests;
  for (const { rule, at, origin, message } of findings) {
    if (rule !== 'unparsable') continue;
    throw new OperatorError('input/unparsable', { where: `${origin.file}:${at.line}:${at.column}`, problem: message });
  }
  return manifests;
}

/** The manifest files of paths as they were at a git revision, named `revision:path`. */
async function filesAtRevision(revision: string, paths: readonly string[], cwd: string): Promise<readonly TextFile[]> {
  const commit = (
    await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`], cwd, revision)
  )
    .toString()
    .trim();
  const wanted = paths.filter((path) => path !== '-').map((path) => relative(cwd, resolve(cwd, path)) || '.');
  const patterns = wanted.filter((path) => /[*?[{]/.test(path));
  // git takes no patterns here, and a path that did not exist then is no mistake.
  const below = patterns.length > 0 ? ['.'] : wanted;
  const listed = await git(['ls-tree', '-r', '-z', '--name-only', commit, '--', ...below], cwd, revision);
  const isWanted = (name: string): boolean =>
    patterns.length === 0 ||
    wanted.some((path) => path === '.' || name === path || name.startsWith(`${path}/`) || matchesGlob(name, path));
  const names = listed
    .toString()
    .split('\0')
    .filter((name) => /\.(?:ya?ml|json)$/.test(name) && isWanted(name));
  const files: TextFile[] = [];
  for (const name of names) {
    const file = decodeFile(
      `${revision}:${name}`,
      await git(['cat-file', 'blob', `${commit}:./${name}`], cwd, revision),
    );
    if (!('text' in file)) throw new OperatorError('input/unreadable', { file: file.file, problem: file.problem });
    files.push(file);
  }
  return files;
}

async function git(args: readonly string[], cwd: string, revision: string): Promise<Buffer> {
  try {
    const { stdout } = await run('git', [...args], { cwd, encoding: 'buffer', maxBuffer: 1 << 28 });
    return stdout;
  } catch (error) {
    const problem = `--old ${revision} is neither a directory nor a git revision that can be read here`;
    throw new OperatorError('usage/invalid', { problem, command: 'check' }, error);
  }
}
