import { formatPath, valueAt, type FieldPath, type SchemaProblem } from '#gateway';
import { decode, isCollected } from '../admission/index.ts';
import {
  identityOf,
  type Manifest,
  type ManifestFinding,
  type Origin,
  type ReviewDocument,
} from '../cluster/manifests.ts';
import { storeOf } from '../cluster/state.ts';
import type { Change } from './judge.ts';

/** What AdmissionReviews in files come to. */
export interface ReviewedChanges {
  /** What the API server asks about, with its operation, old object and requester. */
  readonly changes: readonly Change[];
  readonly findings: readonly ManifestFinding[];
  /** Reviews that no policy could ever speak about. */
  readonly others: number;
}

/** Reads AdmissionReviews as the webhook reads them; `manifests` are what else there is. */
export function readReviews(reviews: readonly ReviewDocument[], manifests: readonly Manifest[]): ReviewedChanges {
  const changes: Change[] = [];
  const findings: ManifestFinding[] = [];
  let others = 0;
  const world = storeOf(manifests, 'some');
  for (const { origin, value } of reviews) {
    const review = decode(value, () => true);
    if (review.kind === 'unreadable') findings.push(problem('unparsable', review.problem, [], origin, value));
    else if (review.kind === 'exempt') others += 1;
    else if (review.kind === 'invalid') {
      findings.push(...review.problems.map((found) => refusal(found, origin, value)));
    } else {
      const { subject } = review;
      if (isCollected(subject, world)) others += 1;
      else changes.push({ subject, manifest: { ...subject, ...below(origin, objectPath(value)) } });
    }
  }
  return { changes, findings, others };
}

/** Where the object of a review stands that is being decided about. */
function objectPath(value: unknown): FieldPath {
  return ['request', valueAt(value, ['request', 'operation']) === 'DELETE' ? 'oldObject' : 'object'];
}

/** The part of a document as a place of its own; it cannot be mended, since the file only tells of it. */
function below(origin: Origin, path: FieldPath): Origin {
  return {
    ...origin,
    base: [...origin.base, ...path],
    range: undefined,
    locate: (field, part) => origin.locate([...path, ...field], part),
  };
}

/** A review that the webhook answers with 422. Its problems are told from the review or from the object. */
function refusal({ path, message }: SchemaProblem, origin: Origin, value: unknown): ManifestFinding {
  const full = path[0] === 'request' ? path : [...objectPath(value), ...path];
  return problem('schema', `${formatPath(full)}: ${message}`, full, origin, value);
}

function problem(
  rule: 'schema' | 'unparsable',
  message: string,
  path: FieldPath,
  origin: Origin,
  value: unknown,
): ManifestFinding {
  const object = valueAt(value, objectPath(value));
  return {
    rule,
    message: rule === 'unparsable' ? `not an AdmissionReview that can be judged: ${message}` : message,
    path,
    at: origin.locate(path),
    origin,
    object: object === undefined || object === null ? undefined : identityOf(object),
    value: object,
  };
}
