import type { Policy } from '#policy';
import { configDocuments, loadPolicies, type ConfigProblem, type LoadedPolicies } from '../config/index.ts';
import { OperatorError } from '../errors.ts';
import { findFiles, readFiles } from './files.ts';

/**
 * Policy documents of files and directories, taken from `cwd`, bound; `now` in milliseconds since the epoch. What is wrong inside documents
 * stands in `problems`. Throws {@link OperatorError} when a path cannot be read.
 */
export async function readPolicyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: number,
  cwd: string,
): Promise<LoadedPolicies> {
  const found = await findFiles(paths, cwd);
  const unreadable = (file: string, problem: string): OperatorError =>
    new OperatorError('policies/unreadable', { file, problem });
  for (const { file, problem } of found.problems) throw unreadable(file, problem);
  const problems: ConfigProblem[] = [];
  const documents = [];
  for await (const file of readFiles(found.files, cwd)) {
    if (!('text' in file)) throw unreadable(file.file, file.tooLarge ? `is larger than ${file.problem}` : file.problem);
    const read = configDocuments(file.name, file.text);
    problems.push(...read.problems);
    documents.push(...read.documents);
  }
  const loaded = loadPolicies(documents, policies, now);
  return { ...loaded, problems: [...problems, ...loaded.problems] };
}
