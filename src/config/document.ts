import { formatPath, objectsOf, valueAt, type FieldPath } from '#gateway';
import type { DocumentIssue } from '#policy';
import { didYouMean } from '../errors.ts';
import { visible } from '../report/visible.ts';
import { readYaml, type Position } from '../yaml/index.ts';
import { meant } from './words.ts';

/** The group and version of every policy document. */
export const POLICY_API_VERSION = 'gateward.dev/v1alpha1';

/** A document that may be a policy document, not yet looked into. */
export interface ConfigDocument {
  /** The file, as the operator named it; for one that comes from a cluster its kind and name. */
  readonly origin: string;
  /** Foreign data of any shape. */
  readonly value: unknown;
  /** Where a field stands in the file; undefined for documents that come from a cluster. */
  readonly locate: ((path: FieldPath, part?: 'key') => Position) | undefined;
}

/** Something wrong in a document. */
export interface ConfigProblem {
  readonly origin: string;
  readonly at: Position | undefined;
  /** The field, as Kubernetes writes it; `""` for the document. */
  readonly path: string;
  readonly message: string;
}

/** One line: `policies/hosts.yaml:7:3: spec.ownerz: unknown field; did you mean "owners"?` */
export function formatProblem({ origin, at, path, message }: ConfigProblem): string {
  return visible([whereIs(origin, at), ...(path === '' ? [] : [path]), message].join(': '));
}

/** `file:line:column`, or the origin alone. */
export function whereIs(origin: string, at: Position | undefined): string {
  return at === undefined ? origin : `${origin}:${at.line}:${at.column}`;
}

/** A problem of a document at a field; `part` is the key where the field itself should not be there. */
export function problemAt(document: ConfigDocument, path: FieldPath, message: string, part?: 'key'): ConfigProblem {
  return { origin: document.origin, at: document.locate?.(path, part), path: formatPath(path), message };
}

/** The documents of a file's text, the items of lists one by one, and what could not be read. */
export function configDocuments(
  origin: string,
  text: string,
): { readonly documents: readonly ConfigDocument[]; readonly problems: readonly ConfigProblem[] } {
  const yaml = readYaml(text);
  return {
    documents: yaml.documents.flatMap((document) =>
      [...objectsOf(document.value)].map(({ value, path: base }): ConfigDocument => ({
        origin,
        // Strings of their own: one that is a slice of the text keeps all of it, and takes long to compare, which every review does.
        value: structuredClone(value),
        locate: (path, part) => document.locate([...base, ...path], part),
      })),
    ),
    problems: yaml.problems.map(({ message, at }) => ({ origin, at, path: '', message })),
  };
}

/** What is wrong inside a document's `spec`, with the nearest name that would do. */
export function issueProblem(issue: DocumentIssue, document: ConfigDocument): ConfigProblem {
  const value = valueAt(document.value, issue.path);
  const key = issue.path.at(-1);
  const isUnknownField = issue.message === 'unknown field';
  const hint = isUnknownField ? didYouMean(String(key), issue.expected) : meant(value, issue.expected);
  return problemAt(document, issue.path, `${issue.message}${hint}`, isUnknownField ? 'key' : undefined);
}
