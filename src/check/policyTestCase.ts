import { dirname, isAbsolute, join } from 'node:path';
import { formatPath, isGatewayKind, type FieldPath } from '#gateway';
import { subjectOf, type Subject } from '#policy';
import { isCollected } from '../admission/index.ts';
import { findFiles, readFiles } from '../cluster/files.ts';
import { ManifestReader, type Manifest } from '../cluster/manifests.ts';
import { storeOf } from '../cluster/state.ts';
import type { PolicyTest, PolicyTestCase } from '../config/policyTest.ts';
import {
  decide,
  effectOf,
  evaluate,
  repair,
  type Decision,
  type PatchOperation,
  type PolicySet,
  type Violation,
} from '../engine/index.ts';
import type { TestProblem } from '../report/testReport.ts';
import type { Position } from '../yaml/index.ts';
import { rebuild } from './judge.ts';
import { schemaProblems } from './schema.ts';

/** What admission makes of a case: the mutating webhook first, then the validating one. */
export interface CaseVerdict {
  readonly allowed: boolean;
  /** Everything that is denied, warned of or audited; what is exempted is not among it. */
  readonly violations: readonly (Violation & { readonly effect: 'Deny' | 'Warn' | 'Audit' })[];
  readonly patch: readonly PatchOperation[];
  /** After mutation. */
  readonly object: unknown;
}

/** A list of objects, or what is wrong with them. */
export type Given = { readonly manifests: readonly Manifest[] } | { readonly problems: readonly TestProblem[] };

/** A path of a test, from the folder of its file. */
export function besideTest({ document }: PolicyTest, path: string): string {
  return isAbsolute(path) ? path : join(dirname(document.origin), path);
}

/** The objects that the entries of a list hold or name. */
export async function readState(
  test: PolicyTest,
  values: readonly unknown[],
  path: FieldPath,
  cwd: string,
): Promise<Given> {
  const fields = values.map((value, index) => ({ value, path: [...path, index] }));
  return readGiven(test, fields, cwd);
}

/** The objects that fields of a test hold or name: maps as they are, files and folders from the file of the test. */
async function readGiven(
  test: PolicyTest,
  fields: readonly { readonly value: unknown; readonly path: FieldPath }[],
  cwd: string,
): Promise<Given> {
  const reader = new ManifestReader('default');
  const { origin } = test.document;
  const at = (field: FieldPath): Position => test.document.locate?.(field) ?? { line: 1, column: 1 };
  const problems: TestProblem[] = [];
  for (const { value, path: base } of fields) {
    if (typeof value !== 'string') {
      reader.addInline(value, {
        file: origin,
        document: 0,
        base,
        source: undefined,
        range: { start: 0, end: 0 },
        locate: (field) => at([...base, ...field]),
        lineAt: () => '',
      });
      continue;
    }
    const found = await findFiles([besideTest(test, value)], cwd);
    const unreadable = (file: string, problem: string): void => {
      problems.push({ file: origin, at: at(base), message: `${file}: ${problem}` });
    };
    for (const { file, problem } of found.problems) unreadable(file, problem);
    for await (const file of readFiles(found.files, cwd)) {
      if ('text' in file) reader.add(file);
      else unreadable(file.file, file.problem);
    }
  }
  const { manifests, findings } = reader.manifests;
  problems.push(...findings.map(({ origin: { file }, at: position, message }) => ({ file, at: position, message })));
  return problems.length > 0 ? { problems } : { manifests };
}

/** The one object of a case's field. */
async function readObject(
  test: PolicyTest,
  own: PolicyTestCase,
  field: 'object' | 'oldObject',
  cwd: string,
): Promise<Manifest | { readonly problems: readonly TestProblem[] } | undefined> {
  if (own[field] === undefined) return undefined;
  const given = await readGiven(test, [{ value: own[field], path: [...own.path, field] }], cwd);
  if ('problems' in given) return given;
  const [manifest, ...more] = given.manifests;
  if (manifest !== undefined && more.length === 0) return manifest;
  const message =
    manifest === undefined
      ? 'is no object of a kind that Gateward judges'
      : `holds ${more.length + 1} objects; one is needed`;
  return { problems: [problemAt(test, [...own.path, field], message)] };
}

/** A problem at a field of the test itself. */
export function problemAt({ document }: PolicyTest, path: FieldPath, message: string): TestProblem {
  return { file: document.origin, at: document.locate?.(path) ?? { line: 1, column: 1 }, message };
}

