import { formatKey, formatPath, type SchemaProblem } from '#gateway';
import type { Decision, PatchOperation, PolicyError, Violation } from '../engine/index.ts';
import type { RequestFacts } from './review.ts';
import { cut, safeText, warningsOf } from './text.ts';

/** One reason of a denial: `metav1.StatusCause`. */
export interface Cause {
  /** The rule, or what the API server calls a malformed field. */
  readonly reason: string;
  readonly field?: string;
  readonly message: string;
}

/** `metav1.Status` of a denial. */
export interface Denial {
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: 'Forbidden' | 'Invalid' | 'InternalError' | 'TooManyRequests';
  readonly message: string;
  readonly details: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly Cause[];
    /** The API server makes a `Retry-After` of it, which clients obey. */
    readonly retryAfterSeconds?: number;
  };
}

/** The AdmissionReview that is sent back (admission/v1 AdmissionResponse). */
export interface ReviewAnswer {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: Denial;
    readonly patchType?: 'JSONPatch';
    /** base64 of a JSON array. */
    readonly patch?: string;
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
  };
}

/** Longest first line of a denial and longest audit annotation, in code points. */
const MESSAGE_LIMIT = 1024;
/** Causes and parts of an annotation that are written; the message counts the others. One object may have thousands. */
const TOLD = 256;

/** The answer to a request that nothing stands against. */
export function allow(uid: string, warnings: readonly string[] = []): ReviewAnswer {
  const said = warningsOf(warnings);
  return answer({ uid, allowed: true, ...(said.length === 0 ? {} : { warnings: said }) });
}

/**
 * The answer of the validating webhook. `disclose` says that the caller has proved to be the API server: only then may the audit annotation
 * name the objects of other namespaces that a violation is about. `stale`: what the decision rests on that may be behind the cluster.
 * `retryAfterSeconds`: the denial may be over by then, and is to be asked for again (429).
 */
