import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findFiles, readFiles, unreadable } from '../cluster/files.ts';
import { ManifestReader, type Manifest } from '../cluster/manifests.ts';
import { OperatorError } from '../errors.ts';
import type { CheckOptions } from './options.ts';
import { filesAtRevision } from './revision.ts';

/** What stood before a change. */
export interface Old {
  readonly manifests: readonly Manifest[];
  /** One line for each part of the past that is not known. */
  readonly notes: readonly string[];
}

/**
 * What stands before the change: the manifests below a directory, or those of the same paths at a git revision. Throws
 * {@link OperatorError} when it is neither, or cannot be read: half of the past would make changes of what never changed. What could not be
 * parsed was never applied either: that is noted.
 */
export async function readOld(old: string, options: CheckOptions, cwd: string): Promise<Old> {
  const reader = new ManifestReader(options.namespace ?? 'default');
  const notes: string[] = [];
  if (existsSync(resolve(cwd, old))) {
    const { files, problems } = await findFiles([old], cwd);
    for (const problem of problems) throw unreadable(problem);
    for await (const file of readFiles(files, cwd)) {
      if (!('text' in file)) throw unreadable(file);
      reader.add(file);
    }
  } else {
    refuseWithoutPast(old, options);
    const option = { flag: '--old', command: 'check', revision: old } as const;
    const { files, absent, submodules } = await filesAtRevision(option, options.paths, cwd);
    for (const file of files) reader.add(file);
    notes.push(...absent.map((path) => `hint: ${path} did not exist at ${old}: all in it counts as new`));
    notes.push(...submodules.map((path) => `warning: ${path} is a submodule at ${old}: all in it counts as new`));
  }
  const { manifests, findings } = reader.manifests;
  for (const { rule, at, origin, message } of findings) {
    if (rule !== 'unparsable') continue;
    notes.push(`warning: ${origin.file}:${at.line}:${at.column}: ${message}; what it held counts as new`);
  }
  return { manifests, notes };
}

/** Throws {@link OperatorError} for inputs that a git revision does not hold. */
function refuseWithoutPast(revision: string, { paths, kustomize = [], reviews = [] }: CheckOptions): void {
  const refuse = (problem: string): OperatorError => new OperatorError('usage/invalid', { problem, command: 'check' });
  if (kustomize.length > 0) {
    throw refuse(`-k has no past at a git revision: render what ${revision} holds, and name its directory with --old`);
  }
  if (reviews.length > 0 && paths.length === 0) throw refuse('a review brings its own past: leave out --old');
}
