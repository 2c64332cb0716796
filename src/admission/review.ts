import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  OBJECT_DEPTH,
  apiVersionOf,
  isGatewayKind,
  isObject,
  isVendorKind,
  isVendorPolicy,
  kindOf,
  kindOfResource,
  normalise,
  parseApiVersion,
  type KindName,
  type Normalised,
  type SchemaProblem,
} from '#gateway';
import { OPERATIONS, subjectOf, type Operation, type Requester, type Subject } from '#policy';

/** What every answer and log line needs of a request, whatever else is wrong with it. */
export interface RequestFacts {
  readonly uid: string;
  /** As sent; empty when it was no string. */
  readonly operation: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
}

/** An AdmissionReview, understood as far as it goes. */
export type Review =
  /** To be judged. */
  | { readonly kind: 'subject'; readonly facts: RequestFacts; readonly subject: Subject }
  /** No document can speak about it: allowed. */
  | { readonly kind: 'exempt'; readonly facts: RequestFacts; readonly warning: string | undefined }
  /** Of a governed kind, and not understood: denied with 422. */
  | { readonly kind: 'invalid'; readonly facts: RequestFacts; readonly problems: readonly SchemaProblem[] }
  /** HTTP 400. */
  | Unreadable;

/** What has not even a uid to answer to, or is too deep to touch. */
interface Unreadable {
  readonly kind: 'unreadable';
  readonly problem: string;
}

/** Which subjects some document speaks about. */
export type Governs = (kind: KindName, operation: Operation) => boolean;

type Fields = Readonly<Record<string, unknown>>;

/** Longer than any uid the API server makes (36), short enough to log. */
const UID_LIMIT = 128;

/**
 * Reads an AdmissionReview (admission.k8s.io/v1; k8s.io/api/admission/v1 types.go). The uid comes first, so that every later failure still
 * has an answer. `request.kind` decides, as under matchPolicy Equivalent it says what `object` is, while `requestKind` says what the user
 * sent. Never throws.
 */
export function decode(body: unknown, governs: Governs): Review {
  const opened = open(body);
  if (opened.kind === 'unreadable') return opened;
  const { facts, request, type } = opened;
  const resource = typeOf(request['resource'], 'resource');
  if (type === undefined) return invalid(facts, ['request', 'kind'], 'must name group, version and kind');
  if (resource === undefined) {
    return invalid(facts, ['request', 'resource'], 'must name group, version and resource');
  }
  return classify(request, facts, type, resource, governs);
}

/** A review whose outside is in order. */
interface Opened {
  readonly kind: 'opened';
  readonly facts: RequestFacts;
  readonly request: Fields;
  readonly type: Type | undefined;
}

/** The outside of a review. */
function open(body: unknown): Opened | Unreadable {
  if (!isObject(body) || body['kind'] !== 'AdmissionReview') return unreadable('the body is not an AdmissionReview');
  if (body['apiVersion'] !== 'admission.k8s.io/v1') {
    return unreadable('only apiVersion admission.k8s.io/v1 is understood: set admissionReviewVersions: ["v1"]');
  }
  const request = body['request'];
  if (!isObject(request)) return unreadable('the AdmissionReview has no request');
  const uid = request['uid'];
  if (typeof uid !== 'string' || uid === '' || uid.length > UID_LIMIT) {
    return unreadable(`request.uid is not a text of 1 to ${UID_LIMIT} characters`);
  }
  const type = typeOf(request['kind'], 'kind');
  const facts: RequestFacts = {
    uid,
    operation: text(request['operation']),
    group: type?.group ?? '',
    kind: type?.name ?? '',
    namespace: text(request['namespace']),
    name: text(request['name']),
    dryRun: request['dryRun'] === true,
  };
  return { kind: 'opened', facts, request, type };
}

