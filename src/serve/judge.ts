import { formatKey, type KindName, type ObjectKey, type Snapshot } from '../gateway/index.ts';
import type { Operation, Subject } from '../policy/index.ts';
import {
  decide,
  evaluate,
  openQuestions,
  repair,
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
import { answered, type LiveReader } from '../cluster/answered.ts';

/** What reviews are judged by: documents and the cluster as it is known. One reference is taken for one review. */
export interface World {
  readonly set: PolicySet;
  readonly snapshot: Snapshot;
  /** Absent where there is no API server to ask. */
  readonly reader: LiveReader | undefined;
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
 * The validating webhook: decode, evaluate, and where a Deny rests on an absence, ask the API server and evaluate again. The verdict is
 * there at once unless something had to be asked. A breakdown outside of the policies' own guards denies whenever an enforced document
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
    if (world.reader === undefined || questions.length === 0) return weighed(facts, evaluation, world, circumstances);
    return ask(subject, questions, world, world.reader, circumstances).then(
      (final) => weighed(facts, final, world, circumstances),
      breakdown,
    );
  } catch (error) {
    return breakdown(error);
  }
}

/**
 * The mutating webhook: the edits of the documents that mutate. Whatever goes wrong, the object passes as it is: the validating webhook
 * has the last word, and a patch that does not apply would fail the write even under failurePolicy Ignore.
 */
export function mutate(review: Readable, world: World, { now }: Circumstances): Verdict {
  const { facts } = review;
  if (review.kind !== 'subject') return passed(facts);
  const { subject } = review;
  if (subject.subresource !== '' || subject.object.metadata.deletionTimestamp !== undefined) return passed(facts);
  try {
    const { patch } = repair(subject, world.snapshot, world.set, now, (raw) => withObject(subject, raw));
    return { ...passed(facts), answer: answerMutation(facts.uid, patch) };
  } catch (error) {
    return { ...passed(facts), errors: [error instanceof Error ? error.message : String(error)] };
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

async function ask(
  subject: Subject,
  questions: readonly ObjectKey[],
  world: World,
  reader: LiveReader,
  { now, signal }: Circumstances,
): Promise<Evaluation> {
  const end = signal();
  let { snapshot } = world;
  let open = questions;
  const asked = new Set<string>();
  for (let round = 0; ; round += 1) {
    // In the last round nobody is asked: what is still open counts as unseen.
    const answers = round < ROUNDS ? await reader.read(open, end) : open.map(() => undefined);
    snapshot = answered(snapshot, open, answers);
    for (const key of open) asked.add(formatKey(key));
    const evaluation = evaluate(subject, snapshot, world.set, now);
    open = openQuestions(evaluation).filter((key) => !asked.has(formatKey(key)));
    if (open.length === 0) return evaluation;
  }
}

function weighed(facts: RequestFacts, evaluation: Evaluation, { stale }: World, { trusted }: Circumstances): Verdict {
  const { outcomes } = evaluation;
  if (evaluation.violations.length + evaluation.errors.length + stale.length === 0) {
    return { ...passed(facts), outcomes };
  }
  const decision = decide(evaluation, 'error');
  return {
    facts,
    answer: answerValidation(facts, decision, trusted, stale),
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
