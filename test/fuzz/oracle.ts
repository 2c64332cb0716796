import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { NAMESPACE_NAME_LABEL, isGatewayKind, kindOf, kindOfResource, type KindName, type Snapshot } from '#gateway';
import { OPERATIONS, type BoundPolicy, type Finding, type Operation, type Subject } from '#policy';
import { actionFor } from '../../src/engine/evaluate.ts';
import { policySet, type PolicySet } from '../../src/engine/index.ts';
import { shapeOf } from '../../src/gateway/schema/kindShape.ts';
import { Filler } from '../../src/gateway/schema/shape.ts';
import { isRecord } from '../support/world.ts';
import { hold } from './door.ts';
import { CANARY } from './objects.ts';
import { MARK } from './world.ts';

/** A document that has judged an object to the end. */
interface Judged {
  readonly document: BoundPolicy;
  readonly subject: Subject;
  readonly findings: readonly Finding[];
}

/** Documents that note what they have judged, and break where they are told to. */
export interface WatchedSet {
  readonly set: PolicySet;
  readonly judged: Judged[];
  /** Forgets what was judged; `breaks` says which documents throw from now on. */
  readonly reset: (breaks: (document: BoundPolicy) => boolean) => void;
  /** Whether a document has thrown because it was told to. */
  readonly hasBroken: () => boolean;
}

/** Wraps every document. */
export function watched(documents: readonly BoundPolicy[]): WatchedSet {
  const judged: Judged[] = [];
  let breaks: (document: BoundPolicy) => boolean = () => false;
  let hasBroken = false;
  const wrapped = documents.map((document): BoundPolicy => ({
    ...document,
    evaluate: (subject, snapshot, now) => {
      const findings = document.evaluate(subject, snapshot, now);
      if (breaks(document)) {
        hasBroken = true;
        throw new Error('told to break');
      }
      judged.push({ document, subject, findings });
      return findings;
    },
  }));
  return {
    set: policySet(wrapped, []),
    judged,
    reset: (next) => {
      judged.length = 0;
      hasBroken = false;
      breaks = next;
    },
    hasBroken: () => hasBroken,
  };
}

const text = z.string().refine((value) => value.isWellFormed(), 'is not well-formed');
/** What `kubectl` may be shown of one line: no controls, nothing that turns the reading order. */
const line = text.regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069\ufeff]*$/u);
const allowed = {
  uid: z.string(),
  warnings: z
    .array(line.refine((value) => Array.from(value).length <= 256, 'is longer than 256'))
    .nonempty()
    .optional(),
  auditAnnotations: z.record(z.string().regex(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/), line.max(4096)).optional(),
};
const VALIDATION = z.strictObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  response: z.discriminatedUnion('allowed', [
    z.strictObject({ ...allowed, allowed: z.literal(true) }),
    z.strictObject({
      ...allowed,
      allowed: z.literal(false),
      status: z.strictObject({
        status: z.literal('Failure'),
        code: z.literal([403, 422, 500]),
        reason: z.enum(['Forbidden', 'Invalid', 'InternalError']),
        message: z
          .string()
          .min(1)
          .max(20_000)
          .refine((value) => value.split('\n').every((one) => line.safeParse(one).success), 'has controls'),
        details: z.strictObject({
          group: line,
          kind: line,
          name: line,
          causes: z.array(z.strictObject({ reason: line.min(1), field: line.optional(), message: line.min(1) })),
        }),
      }),
    }),
  ]),
});
const MUTATION = z.strictObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  response: z.strictObject({
    uid: z.string(),
    allowed: z.literal(true),
    patchType: z.literal('JSONPatch').optional(),
    patch: z.base64().min(1).optional(),
  }),
});

/** The answer of a webhook as the API server takes it. Throws when it would not. */
export function wellFormed(webhook: 'validate' | 'mutate', answer: unknown, uid: unknown): Answer {
  hold(
    answer !== null && !JSON.stringify(answer).includes(CANARY),
    'the answer shows what stands in the object',
    answer,
  );
  if (webhook === 'mutate') {
    const { response } = MUTATION.parse(answer);
    hold(response.uid === uid, 'the uid is another', answer);
    hold((response.patch === undefined) === (response.patchType === undefined), 'patch without patchType', answer);
    const decoded = response.patch === undefined ? '[]' : Buffer.from(response.patch, 'base64').toString();
    return { allowed: true, code: undefined, patch: z.array(z.unknown()).parse(JSON.parse(decoded)) };
  }
  const { response } = VALIDATION.parse(answer);
  hold(response.uid === uid, 'the uid is another', answer);
  const { warnings = [] } = response;
  hold(new Set(warnings).size === warnings.length, 'a warning stands twice', answer);
  hold(
    warnings.reduce((sum, one) => sum + Array.from(one).length, 0) <= 4096,
    'the warnings are too long together',
    answer,
  );
  return { allowed: response.allowed, code: response.allowed ? undefined : response.status.code, patch: [] };
}

