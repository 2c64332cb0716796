import { KINDS, parseApiVersion, type KindName } from '#gateway';
import type { Policy } from '#policy';
import { MAX_FILE_BYTES, decodeFile, readFiles, unreadable } from '../cluster/files.ts';
import { shippedBaseline, toldPolicyFiles } from '../cluster/policyFiles.ts';
import { matchesName } from '../engine/index.ts';
import { EXIT, OperatorError, didYouMean } from '../errors.ts';
import { parseReport, type ReportedFinding } from '../report/parseReport.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../telemetry/io.ts';
import type { FaceDeps } from '../output/context.ts';
import { runCheck } from './check.ts';
import type { CheckOptions } from './options.ts';

/** What `gateward exempt` is told. */
export interface ExemptOptions {
  /** A fingerprint, or rule, kind and `namespace/name`; in one word or several. Empty: the only finding of the report. */
  readonly finding: readonly string[];
  /** A JSON report that has the finding; `-` is standard input. */
  readonly from: string | undefined;
  /** Policy documents; and the manifests that have the finding, when paths are given. */
  readonly check: CheckOptions;
  /** The documents to be exempted from, by name; needed only when several could have said it. */
  readonly documents: readonly string[];
  readonly expires: string;
  readonly reason: string;
  readonly ticket: string | undefined;
}

/** What is to be exempted: one rule, on one object or on those of a pattern. */
export interface ExemptTarget {
  readonly policy: Policy;
  /** Without its policy. */
  readonly rule: string;
  /** Names of policy documents. */
  readonly documents: readonly string[];
  readonly group: string;
  readonly kind: string;
  /** `""` for cluster-scoped kinds, `*` for every namespace. */
  readonly namespace: string;
  /** Or a pattern of names, in which `*` stands for any characters. */
  readonly name: string;
  /** What was found; empty when it was only named. */
  readonly messages: readonly string[];
  /** `EXIT.input` when some of the manifests could not be read. */
  readonly code: number;
}

/**
 * Finds what the words of the options mean: in a report, in the findings of manifests, or by the words alone. Throws {@link OperatorError}
 * when that is nothing, or cannot be told from others.
 */
export async function findTarget(options: ExemptOptions, io: Io, deps: FaceDeps): Promise<ExemptTarget> {
  const words = options.finding.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  const wanted = parseFinding(words, deps.policies);
  const report = await readReport(options, io, deps);
  if (report === undefined) {
    if (wanted.kind === 'named') return namedTarget(wanted, options, io, deps.policies);
    throw wrongCall(
      wanted.kind === 'any'
        ? 'name the finding: its rule, kind and namespace/name, or a report that has it with --from'
        : 'a fingerprint says nothing by itself: name the report that has it with --from, or the manifests with -f',
    );
  }
  return { ...reportedTarget(wanted, report, options.documents, deps.policies), code: report.code };
}

/** A finding as the user names it. */
type Wanted =
  | { readonly kind: 'any' }
  | { readonly kind: 'fingerprint'; readonly prefix: string }
  | {
      readonly kind: 'named';
      readonly policy: Policy;
      readonly rule: string;
      /** As it was written: the kind, with its group after a dot where Gateward does not know it. */
      readonly objectKind: string;
      readonly namespace: string;
      readonly name: string;
    };

function parseFinding(words: readonly string[], policies: readonly Policy[]): Wanted {
  const [first, objectKind, object, ...rest] = words;
  if (first === undefined) return { kind: 'any' };
  if (objectKind === undefined && /^[0-9a-f]{6,64}$/.test(first)) return { kind: 'fingerprint', prefix: first };
  if (objectKind === undefined || object === undefined || rest.length > 0) {
    throw wrongCall(
      `"${words.join(' ')}" names no finding: give its fingerprint, or its rule, kind and namespace/name, as in hostname-ownership/not-owned HTTPRoute team-shop/checkout`,
    );
  }
  const [name = '', namespace = ''] = object.split('/').reverse();
  if (namespace.includes('*') && namespace !== '*') {
    throw wrongCall(`"${namespace}" is no namespace: a PolicyExemption names each in full; write * for every one`);
  }
  return { kind: 'named', ...parseRule(first, policies), objectKind, namespace, name };
}

