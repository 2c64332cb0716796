import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { glob, open } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { OperatorError, errorText } from '../errors.ts';

/** The most that is read of one file, in bytes: far above any manifest, far below what would fill memory. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Up to here a file is read while everything else waits. */
const SMALL_BYTES = 64 * 1024;
/** The most that is read in all. */
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;

/** A file's text under the name the user would call it. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** A path that cannot be used, and why. */
export interface FileProblem {
  readonly file: string;
  readonly problem: string;
  readonly tooLarge: boolean;
}

/** A path that cannot be used, as an operator is told of it. */
export function unreadable({ file, problem, tooLarge }: FileProblem): OperatorError {
  return tooLarge
    ? new OperatorError('input/too-large', { file, limit: problem })
    : new OperatorError('input/unreadable', { file, problem });
}

/** Files to read, with what was passed over. */
export interface FoundFiles {
  /** As the user named them: relative where the path was relative. Sorted within each path, each file once. */
  readonly files: readonly string[];
  readonly problems: readonly FileProblem[];
  /** `templates` folders of Helm charts: no YAML before they are rendered. */
  readonly charts: readonly string[];
}

/** Names of files that are read below a directory. */
export const MANIFEST = /\.(?:ya?ml|json)$/;
/**
 * Folders in which no manifest of the user stands, and our own settings; `..data` and its kind hold a mounted ConfigMap's files a second time.
 */
export const PASSED_OVER = /^(?:\.git|node_modules|\.gateward\.yaml|\.\.[^/].*)$/;

/**
 * The files that paths name: a file whatever its name, the `*.yaml *.yml *.json` below a directory, what a glob pattern matches. Paths are
 * taken from `cwd`. Never rejects: what cannot be read is a problem beside the rest.
 */
export async function findFiles(paths: readonly string[], cwd: string): Promise<FoundFiles> {
  const files = new Map<string, string>();
  const problems: FileProblem[] = [];
  const charts = new Set<string>();
  const add = (path: string): void => void files.set(resolve(cwd, path), files.get(resolve(cwd, path)) ?? path);
  const enter = (path: string): void => {
    const isDirectory = statSync(resolve(cwd, path)).isDirectory();
    const templates = chartTemplates(isDirectory ? path : dirname(path), cwd);
    if (templates !== undefined) charts.add(templates);
    else if (!isDirectory) add(path);
    else walk(path);
  };
  const walk = (directory: string): void => {
    const entries = readdirSync(resolve(cwd, directory), { withFileTypes: true }).filter(
      ({ name }) => !PASSED_OVER.test(name),
    );
    const isChart = entries.some(({ name }) => name === 'Chart.yaml');
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (isChart && entry.name === 'templates') charts.add(path);
        else
          guarded(path, () => {
            walk(path);
          });
      } else if (MANIFEST.test(entry.name)) {
        guarded(path, () => {
          if (entry.isFile() || statSync(resolve(cwd, path)).isFile()) add(path);
        });
      }
    }
  };
  const guarded = (path: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      problems.push({ file: path, problem: readProblem(error), tooLarge: false });
    }
  };
  for (const path of paths) {
    // As kubectl does (`expandIfFilePattern`): what is there by that very name is no pattern.
    const isPattern = /[*?[{]/.test(path) && !existsSync(resolve(cwd, path));
    const matches = isPattern ? await matchesOf(path, cwd) : [];
    for (const match of matches.length > 0 ? matches : [path])
      guarded(match, () => {
        enter(match);
      });
  }
  return { files: [...files.values()], problems, charts: [...charts] };
}

/** A line about charts that were passed over, and what `helm template` is good for; none when there are none. */
export function chartLines([chart, ...more]: readonly string[], then: string): readonly string[] {
  if (chart === undefined) return [];
  const also = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return [`${chart}${also} holds Helm templates, which were passed over: helm template ${dirname(chart)} ${then}`];
}

/** The `templates` folder of a chart that a folder is or lies in. */
function chartTemplates(folder: string, cwd: string): string | undefined {
  if (basename(folder) === 'templates' && existsSync(resolve(cwd, folder, '../Chart.yaml'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : chartTemplates(above, cwd);
}

async function matchesOf(pattern: string, cwd: string): Promise<readonly string[]> {
  const matches: string[] = [];
  for await (const match of glob(pattern, { cwd, exclude: (name) => PASSED_OVER.test(name) })) {
    matches.push(resolve(cwd, match) === match ? match : relative(cwd, resolve(cwd, match)));
  }
  return matches.sort();
}

/** Reads files one after the other, each and all of them up to a limit. Never rejects. */
export async function* readFiles(files: readonly string[], cwd: string): AsyncGenerator<TextFile | FileProblem> {
  let total = 0;
  for (const file of files) {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await readAtMost(resolve(cwd, file), MAX_FILE_BYTES);
    } catch (error) {
      yield { file, problem: readProblem(error), tooLarge: false };
      continue;
    }
    total += bytes?.length ?? 0;
    if (bytes === undefined || total > MAX_TOTAL_BYTES) {
      const limit =
        bytes === undefined ? `${MAX_FILE_BYTES >> 20} MiB` : `the ${MAX_TOTAL_BYTES >> 20} MiB that are read in all`;
      yield { file, problem: limit, tooLarge: true };
    } else yield decodeFile(file, bytes);
  }
}

/** The text of bytes, which must be UTF-8. */
export function decodeFile(name: string, bytes: Uint8Array): TextFile | FileProblem {
  if (bytes.length > MAX_FILE_BYTES) return { file: name, problem: `${MAX_FILE_BYTES >> 20} MiB`, tooLarge: true };
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { file: name, problem: 'is not UTF-8 text', tooLarge: false };
  }
}

/** A file's bytes; undefined when there are more than `limit`. A device without end is left at the limit too. */
async function readAtMost(path: string, limit: number): Promise<Uint8Array | undefined> {
  // A small file is there before a thread could be asked for it, and most inputs are many of them.
  const found = statSync(path);
  if (found.isFile() && found.size > 0 && found.size <= SMALL_BYTES) return readFileSync(path);
  await using handle = await open(path, 'r');
  const { size } = await handle.stat();
  if (size > limit) return undefined;
  let bytes = new Uint8Array(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > limit) return undefined;
    if (length === bytes.length) {
      const larger = new Uint8Array(Math.min(limit + 1, length * 2 + 65_536));
      larger.set(bytes);
      bytes = larger;
    }
  }
}

/** Why a file or directory could not be read. */
export function readProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reasons = new Map<unknown, string>([
    ['ENOENT', 'no such file or directory'],
    ['EACCES', 'may not be read'],
    ['EISDIR', 'is a directory'],
    ['ELOOP', 'is a link that leads to itself'],
  ]);
  return reasons.get(code) ?? errorText(error);
}
