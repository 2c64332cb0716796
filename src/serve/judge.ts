import { errorText } from '../errors.ts';
import { formatKey, type KindName, type ObjectKey, type Snapshot } from '#gateway';
import type { Operation, Subject } from '#policy';
import {
  claimsOf,
  claimsStanding,
  decide,
  doubted,
  evaluate,
  openQuestions,
  repair,
  unseenBeforeRepair,
  withFailedClaims,
  withViolations,
  type Evaluation,
  type PolicyOutcome,
  type PolicySet,
} from '../engine/index.ts';
import {
  allow,
  answerBroken,
  answerInvalid,
  answerMutation,
  answerValidation,
  decode,
  isCollected,
  withObject,
  type RequestFacts,
  type Review,
  type ReviewAnswer,
} from '../admission/index.ts';
import { answered, type LiveAnswer, type LiveReader } from '../cluster/answered.ts';
import type { ClaimKeeper } from '../cluster/claimKeeper.ts';

/** What reviews are judged by: documents and the cluster as it is known. One reference is taken for one review. */
export interface World {
  readonly set: PolicySet;
  readonly snapshot: Snapshot;
  /** Absent where there is no API server to ask. */
  readonly reader: LiveReader | undefined;
  /** Absent where there is no API server to hold hostnames in. */
  readonly claims: ClaimKeeper | undefined;
  /** What of the snapshot may be behind the cluster, and for how long; empty when nothing is. */
  readonly stale: readonly string[];
}

/** A review's answer and what is recorded of it. */
export interface Verdict {
  readonly facts: RequestFacts;
  readonly answer: ReviewAnswer;
  readonly outcomes: readonly PolicyOutcome[];
  readonly rules: readonly string[];
  readonly related: readonly string[];
  /** What could not be judged and why; the error of a breakdown itself. */
  readonly errors: readonly string[];
  /** What the verdict rests on that may be behind the cluster. */
  readonly stale: readonly string[];
}

/** How often a Deny is taken back to the API server: what is read may bring up a new question, but not for ever. */
const ROUNDS = 3;

/** When to come back for a hostname whose holder has not landed. */
const RETRY_AFTER_SECONDS = 1;

/** What a review needs besides its body. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ends when no answer can be in time any more. */
  readonly signal: () => AbortSignal;
  /** The caller has proved to be the API server. */
  readonly trusted: boolean;
}

/**
 * The validating webhook: decode, evaluate, and where a Deny rests on an absence, ask the API server and evaluate again. What would be allowed
 * then has its hostnames held, where documents ask for it. The verdict is there at once unless something had to be asked. A breakdown outside of the policies' own guards denies whenever an enforced document
 * speaks about the subject.
 */
export function validate(review: Readable, world: World, circumstances: Circumstances): Verdict | Promise<Verdict> {
  const { facts } = review;
  if (review.kind === 'exempt') return passed(facts, review.warning === undefined ? [] : [review.warning]);
  if (review.kind === 'invalid')
    return { ...passed(facts), answer: answerInvalid(facts, review.problems), rules: ['invalid'] };
  const { subject } = review;
  const breakdown = (error: unknown): Verdict => ({
    ...passed(facts, ['gateward could not judge the request; its log says why']),
    ...(isEnforced(subject, world.set) ? { answer: answerBroken(facts) } : {}),
    errors: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  });
  try {
    if (isCollected(subject, world.snapshot)) return passed(facts);
    const evaluation = evaluate(subject, world.snapshot, world.set, circumstances.now);
    const questions = world.reader === undefined ? [] : openQuestions(evaluation);
    if (world.reader === undefined || questions.length === 0) {
      const verdict = settled(facts, { evaluation, snapshot: world.snapshot }, world, circumstances);
      return verdict instanceof Promise ? verdict.catch(breakdown) : verdict;
    }
    return ask(subject, questions, world, world.reader, circumstances)
      .then((judged) => settled(facts, judged, world, circumstances))
      .catch(breakdown);
  } catch (error) {
    return breakdown(error);
  }
}

/**
 * The mutating webhook: the edits of the documents that mutate. The labels of a Namespace that the snapshot does not have yet are read from
 * the API server. Whatever goes wrong, the object passes as it is: the validating webhook has the last word, and a patch that does not apply
 * would fail the write even under failurePolicy Ignore.
 */