/** The policy and rule of `policy/rule`. Throws {@link OperatorError} for what nobody has, and for what no exemption can reach. */
function parseRule(id: string, policies: readonly Policy[]): { readonly policy: Policy; readonly rule: string } {
  const [policyId = '', rule = ''] = id.split('/');
  if (policyId === 'manifest') {
    throw wrongCall(
      `${id} is no matter of policy, so nothing can be exempted from it: mend the manifest, or see baseline`,
    );
  }
  const policy = policies.find((candidate) => candidate.id === policyId);
  if (policy?.messages.has(rule) === true) return { policy, rule };
  const known = policies.flatMap((candidate) => [...candidate.messages.keys()].map((own) => `${candidate.id}/${own}`));
  throw new OperatorError('usage/unknown-word', { what: 'rule', word: id, nearest: didYouMean(id, known) });
}

/** Where findings are looked for. */
interface Found {
  readonly findings: readonly ReportedFinding[];
  /** What they are the findings of, in words. */
  readonly where: string;
  /** `EXIT.input` when some of it could not be read. */
  readonly code: number;
}

async function readReport({ from, check }: ExemptOptions, io: Io, deps: FaceDeps): Promise<Found | undefined> {
  const hasInput = [check.paths, check.kustomize ?? [], check.reviews ?? []].some((named) => named.length > 0);
  if (from === undefined && !hasInput) return undefined;
  if (from !== undefined && hasInput) throw wrongCall('name a report with --from or manifests with -f, one of them');
  let text = '';
  let code: number = EXIT.clean;
  if (from === undefined) {
    const quiet: Io = { ...io, stdout: (part) => void (text += part) };
    code = await runCheck({ ...check, output: ['json'], failOn: 'never', isHidden: true }, quiet, deps);
  } else text = await readText(from, io);
  const report = parseReport(text);
  if ('problem' in report) throw wrongCall(`${from ?? ''}: ${report.problem}`);
  if (from !== undefined) return { findings: report.findings, where: 'the report', code };
  // What cannot be read has been told, and is no finding that could be meant.
  const findings = report.findings.filter(({ rule }) => rule !== 'manifest/unparsable');
  return { findings, where: 'the manifests', code };
}

async function readText(from: string, io: Io): Promise<string> {
  const files = from === '-' ? [decodeFile('<stdin>', await io.stdin(MAX_FILE_BYTES))] : readFiles([from], io.cwd);
  for await (const file of files) {
    if ('text' in file) return file.text;
    throw unreadable(file);
  }
  return '';
}

/** The target of a finding that only words name: what the words leave out is found in the policy documents and the table of kinds. */
async function namedTarget(
  { policy, rule, objectKind, namespace, name }: Extract<Wanted, { kind: 'named' }>,
  { check, documents }: ExemptOptions,
  io: Io,
  policies: readonly Policy[],
): Promise<ExemptTarget> {
  const paths = check.policies.length > 0 ? check.policies : [shippedBaseline()];
  const { set } = await toldPolicyFiles(paths, policies, io);
  const known = set.policies.filter((bound) => bound.policy === policy).map(({ document }) => document);
  const kindName = policy.subjects.find((subject) => subject === objectKind);
  const [bareKind = '', ...group] = objectKind.split('.');
  const isForeign = kindName === undefined && group.length > 0 && policy.subjects.includes('VendorPolicy');
  const fullName = policy.subjects.find((subject) => objectKind === `${subject}.${KINDS[subject].group}`);
  const own = kindName ?? fullName;
  if (own === undefined && !isForeign) {
    throw wrongCall(
      `${policy.id} does not judge ${objectKind}${didYouMean(objectKind, policy.subjects)}; it judges ${policy.subjects.join(', ')}`,
    );
  }
  requireName(own, namespace, name);
  return {
    policy,
    rule,
    documents: chosenDocuments(policy, known, documents, `in ${paths.join(', ')}`),
    group: own === undefined ? group.join('.') : KINDS[own].group,
    kind: own ?? bareKind,
    namespace,
    name,
    messages: [],
    code: EXIT.clean,
  };
}

function requireName(kind: KindName | undefined, namespace: string, name: string): void {
  const isCluster = kind !== undefined && KINDS[kind].scope === 'Cluster';
  if (name === '') throw wrongCall('the object has no name: give namespace/name');
  if (isCluster && namespace !== '') throw wrongCall(`a ${kind} is in no namespace: give its name alone`);
  if (!isCluster && namespace === '') throw wrongCall(`"${name}" is in some namespace: give namespace/name`);
}

