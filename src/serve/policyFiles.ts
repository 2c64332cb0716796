import { readFile } from 'node:fs/promises';
import { configDocuments, formatProblem, loadPolicies, type LoadedPolicies } from '../config/index.ts';
import { OperatorError } from '../errors.ts';
import type { Policy } from '../policy/index.ts';
import { fingerprintOf, manifestFiles } from './folder.ts';
import type { Source } from './reloading.ts';

/**
 * Policy documents in files and directories. A set is taken whole or not at all: with a problem in any document, or with no document left,
 * loading throws {@link OperatorError}, since an empty set would allow everything.
 */
export function policyFiles(
  paths: readonly string[],
  policies: readonly Policy[],
  now: () => number,
): Source<LoadedPolicies> {
  return {
    fingerprint: () => reading(paths, () => fingerprintOf(paths)),
    load: async () => {
      const files = await reading(paths, () => manifestFiles(paths));
      const texts = await Promise.all(
        files.map(async (file) => ({ file, text: await reading([file], () => readFile(file, 'utf8')) })),
      );
      const read = texts.map(({ file, text }) => configDocuments(file, text));
      const documents = read.flatMap((one) => one.documents);
      const loaded = loadPolicies(documents, policies, now());
      const [problem, ...more] = [...read.flatMap((one) => one.problems), ...loaded.problems];
      if (problem !== undefined) {
        const others = more.map((other) => `\n${formatProblem(other)}`).join('');
        const where = formatProblem({ ...problem, message: '', path: '' }).replace(/: $/, '');
        const what = problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
        throw new OperatorError('policies/invalid', { where, problem: `${what}${others}` });
      }
      if (loaded.set.policies.length === 0) throw new OperatorError('policies/none', { where: paths.join(', ') });
      return loaded;
    },
  };
}

async function reading<T>(paths: readonly string[], read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OperatorError('policies/unreadable', { file: paths.join(', '), problem }, error);
  }
}