export function answerValidation(
  facts: RequestFacts,
  decision: Decision,
  disclose: boolean,
  stale: readonly string[] = [],
  retryAfterSeconds?: number,
): ReviewAnswer {
  const warnings = warningsOf([
    ...decision.warned.map(({ rule, message }) => `${rule}: ${message}`),
    ...decision.ignored.map((error) => `${error.policy}: ${notJudged(error)}`),
  ]);
  const annotations = annotationsOf(decision, disclose, stale);
  return answer({
    uid: facts.uid,
    allowed: decision.allowed,
    ...(decision.allowed ? {} : { status: denialOf(facts, decision, retryAfterSeconds) }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(Object.keys(annotations).length === 0 ? {} : { auditAnnotations: annotations }),
  });
}

/** The answer of the mutating webhook: patch and patchType together, or neither when nothing is to change. */
export function answerMutation(uid: string, patch: readonly PatchOperation[]): ReviewAnswer {
  if (patch.length === 0) return allow(uid);
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return answer({ uid, allowed: true, patchType: 'JSONPatch', patch: encoded });
}

/** The answer to an object of a governed kind that cannot be understood: 422, with each problem as a cause. */
export function answerInvalid(facts: RequestFacts, problems: readonly SchemaProblem[]): ReviewAnswer {
  return answerRefused(
    facts,
    problems.map(({ path, message }) => ({ path: formatPath(path), message })),
  );
}

/** The same for problems whose fields are written already as Kubernetes writes them. */
export function answerRefused(
  facts: RequestFacts,
  problems: readonly { readonly path: string; readonly message: string }[],
): ReviewAnswer {
  const causes = problems.slice(0, TOLD).map(({ path, message }) => cause('FieldValueInvalid', path, message));
  const [first] = causes;
  const place = first?.field === undefined ? '' : `${first.field}: `;
  const line = `the ${facts.kind === '' ? 'object' : facts.kind} is not valid: ${place}${first?.message ?? ''}`;
  return deny(facts, 422, 'Invalid', safeText(`${line}${andMore(problems.length - 1)}`), causes);
}

/** The answer when judging broke down outside of any policy: an enforced policy never becomes an allow. */
export function answerBroken(facts: RequestFacts): ReviewAnswer {
  return deny(facts, 500, 'InternalError', 'gateward could not judge the request; its log says why', []);
}

function denialOf(facts: RequestFacts, decision: Decision, retryAfterSeconds: number | undefined): Denial {
  const { denied, failed } = decision;
  const causes = [
    ...denied.slice(0, TOLD).map(({ rule, path, message }) => cause(rule, formatPath(path), message)),
    ...failed.slice(0, TOLD).map((error) => cause(`${error.policy}/not-judged`, '', notJudged(error))),
  ].slice(0, TOLD);
  const count = denied.length + failed.length;
  const policy = denied[0]?.policy ?? failed[0]?.policy ?? '';
  const reference = ` See gateward.dev/rules/${policy}`;
  if (retryAfterSeconds === undefined)
    return denial(facts, 403, 'Forbidden', linesOf(causes, count, reference), causes);
  const message = linesOf(causes, count, ` The object that holds it is not there (yet): try again.${reference}`);
  const { details, ...status } = denial(facts, 429, 'TooManyRequests', message, causes);
  return { ...status, details: { ...details, retryAfterSeconds } };
}

/** Causes that are written out in a message, because `kubectl` shows no causes of a 403. */
const LINES = 10;

/** `rule: message` of the first causes on a line of its own each; the first ends as a sentence, with the reference. `count`: of all there are. */
function linesOf(causes: readonly Cause[], count: number, reference: string): string {
  const [first = '', ...others] = causes
    .slice(0, LINES)
    .map(({ reason, message }) => cut(`${reason}: ${message}`, MESSAGE_LIMIT - reference.length - 1));
  const more = count > LINES ? [`and ${count - LINES} more`] : [];
  return [`${first}${/[.!?…]$/.test(first) ? '' : '.'}${reference}`, ...others, ...more].join('\n');
}

function notJudged({ document, reason, finding }: PolicyError): string {
  const seen = finding === undefined ? '' : `. As far as can be seen, ${finding}`;
  return safeText(`document ${document} could not be judged: ${reason}${seen}`);
}

function andMore(count: number): string {
  return count > 0 ? ` (and ${count} more)` : '';
}

function cause(reason: string, field: string, message: string): Cause {
  return { reason, ...(field === '' ? {} : { field: safeText(field) }), message: safeText(message) };
}

function deny(
  facts: RequestFacts,
  code: number,
  reason: Denial['reason'],
  message: string,
  causes: readonly Cause[],
): ReviewAnswer {
  return answer({ uid: facts.uid, allowed: false, status: denial(facts, code, reason, message, causes) });
}

function denial(
  { group, kind, name }: RequestFacts,
  code: number,
  reason: Denial['reason'],
  message: string,
  causes: readonly Cause[],
): Denial {
  return {
    status: 'Failure',
    code,
    reason,
    message: message
      .split('\n')
      .map((line) => cut(safeText(line), MESSAGE_LIMIT))
      .join('\n'),
    details: { group: safeText(group), kind: safeText(kind), name: safeText(name), causes },
  };
}

/** One annotation for each thing that happened; the API server files them under `<webhook>/<key>`. */
function annotationsOf(
  decision: Decision,
  disclose: boolean,
  stale: readonly string[],
): Readonly<Record<string, string>> {
  const tell = (violation: Violation): string => {
    const related = disclose && violation.related.length > 0 ? ` [${violation.related.map(formatKey).join(', ')}]` : '';
    return `${violation.rule}: ${violation.message}${related}`;
  };
  const unjudged = [...decision.failed, ...decision.ignored];
  const entries: readonly (readonly [string, readonly string[]])[] = [
    ['denied', decision.denied.slice(0, TOLD).map(tell)],
    ['warned', decision.warned.slice(0, TOLD).map(tell)],
    ['audited', decision.audited.slice(0, TOLD).map(tell)],
    ['exempted', decision.exempted.slice(0, TOLD).map(({ rule, relief }) => `${rule}${exemptionName(relief)}`)],
    ['not-judged', unjudged.slice(0, TOLD).map(({ policy, document }) => `${policy} ${document}`)],
    ['stale', stale],
  ];
  return Object.fromEntries(
    entries
      .filter(([, values]) => values.length > 0)
      .map(([key, values]) => [key, cut(safeText(values.join('; ')), MESSAGE_LIMIT)]),
  );
}

function exemptionName(relief: Violation['relief']): string {
  return relief.kind === 'exempted' ? ` by ${relief.exemption.name}` : '';
}

function answer(response: ReviewAnswer['response']): ReviewAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