export function mutate(review: Readable, world: World, { now, signal }: Circumstances): Verdict | Promise<Verdict> {
  const { facts } = review;
  if (review.kind !== 'subject') return passed(facts);
  const { subject } = review;
  if (subject.subresource !== '' || subject.object.metadata.deletionTimestamp !== undefined) return passed(facts);
  const mutated = (snapshot: Snapshot): Verdict => {
    const { patch } = repair(subject, snapshot, world.set, now, (raw) => withObject(subject, raw));
    return { ...passed(facts), answer: answerMutation(facts.uid, patch) };
  };
  const failed = (error: unknown): Verdict => ({
    ...passed(facts),
    errors: [errorText(error)],
  });
  try {
    const { reader, snapshot } = world;
    const unseen = reader === undefined ? undefined : unseenBeforeRepair(subject, snapshot, world.set);
    if (reader === undefined || unseen === undefined) return mutated(snapshot);
    return reader
      .read([unseen], signal())
      .then((answers) => mutated(answered(snapshot, [unseen], answers)))
      .catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** A review that has a uid to answer to. */
export type Readable = Exclude<Review, { readonly kind: 'unreadable' }>;

/** Reads the body for one of the webhooks; only what some document of its kind can speak about is looked into. */
export function read(webhook: 'validate' | 'mutate', body: unknown, set: PolicySet): Review {
  return decode(body, (kind: KindName, operation: Operation) => {
    const speaking = set.speakingOf(kind, operation);
    return webhook === 'validate'
      ? speaking.length > 0
      : operation !== 'DELETE' && speaking.some((bound) => bound.mutates);
  });
}

/** An evaluation, and what it was made in. */
interface Judged {
  readonly evaluation: Evaluation;
  readonly snapshot: Snapshot;
}

async function ask(
  subject: Subject,
  questions: readonly ObjectKey[],
  world: World,
  reader: LiveReader,
  { now, signal }: Circumstances,
): Promise<Judged> {
  const end = signal();
  let open = questions;
  const keys: ObjectKey[] = [];
  const answers: (LiveAnswer | undefined)[] = [];
  const asked = new Set<string>();
  for (let round = 0; ; round += 1) {
    // In the last round nobody is asked: what is still open counts as unseen.
    answers.push(...(round < ROUNDS ? await reader.read(open, end) : open.map(() => undefined)));
    keys.push(...open);
    // All answers together: what one round was not told, no later one makes certain.
    const snapshot = answered(world.snapshot, keys, answers);
    for (const key of open) asked.add(formatKey(key));
    const evaluation = evaluate(subject, snapshot, world.set, now, snapshot, unanswered(keys, answers));
    open = openQuestions(evaluation).filter((key) => !asked.has(formatKey(key)));
    if (open.length === 0) return { evaluation, snapshot };
  }
}

function unanswered(keys: readonly ObjectKey[], answers: readonly (LiveAnswer | undefined)[]): readonly ObjectKey[] {
  return keys.filter((_key, at) => answers[at] === undefined);
}

/** The verdict of an evaluation; of one that would allow, once the subject's hostnames are held. Only the API server may have that done. */
function settled(
  facts: RequestFacts,
  judged: Judged,
  world: World,
  circumstances: Circumstances,
): Verdict | Promise<Verdict> {
  const { evaluation, snapshot } = judged;
  const { claims, set } = world;
  const failed = (reason: string): Verdict =>
    weighed(facts, withFailedClaims(evaluation, set, `hostnames cannot be held: ${reason}`), world, circumstances);
  if (claimsOf(evaluation.subject, snapshot, set, circumstances.now).size > 0 && decide(evaluation, 'error').allowed) {
    if (claims === undefined) return failed('there is no cluster');
    if (!circumstances.trusted) return failed('callers need not prove to be the API server (--client-ca)');
    return held(facts, judged, claims, world, circumstances).catch((error: unknown) => failed(errorText(error)));
  }
  return weighed(facts, evaluation, world, circumstances);
}

/** Holds the hostnames of a subject. A denial that rests on labels out of sight is taken back to the API server once. */
async function held(
  facts: RequestFacts,
  { evaluation, snapshot: judgedIn }: Judged,
  claims: ClaimKeeper,
  world: World,
  circumstances: Circumstances,
): Promise<Verdict> {
  const { subject } = evaluation;
  const { set, reader } = world;
  const { now } = circumstances;
  const signal = circumstances.signal();
  const { name, uid } = subject.object.metadata;
  if (uid === undefined) throw new Error('the object has no uid');
  let snapshot = judgedIn;
  let questions: readonly ObjectKey[] = [];
  let answers: readonly (LiveAnswer | undefined)[] = [];
  for (let isAsked = false; ; isAsked = true) {
    const { violations, pending } = await claims.hold({
      wanted: [...claimsOf(subject, snapshot, set, now).values()],
      claimant: { kind: subject.kind, namespace: subject.namespace, name, uid },
      dryRun: facts.dryRun,
      askedBy: (kind, object) => claimsStanding(kind, object, snapshot, set, now),
      signal,
    });
    const final = withViolations(evaluation, doubted(violations, unanswered(questions, answers)));
    questions = isAsked ? [] : openQuestions({ ...final, violations });
    if (reader === undefined || questions.length === 0) {
      return weighed(facts, final, world, circumstances, pending ? RETRY_AFTER_SECONDS : undefined);
    }
    answers = await reader.read(questions, signal);
    snapshot = answered(snapshot, questions, answers);
  }
}

function weighed(
  facts: RequestFacts,
  evaluation: Evaluation,
  { stale }: World,
  { trusted }: Circumstances,
  retryAfterSeconds?: number,
): Verdict {
  const { outcomes } = evaluation;
  if (evaluation.violations.length + evaluation.errors.length + stale.length === 0) {
    return { ...passed(facts), outcomes };
  }
  const decision = decide(evaluation, 'error');
  return {
    facts,
    answer: answerValidation(facts, decision, trusted, stale, retryAfterSeconds),
    outcomes,
    rules: unique([...decision.denied, ...decision.warned].map(({ rule }) => rule)),
    related: unique([...decision.denied, ...decision.warned].flatMap(({ related }) => related.map(formatKey))),
    errors: [...decision.failed, ...decision.ignored].map(
      ({ policy, document, reason }) => `${policy} ${document}: ${reason}`,
    ),
    stale,
  };
}

function isEnforced(subject: Subject, set: PolicySet): boolean {
  return set
    .speakingOf(subject.kind, subject.operation)
    .some(({ spec }) => spec.failureMode === 'Fail' && [spec.action, ...Object.values(spec.rules)].includes('Deny'));
}

function passed(facts: RequestFacts, warnings: readonly string[] = []): Verdict {
  return { facts, answer: allow(facts.uid, warnings), outcomes: [], rules: [], related: [], errors: [], stale: [] };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