/**
 * Judges a case as the API server would have it judged, in a world where nothing else is there than what the test says. `now` in milliseconds
 * since the epoch, unless the test has a time of its own.
 */
export async function judgeCase(
  test: PolicyTest,
  own: PolicyTestCase,
  state: readonly Manifest[],
  set: PolicySet,
  now: number,
  cwd: string,
): Promise<CaseVerdict | { readonly problems: readonly TestProblem[] }> {
  const object = await readObject(test, own, 'object', cwd);
  const old = await readObject(test, own, 'oldObject', cwd);
  const more = await readState(test, own.state, [...own.path, 'state'], cwd);
  const problems = [object, old, more].flatMap((part) =>
    part !== undefined && 'problems' in part ? part.problems : [],
  );
  if (problems.length > 0 || (object !== undefined && 'problems' in object)) return { problems };
  if ((old !== undefined && 'problems' in old) || 'problems' in more) return { problems };
  const subject = subjectFrom(own, object, old);
  if (subject === undefined) {
    return { problems: [problemAt(test, own.path, 'object and oldObject are not of one kind, namespace and name')] };
  }
  const refused = object === undefined ? [] : await refusedBySchema(test, own, object, old);
  if (refused.length > 0) return { problems: refused };
  const world = storeOf([...state, ...more.manifests, ...(old === undefined ? [] : [old])], 'all');
  if (isCollected(subject, world)) return { allowed: true, violations: [], patch: [], object: subject.raw };
  const { patch, subject: mutated } = mutate(subject, world, set, now);
  const evaluation = evaluate(mutated, world, set, now);
  if (evaluation.errors.length > 0) {
    return {
      problems: evaluation.errors.map(({ policy, document, reason }) =>
        problemAt(test, own.path, `${policy} (${document}) could not judge it: ${reason}`),
      ),
    };
  }
  const decision = decide(evaluation, 'error');
  return { allowed: decision.allowed, violations: violationsOf(decision), patch, object: mutated.raw };
}

function violationsOf({ denied, warned, audited }: Decision): CaseVerdict['violations'] {
  const effects = { deny: 'Deny', warn: 'Warn', audit: 'Audit', exempt: 'Audit' } as const;
  return [...denied, ...warned, ...audited].map((violation) => ({
    ...violation,
    effect: effects[effectOf(violation)],
  }));
}

/** An object that the API server refuses never comes to a policy: the case would be green, or red, for the wrong reason. */
async function refusedBySchema(
  test: PolicyTest,
  own: PolicyTestCase,
  { kind, object, raw }: Manifest,
  old: Manifest | undefined,
): Promise<readonly TestProblem[]> {
  if (!isGatewayKind(kind)) return [];
  const found = await schemaProblems(kind, object.apiVersion, raw, old?.raw);
  return found.map(({ path, message }) => {
    const field = path.length === 0 ? '' : `${formatPath(path)}: `;
    return problemAt(test, [...own.path, 'object', ...path], `the API server would refuse it: ${field}${message}`);
  });
}

function subjectFrom(
  own: PolicyTestCase,
  object: Manifest | undefined,
  old: Manifest | undefined,
): Subject | undefined {
  const { operation, subresource = '', userInfo } = own;
  const subject = operation === 'DELETE' ? old : object;
  if (subject === undefined) return undefined;
  const { kind, namespace } = subject;
  const isUpdate = operation === 'UPDATE';
  const isSame =
    old?.kind === kind && old.namespace === namespace && old.object.metadata.name === subject.object.metadata.name;
  if (isUpdate && !isSame) return undefined;
  return subjectOf({
    kind,
    operation,
    object: subject.object,
    oldObject: isUpdate ? old?.object : undefined,
    raw: subject.raw,
    rawOld: isUpdate ? old?.raw : undefined,
    namespace,
    subresource,
    requester: userInfo,
  });
}

/** As the mutating webhook: whatever goes wrong, the object passes as it is. */
function mutate(
  subject: Subject,
  world: ReturnType<typeof storeOf>,
  set: PolicySet,
  now: number,
): { readonly patch: readonly PatchOperation[]; readonly subject: Subject } {
  if (subject.operation === 'DELETE' || subject.subresource !== '') return { patch: [], subject };
  try {
    return repair(subject, world, set, now, (raw) => rebuild(subject, raw));
  } catch {
    return { patch: [], subject };
  }
}
