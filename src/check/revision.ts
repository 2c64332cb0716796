import { execFile } from 'node:child_process';
import { matchesGlob, posix, relative, resolve, sep } from 'node:path';
import { MANIFEST, MAX_FILE_BYTES, PASSED_OVER, decodeFile, unreadable, type TextFile } from '../cluster/files.ts';
import { OperatorError, errorText } from '../errors.ts';

/** The option that names a revision, and its command: for what is said when it cannot be read. */
export interface RevisionOption {
  readonly flag: '--old' | '--against';
  readonly command: 'check' | 'preview';
  readonly revision: string;
}

/** What paths were at a git revision. */
export interface PastFiles {
  /** Named `revision:path`, in the order of their paths. */
  readonly files: readonly TextFile[];
  /** Paths at which there was nothing, and to which nothing has moved since. */
  readonly absent: readonly string[];
  /** Submodules below the paths: what they held stands in another repository, and is not read. */
  readonly submodules: readonly string[];
}

/** A file or submodule in the tree of a commit; `path` is from the root of the repository. */
interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly size: number;
  readonly path: string;
}

/** The most that git may answer with, in bytes. */
const MAX_ANSWER = 1 << 29;
const SYMBOLIC_LINK = '120000';
const SUBMODULE = '160000';

/**
 * The manifest files that paths held at a git revision: those that would be read there today, and those that git takes for the former place
 * of one of these. Throws {@link OperatorError}, one line, when git, the repository or the revision cannot be read, or a path has no past
 * there.
 */
