import { findFiles, readFiles, type FileProblem } from '../cluster/files.ts';
import {
  configDocuments,
  formatProblem,
  loadPolicies,
  type ConfigDocument,
  type ConfigProblem,
  type LoadedPolicies,
} from '../config/index.ts';
import { OperatorError } from '../errors.ts';
import type { Policy } from '../policy/index.ts';
import { fingerprintOf } from './fingerprint.ts';
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
    fingerprint: () => fingerprintOf(paths),
    load: async () => {
      const found = await findFiles(paths, '.');
      for (const problem of found.problems) throw unreadable(problem);
      const documents: ConfigDocument[] = [];
      const problems: ConfigProblem[] = [];
      for await (const file of readFiles(found.files, '.')) {
        if ('problem' in file) throw unreadable(file);
        const read = configDocuments(file.name, file.text);
        documents.push(...read.documents);
        problems.push(...read.problems);
      }
      const loaded = loadPolicies(documents, policies, now());
      const [first, ...others] = [...problems, ...loaded.problems].map(formatProblem);
      if (first !== undefined) {
        const [where = '', ...rest] = first.split(': ');
        throw new OperatorError('policies/invalid', { where, problem: [rest.join(': '), ...others].join('\n') });
      }
      if (loaded.set.policies.length === 0) throw new OperatorError('policies/none', { where: paths.join(', ') });
      return loaded;
    },
  };
}

function unreadable({ file, problem }: FileProblem): OperatorError {
  return new OperatorError('policies/unreadable', { file, problem });
}