/** What an answer says. */
export interface Answer {
  readonly allowed: boolean;
  /** Of a denial. */
  readonly code: number | undefined;
  /** Empty when nothing is to change. */
  readonly patch: readonly unknown[];
}

/** How a review that was sent as `body` came to be allowed. */
export interface Allowance {
  readonly body: unknown;
  readonly snapshot: Snapshot;
  readonly watched: WatchedSet;
  /** Something threw on the way. */
  readonly broke: boolean;
}

/**
 * Throws when a review was allowed that no document has judged to the end and found in order, or that was not understood. It reads the review
 * by itself, and knows the ways past judgement: other kinds, subresources, CONNECT, collectors, and the end of a deletion.
 */
export function holdAllowance({ body, snapshot, watched: { set, judged }, broke }: Allowance): void {
  const request = fields(fields(body)['request']);
  const [type, resource] = [fields(request['kind']), fields(request['resource'])];
  const byKind = kindOf(said(type['group']), said(type['kind']));
  const byResource = kindOfResource(said(resource['group']), said(resource['resource']));
  const kind = byKind ?? byResource;
  if (kind === undefined) return;
  const subresource = said(request['subResource']);
  if (subresource !== '' && !(byResource === 'Namespace' && ['status', 'finalize'].includes(subresource))) return;
  hold(byKind === byResource, 'allowed, though kind and resource do not fit', request);
  if (request['operation'] === 'CONNECT') return;
  const operation = OPERATIONS.find((known) => known === request['operation']);
  hold(operation !== undefined, 'allowed, though nobody knows the operation', request);
  const speaking = set.speakingOf(kind, operation);
  if (speaking.length === 0) return;
  const object = operation === 'DELETE' ? request['oldObject'] : request['object'];
  const filled = understood(kind, object, isGatewayKind(kind) && operation !== 'DELETE');
  if (
    operation === 'DELETE' ? isCollected(request, object, snapshot) : isFinalizing(kind, operation, object, request)
  ) {
    return;
  }
  hold(filled !== undefined, 'allowed, though the object was not understood', request);
  hold(!broke, 'allowed, though something threw on the way', request);
  for (const document of speaking) {
    const last = judged.findLast(
      (one) => one.document.policy === document.policy && isDeepStrictEqual(one.subject.raw, object),
    );
    hold(last !== undefined, `allowed, though ${document.document} has not judged it to the end`, request);
    const denying = last.findings.filter((finding) => actionFor(document, finding) === 'Deny');
    const isOld = judged.some(
      ({ subject }) => operation === 'UPDATE' && isDeepStrictEqual(subject.raw, request['oldObject']),
    );
    hold(denying.length === 0 || isOld, `allowed, though ${document.document} denies`, denying, request);
  }
  const isMarked = (value: unknown): boolean => JSON.stringify(value ?? null).includes(MARK);
  hold(
    !isMarked(object) || (operation === 'UPDATE' && isMarked(request['oldObject'])),
    'allowed, though marked',
    request,
  );
}

/** The object with defaults by the tables alone; undefined when it does not fit them. */
function understood(kind: KindName, object: unknown, refusesNulls: boolean): unknown {
  const filler = new Filler(refusesNulls ? 'refuse' : 'prune');
  const filled = filler.fill(shapeOf(kind), object, []);
  return filler.problems.some(({ path }) => path[0] !== 'status') ? undefined : filled;
}

const COLLECTORS: readonly unknown[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
];

function isCollected(request: Fields, object: unknown, snapshot: Snapshot): boolean {
  if (COLLECTORS.includes(fields(request['userInfo'])['username'])) return true;
  const { namespace } = fields(fields(object)['metadata']);
  const name = said(namespace) === '' ? said(request['namespace']) : said(namespace);
  return name !== '' && snapshot.get('Namespace', '', name)?.metadata.deletionTimestamp !== undefined;
}

function isFinalizing(kind: KindName, operation: Operation, object: unknown, request: Fields): boolean {
  if (operation !== 'UPDATE') return false;
  const old = request['oldObject'];
  if (said(fields(fields(old)['metadata'])['deletionTimestamp']) === '') return false;
  const parts = (value: unknown): readonly unknown[] => {
    const { spec, metadata } = fields(understood(kind, value, false) ?? value);
    const { labels, annotations } = fields(metadata);
    // A Namespace has its name as a label, whoever leaves it out.
    const named = kind === 'Namespace' ? { [NAMESPACE_NAME_LABEL]: request['name'] } : {};
    return [spec, { ...named, ...fields(labels) }, annotations ?? {}];
  };
  // As they came: an object that its schema no longer takes is let go all the same.
  const asSent = (value: unknown): readonly unknown[] => {
    const { labels, annotations } = fields(fields(value)['metadata']);
    return [fields(value)['spec'], labels, annotations];
  };
  return isDeepStrictEqual(parts(object), parts(old)) || isDeepStrictEqual(asSent(object), asSent(old));
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