/** A write of a policy document; `oldObject` only of an UPDATE. */
export interface DocumentReview {
  readonly kind: 'document';
  readonly facts: RequestFacts;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** Reads an AdmissionReview about a policy document. Never throws. */
export function decodeDocument(body: unknown): DocumentReview | Unreadable {
  const opened = open(body);
  if (opened.kind === 'unreadable') return opened;
  const { facts, request } = opened;
  return { kind: 'document', facts, object: request['object'], oldObject: request['oldObject'] };
}

function classify(request: Fields, facts: RequestFacts, type: Type, resource: Type, governs: Governs): Review {
  const vendor = vendorKind(request, type, resource);
  const kind = vendor ?? kindOf(type.group, type.name);
  const expected = vendor ?? kindOfResource(resource.group, resource.name);
  const subresource = text(request['subResource']);
  if (expected === undefined && kind === undefined) return exempt(facts, unknownGatewayKind(type));
  if (subresource !== '' && !(expected === 'Namespace' && ['status', 'finalize'].includes(subresource))) {
    return exempt(facts);
  }
  if (kind === undefined || kind !== expected) {
    return invalid(
      facts,
      ['request', 'kind'],
      `${type.group}/${type.name} does not fit the resource ${resource.group}/${resource.name}`,
    );
  }
  const operation = OPERATIONS.find((known) => known === facts.operation);
  if (operation === undefined) {
    return facts.operation === 'CONNECT'
      ? exempt(facts)
      : invalid(facts, ['request', 'operation'], 'must be CREATE, UPDATE, DELETE or CONNECT');
  }
  if (!governs(kind, operation)) return exempt(facts);
  return read(request, facts, kind, type, operation, subresource);
}

/**
 * `VendorPolicy` for a request about a vendor's namespaced policy: an object that attaches by targets, of a kind and resource of one group
 * that is no other's. What does not look like one any more, as the old object of an UPDATE may not, is none.
 */
function vendorKind(request: Fields, type: Type, resource: Type): 'VendorPolicy' | undefined {
  const isOneGroup = type.group === resource.group && kindOfResource(resource.group, resource.name) === undefined;
  if (!isOneGroup || !isVendorKind(type.group, type.name) || text(request['namespace']) === '') return undefined;
  return isVendorPolicy(request[request['operation'] === 'DELETE' ? 'oldObject' : 'object'])
    ? 'VendorPolicy'
    : undefined;
}

function read(
  request: Fields,
  facts: RequestFacts,
  kind: KindName,
  type: Type,
  operation: Operation,
  subresource: string,
): Review {
  const field = operation === 'DELETE' ? 'oldObject' : 'object';
  const raw = request[field];
  const rawOld = operation === 'UPDATE' ? request['oldObject'] : undefined;
  const completed = complete(kind, raw, facts, type);
  if (!completed.ok) return { kind: 'invalid', facts, problems: completed.problems };
  const { namespace, name } = completed;
  const named = { ...facts, namespace, name };
  const old = operation === 'UPDATE' ? complete(kind, rawOld, facts, type) : undefined;
  if (old?.ok === false) return invalid(named, ['request', 'oldObject'], 'is missing or is another object');
  // What the API server sends of a custom resource has no null in its spec: one that has was made by somebody else.
  const object = normalise(kind, completed.value, isGatewayKind(kind) ? 'refuse' : 'prune');
  const oldObject = old === undefined ? undefined : normalise(kind, old.value);
  if (isTooDeep(object) || isTooDeep(oldObject)) {
    return unreadable(`request.${isTooDeep(object) ? field : 'oldObject'} nests deeper than ${OBJECT_DEPTH} levels`);
  }
  if (!object.ok) {
    return old !== undefined && isOnlyFinalizing(completed.value, old.value)
      ? exempt(named)
      : { kind: 'invalid', facts: named, problems: object.problems };
  }
  const subject = subjectOf({
    kind,
    operation,
    object: object.object,
    // One that the schema no longer takes has no past to appeal to: the new one is judged in full.
    oldObject: oldObject?.ok === true ? oldObject.object : undefined,
    raw,
    rawOld,
    namespace: KINDS[kind].scope === 'Cluster' ? '' : namespace,
    subresource,
    requester: requesterOf(request['userInfo']),
  });
  return { kind: 'subject', facts: named, subject };
}

/** The subject with another object in place of its own: what a mutation made of it. Throws when that does not fit the schema. */
export function withObject(subject: Subject, raw: unknown): Subject {
  const { kind, namespace } = subject;
  const type = { ...parseApiVersion(subject.object.apiVersion), name: subject.object.kind };
  const completed = complete(kind, raw, { namespace, name: subject.object.metadata.name }, type);
  const object = completed.ok ? normalise(kind, completed.value) : completed;
  if (!object.ok) throw new Error(`the patched object is not valid: ${object.problems[0]?.message ?? ''}`);
  return subjectOf({ ...subject, object: object.object, raw });
}

type Completed =
  | { readonly ok: true; readonly value: Fields; readonly namespace: string; readonly name: string }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/**
 * Checks that an object is what the request says it is. The API server fills name (empty while generateName has not been resolved) and
 * namespace before it asks; in a review written by hand they may stand in the request only.
 */
function complete(
  kind: KindName,
  raw: unknown,
  request: { readonly namespace: string; readonly name: string },
  type: Type,
): Completed {
  const wrong = (path: readonly string[], message: string): Completed => ({ ok: false, problems: [{ path, message }] });
  if (!isObject(raw)) return wrong([], 'the object is missing');
  const versions: readonly string[] = KINDS[kind].versions;
  if (kind !== 'VendorPolicy' && !versions.includes(type.version))
    return wrong(['apiVersion'], `${type.version} is no version of ${kind} known here`);
  if (raw['kind'] !== type.name) return wrong(['kind'], `must be ${type.name}, as the request says`);
  const apiVersion = apiVersionOf(type.group, type.version);
  if (raw['apiVersion'] !== apiVersion) return wrong(['apiVersion'], `must be ${apiVersion}, as the request says`);
  const metadata = raw['metadata'];
  if (!isObject(metadata)) return wrong(['metadata'], 'must be an object');
  const { name = request.name, namespace = request.namespace } = metadata;
  if (typeof name !== 'string') return wrong(['metadata', 'name'], 'must be a string');
  if (request.name !== '' && name !== '' && name !== request.name) {
    return wrong(['metadata', 'name'], `must be "${request.name}", as the request says`);
  }
  if (KINDS[kind].scope === 'Cluster') {
    if ((metadata['namespace'] ?? '') !== '')
      return wrong(['metadata', 'namespace'], `must be empty: a ${kind} has none`);
    return {
      ok: true,
      value: metadata['name'] === name ? raw : { ...raw, metadata: { ...metadata, name } },
      namespace: '',
      name,
    };
  }
  if (typeof namespace !== 'string' || namespace === '') return wrong(['metadata', 'namespace'], 'is missing');
  if (request.namespace !== '' && namespace !== request.namespace) {
    return wrong(['metadata', 'namespace'], `must be "${request.namespace}", as the request says`);
  }
  const isComplete = metadata['name'] === name && metadata['namespace'] === namespace;
  return {
    ok: true,
    value: isComplete ? raw : { ...raw, metadata: { ...metadata, name, namespace } },
    namespace,
    name,
  };
}

/**
 * An UPDATE of an object that is being deleted, which leaves all but finalizers and status as it is. Where the schema has moved on and no
 * longer takes the object, refusing this would hold it for ever.
 */
function isOnlyFinalizing(object: Fields, oldObject: Fields): boolean {
  const [metadata, oldMetadata] = [object['metadata'], oldObject['metadata']];
  if (!isObject(metadata) || !isObject(oldMetadata) || typeof oldMetadata['deletionTimestamp'] !== 'string')
    return false;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return (
    same(object['spec'], oldObject['spec']) &&
    same(metadata['labels'], oldMetadata['labels']) &&
    same(metadata['annotations'], oldMetadata['annotations'])
  );
}

interface Type {
  readonly group: string;
  readonly version: string;
  /** The kind, or the plural resource name. */
  readonly name: string;
}

function typeOf(value: unknown, nameField: 'kind' | 'resource'): Type | undefined {
  if (!isObject(value)) return undefined;
  const { group = '', version } = value;
  const name = value[nameField];
  return typeof group === 'string' && typeof version === 'string' && typeof name === 'string'
    ? { group, version, name }
    : undefined;
}

function requesterOf(userInfo: unknown): Requester {
  if (!isObject(userInfo)) return { username: '', groups: [] };
  const groups: readonly unknown[] = Array.isArray(userInfo['groups']) ? userInfo['groups'] : [];
  return {
    username: text(userInfo['username']),
    groups: groups.filter((group): group is string => typeof group === 'string'),
  };
}

/** A kind of Gateway API that this build has never heard of passes, but not in silence. */
function unknownGatewayKind(type: Type): string | undefined {
  return type.group === GATEWAY_GROUP || type.group === EXPERIMENTAL_GROUP
    ? `gateward does not know the kind ${type.group}/${type.name} and has not judged it`
    : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isTooDeep(normalised: Normalised | undefined): boolean {
  return normalised?.ok === false && normalised.isTooDeep;
}

function unreadable(problem: string): Unreadable {
  return { kind: 'unreadable', problem };
}

function exempt(facts: RequestFacts, warning?: string): Review {
  return { kind: 'exempt', facts, warning };
}

function invalid(facts: RequestFacts, path: readonly string[], message: string): Review {
  return { kind: 'invalid', facts, problems: [{ path, message }] };
}