export async function filesAtRevision(
  option: RevisionOption,
  paths: readonly string[],
  cwd: string,
): Promise<PastFiles> {
  const { flag, revision } = option;
  const refuse = (problem: string, cause?: unknown): OperatorError =>
    new OperatorError('usage/invalid', { problem, command: option.command }, cause);
  const git = (args: readonly string[], input = ''): Promise<Buffer> =>
    runGit(args, cwd, input).catch((error: unknown) => {
      throw refuse(`${flag} ${revision} cannot be read: ${reasonOf(error)}`, error);
    });
  const text = async (...args: readonly string[]): Promise<string> => (await git(args)).toString().trim();

  if (paths.length === 0 || paths.includes('-')) {
    throw refuse(`standard input has no past at a git revision: name a directory with ${flag} instead of ${revision}`);
  }
  const [isShallow, prefix = ''] = (await text('rev-parse', '--is-shallow-repository', '--show-prefix')).split('\n');
  const commit = await runGit(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    cwd,
    '',
  ).then(
    (answer) => answer.toString().trim(),
    (error: unknown) => {
      const problem = `${flag} ${revision} is neither a directory nor a git revision that can be read here`;
      const shallow =
        'this clone is shallow: fetch the revision, or clone with history (actions/checkout: fetch-depth: 0)';
      throw refuse(isShallow === 'true' ? `${problem}; ${shallow}` : problem, error);
    },
  );

  const wanted = paths.map((path) => {
    const fromRoot = posix.join(prefix, relative(cwd, resolve(cwd, path)).split(sep).join('/')).replace(/\/$/, '');
    if (fromRoot === '..' || fromRoot.startsWith('../')) {
      throw refuse(`${path} lies outside this git repository, so ${flag} ${revision} cannot say what it was`);
    }
    return { path, fromRoot: fromRoot === '.' ? '' : fromRoot, isPattern: /[*?[{]/.test(path) };
  });
  const isWanted = (path: string): boolean =>
    wanted.some(({ fromRoot, isPattern }) => isBelow(path, fromRoot) || (isPattern && matchesGlob(path, fromRoot)));

  const listsAll = wanted.some(({ fromRoot, isPattern }) => isPattern || fromRoot === '');
  // A folder's own Chart.yaml tells whether it holds templates.
  const below = wanted.flatMap(({ fromRoot }) => [fromRoot, posix.join(fromRoot, '../Chart.yaml')]);
  const tree = parseEntries(
    await text('ls-tree', '-r', '-l', '-z', '--full-tree', commit, '--', ...(listsAll ? [] : below)),
  );
  const listed = tree.filter(({ mode }) => mode !== SUBMODULE);
  const folders = wanted.map(({ fromRoot, isPattern }) => (isPattern ? folderOf(fromRoot) : fromRoot));
  const submodules = tree
    .filter(({ mode, path }) => mode === SUBMODULE && !path.split('/').some((part) => PASSED_OVER.test(part)))
    .filter(({ path }) => folders.some((folder) => isBelow(path, folder)));
  const renames = parseRenames(
    await text('diff', '--name-status', '-z', '-M', '--diff-filter=R', '--no-ext-diff', '--ignore-submodules', commit),
  );
  const moved = renames.filter(({ from, to }) => isWanted(to) && !isWanted(from)).map(({ from }) => from);
  const elsewhere =
    listsAll || moved.length === 0
      ? []
      : parseEntries(await text('ls-tree', '-l', '-z', '--full-tree', commit, '--', ...moved));
  const all = [...new Map([...listed, ...elsewhere].map((entry) => [entry.path, entry])).values()];
  const charts = all.map(({ path }) => path).filter((path) => posix.basename(path) === 'Chart.yaml');
  const isRead = (path: string): boolean =>
    wanted.some(({ fromRoot }) => fromRoot === path) ||
    (MANIFEST.test(path) &&
      (isWanted(path) || moved.includes(path)) &&
      !path.split('/').some((part) => PASSED_OVER.test(part)) &&
      !charts.some((chart) => isBelow(path, posix.join(chart, '../templates'))));
  const entries = all.filter(({ path }) => isRead(path)).sort((a, b) => (a.path < b.path ? -1 : 1));

  const tooLarge = entries.find(({ size }) => size > MAX_FILE_BYTES);
  const nameOf = (path: string): string => `${revision}:${posix.relative(prefix, path)}`;
  if (tooLarge !== undefined) {
    throw new OperatorError('input/too-large', {
      file: nameOf(tooLarge.path),
      limit: `${MAX_FILE_BYTES >> 20} MiB`,
    });
  }
  const specs = entries.map(({ mode, id, path }) => (mode === SYMBOLIC_LINK ? `${commit}:${path}` : id));
  const blobs = parseBlobs(
    await git(['cat-file', '--batch', '--follow-symlinks'], specs.map((spec) => `${spec}\n`).join('')),
  );
  const files = entries.flatMap(({ path }, at): readonly TextFile[] => {
    const blob = blobs[at];
    if (blob === undefined) return [];
    const file = decodeFile(nameOf(path), blob);
    if (!('text' in file)) throw unreadable(file);
    return [file];
  });
  const absent = wanted.filter(
    ({ fromRoot, isPattern }) =>
      !isPattern &&
      fromRoot !== '' &&
      ![...tree.map(({ path }) => path), ...renames.map(({ to }) => to)].some((path) => isBelow(path, fromRoot)),
  );
  return {
    files,
    absent: absent.map(({ path }) => path),
    submodules: submodules.map(({ path }) => posix.relative(prefix, path)),
  };
}

/** The folder below which a pattern matches: `m` of `m/*.yaml`. */
function folderOf(pattern: string): string {
  const [literal = ''] = pattern.split(/[*?[{]/, 1);
  return literal.slice(0, Math.max(0, literal.lastIndexOf('/')));
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** `mode type id size<tab>path`, each ended by NUL. */
function parseEntries(listing: string): readonly Entry[] {
  return listing.split('\0').flatMap((line) => {
    const [, mode, id, size, path] = /^(\d+) (?:blob|commit) (\S+) +(\S+)\t([^]*)$/.exec(line) ?? [];
    if (mode === undefined || id === undefined || path === undefined) return [];
    return [{ mode, id, size: Number(size), path }];
  });
}

/** `R100`, from, to, each ended by NUL. */
function parseRenames(listing: string): readonly { readonly from: string; readonly to: string }[] {
  const parts = listing.split('\0');
  const renames = [];
  for (let at = 0; at + 2 < parts.length; at += 3) renames.push({ from: parts[at + 1] ?? '', to: parts[at + 2] ?? '' });
  return renames;
}

/** The answers of `cat-file --batch`: a line, then as many bytes as it says; undefined for what is no file. */
function parseBlobs(answers: Buffer): readonly (Buffer | undefined)[] {
  const blobs: (Buffer | undefined)[] = [];
  for (let at = 0; at < answers.length;) {
    const end = answers.indexOf('\n', at);
    const head = answers.toString('utf8', at, end);
    at = end + 1;
    const [, type, size] =
      / (blob|tree|commit|tag) (\d+)$/.exec(head) ?? /^(dangling|loop|notdir|symlink) (\d+)$/.exec(head) ?? [];
    const length = size === undefined ? undefined : Number(size);
    blobs.push(type === 'blob' && length !== undefined ? answers.subarray(at, at + length) : undefined);
    if (length !== undefined) at += length + 1;
  }
  return blobs;
}

function runGit(args: readonly string[], cwd: string, input: string): Promise<Buffer> {
  return new Promise((done, fail) => {
    const child = execFile(
      'git',
      [...args],
      { cwd, encoding: 'buffer', maxBuffer: MAX_ANSWER },
      (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else
          fail(
            error.code === 'ENOENT' ? new Error('git is not on PATH') : new Error(stderr.toString() || error.message),
          );
      },
    );
    // A git that ends before it has read all says why on its own.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** The first line of what git says, without `fatal:`. */
function reasonOf(error: unknown): string {
  const [line = ''] = errorText(error).split('\n');
  const reason = line.replace(/^(?:fatal|error): /, '');
  return reason.startsWith('not a git repository') ? 'it is no directory, and this is no git repository' : reason;
}