/** The documents to be exempted from: those asked for, else the only one there is. */
function chosenDocuments(
  policy: Policy,
  known: readonly string[],
  asked: readonly string[],
  where: string,
): readonly string[] {
  for (const name of asked) {
    if (known.includes(name)) continue;
    throw new OperatorError('usage/unknown-word', {
      what: `${policy.kind} ${where}:`,
      word: name,
      nearest: didYouMean(name, known),
    });
  }
  if (asked.length > 0) return asked;
  if (known.length === 0)
    throw wrongCall(`there is no ${policy.kind} ${where}: name the documents in force with --policies`);
  if (known.length === 1) return known;
  throw wrongCall(`there are several ${policy.kind} ${where}: choose with --document ${known.join(' or ')}`);
}

function reportedTarget(
  wanted: Wanted,
  { findings, where, code }: Found,
  asked: readonly string[],
  policies: readonly Policy[],
): Omit<ExemptTarget, 'code'> {
  const matching = findings.filter((finding) => isWanted(finding, wanted));
  const isMany = wanted.kind === 'named' && (wanted.name.includes('*') || wanted.namespace === '*');
  const bySubject = Map.groupBy(matching, ({ rule, object }) =>
    JSON.stringify(isMany ? [rule, groupOf(object), object?.kind] : [rule, object]),
  );
  const [first, ...others] = bySubject.values();
  const [one] = first ?? [];
  if (first === undefined || one === undefined) {
    const problem = findings.length === 0 ? 'no findings' : `no such finding among the ${findings.length}`;
    throw code === EXIT.input
      ? new OperatorError('input/unreadable', { file: where, problem: `${problem} in what could be read` })
      : wrongCall(`${problem} in ${where}`);
  }
  if (others.length > 0) {
    const listed = [one, ...others.flatMap(([other]) => other ?? [])].slice(0, 10).map(describe);
    const more = others.length > 9 ? `\n  and ${others.length - 9} more` : '';
    throw wrongCall(
      `several findings in ${where} would do: name one by its fingerprint\n  ${listed.join('\n  ')}${more}`,
    );
  }
  const { policy, rule } = parseRule(one.rule, policies);
  if (one.object === null) throw wrongCall(`${one.rule} is about no object that could be named`);
  const known = [...new Set(first.map(({ document }) => document))];
  return {
    policy,
    rule,
    documents: asked.length === 0 ? known : chosenDocuments(policy, known, asked, 'with that finding'),
    group: groupOf(one.object),
    kind: one.object.kind,
    namespace: isMany ? wanted.namespace : one.object.namespace,
    name: isMany ? wanted.name : nameOf(one.object),
    messages: [...new Set(first.map(({ message }) => message))],
  };
}

function isWanted({ fingerprint, rule, object }: ReportedFinding, wanted: Wanted): boolean {
  if (wanted.kind === 'any') return true;
  if (wanted.kind === 'fingerprint') return fingerprint.startsWith(wanted.prefix);
  if (object === null || rule !== `${wanted.policy.id}/${wanted.rule}`) return false;
  const isKind = [object.kind, `${object.kind}.${groupOf(object)}`].includes(wanted.objectKind);
  const isNamespace = wanted.namespace === '*' ? object.namespace !== '' : object.namespace === wanted.namespace;
  return isKind && isNamespace && matchesName([wanted.name], nameOf(object));
}

type ReportedObject = NonNullable<ReportedFinding['object']>;

function groupOf(object: ReportedObject | null): string {
  return parseApiVersion(object?.apiVersion ?? '').group;
}

/** Of an object that is still to be given a name the pattern of those that it may be given. */
function nameOf({ name, generateName }: ReportedObject): string {
  return generateName === undefined ? name : `${generateName}*`;
}

function describe({ fingerprint, rule, object }: ReportedFinding): string {
  const { kind = '', namespace = '', name = '' } = object ?? {};
  return visible(`${fingerprint.slice(0, 12)}  ${rule}  ${kind} ${namespace === '' ? name : `${namespace}/${name}`}`);
}

/** A mistake in how `exempt` was called. */
export function wrongCall(problem: string): OperatorError {
  return new OperatorError('usage/invalid', { problem, command: 'exempt' });
}
