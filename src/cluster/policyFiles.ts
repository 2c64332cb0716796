import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Policy } from '#policy';
import {
  configDocuments,
  formatProblem,
  loadPolicies,
  type ConfigDocument,
  type ConfigProblem,
  type LoadedPolicies,
} from '../config/index.ts';
import { OperatorError } from '../errors.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../telemetry/io.ts';
import { findFiles, readFiles } from './files.ts';

/** What is put in force in place of the documents that were read. */
type DocumentChange = (documents: readonly ConfigDocument[]) => readonly ConfigDocument[];

/** What files hold. */
interface ConfigFiles {
  readonly documents: readonly ConfigDocument[];
  readonly problems: readonly ConfigProblem[];
  /** Below a directory: `templates` of Helm charts, which are passed over. */
  readonly warnings: readonly ConfigProblem[];
}

/** The documents of files and directories, taken from `cwd`. Throws {@link OperatorError} when a path cannot be read. */
export async function readConfigFiles(paths: readonly string[], cwd: string): Promise<ConfigFiles> {
  const found = await findFiles(paths, cwd);
  const unreadable = (file: string, problem: string): OperatorError =>
    new OperatorError('policies/unreadable', { file: visible(file), problem });
  for (const { file, problem } of found.problems) throw unreadable(file, problem);
  const warnings = found.charts.map((templates): ConfigProblem => {
    const named = paths.find((path) => !relative(resolve(cwd, templates), resolve(cwd, path)).startsWith('..'));
    const rendered = `helm template ${dirname(templates)} renders them`;
    if (named !== undefined) throw unreadable(named, `lies among Helm templates: ${rendered}`);
    const message = `holds Helm templates, which are passed over: ${rendered}`;
    return { origin: templates, at: undefined, path: '', message };
  });
  const problems: ConfigProblem[] = [];
  const documents: ConfigDocument[] = [];
  for await (const file of readFiles(found.files, cwd)) {
    if (!('text' in file)) throw unreadable(file.file, file.tooLarge ? `is larger than ${file.problem}` : file.problem);
    const read = configDocuments(file.name, file.text);
    problems.push(...read.problems);
    documents.push(...read.documents);
  }
  return { documents, problems, warnings };
}

/**
 * Policy documents of files and directories, taken from `cwd`, bound; `now` in milliseconds since the epoch. What is wrong inside documents
 * stands in `problems`. Throws {@link OperatorError} when a path cannot be read.
 */
async function readPolicyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: number,
  cwd: string,
  change: DocumentChange,
): Promise<LoadedPolicies> {
  const { documents, problems, warnings } = await readConfigFiles(paths, cwd);
  const loaded = loadPolicies(change(documents), policies, now);
  return {
    ...loaded,
    problems: [...problems, ...loaded.problems],
    warnings: [...warnings, ...loaded.warnings],
  };
}

/**
 * The same, for those who can do nothing with documents that are not in order: throws {@link OperatorError} telling everything that is wrong,
 * and when there is no document at all, since an empty set would allow everything.
 */
export async function requirePolicyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: number,
  cwd: string,
  change: DocumentChange = (documents) => documents,
): Promise<LoadedPolicies> {
  const loaded = inOrder(await readPolicyFiles(paths, policies, now, cwd, change));
  if (loaded.set.policies.length === 0) throw new OperatorError('policies/none', { where: paths.join(', ') });
  return loaded;
}

/** The same for a command: what is passed over is told on standard error. */
export async function toldPolicyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  io: Io,
  change?: DocumentChange,
): Promise<LoadedPolicies> {
  const loaded = await requirePolicyFiles(paths, policies, io.now(), io.cwd, change);
  for (const warning of loaded.warnings) io.stderr(`warning: ${formatProblem(warning)}\n`);
  return loaded;
}

/** Documents that are in order. Throws {@link OperatorError} telling everything that is wrong with them. */
export function inOrder(loaded: LoadedPolicies): LoadedPolicies {
  const [first, ...more] = loaded.problems.map(formatProblem);
  if (first === undefined) return loaded;
  const [where = '', ...rest] = first.split(': ');
  throw new OperatorError('policies/invalid', { where, problem: [rest.join(': '), ...more].join('\n') });
}

/** `policies/baseline.yaml` of the installation: beside the sources, or above what is built from them. */
export function shippedBaseline(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'policies/baseline.yaml');
    if (existsSync(file)) return file;
  }
  throw new OperatorError('policies/none', { where: 'the installation' });
}
