import { formatKey, formatPath, type FieldPath, type KindName, type ObjectKey, type Snapshot } from '#gateway';
import type { z } from 'zod';
import { boundBackstop, type Backstop, type BoundBackstop } from './backstop.ts';
import type { Finding, FindingDetails } from './finding.ts';
import type { HostnameClaim } from './hostnameClaim.ts';
import type { HostnameOwners } from './hostnameOwners.ts';
import { MOST_ISSUES, type DocumentIssue, type DocumentProblem } from './issue.ts';
import { applies, isOpen, matchProblems, type Applies } from './match.ts';
import { fill, type DataOf, type Message, type Messages } from './message.ts';
import { specReader, type CommonSpec, type Document, type PolicyDocument } from './spec.ts';
import type { Operation, Subject } from './subject.ts';
import type { Suggestion } from './suggestion.ts';

/** What a policy's `evaluate` is given. */
export interface Tools<R extends KindName, M extends Messages<M>, B> {
  /** What `bind` made of the document. */
  readonly bound: B;
  readonly snapshot: Snapshot<R>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Makes a finding; the data must fill exactly the holes of the message. */
  readonly find: <I extends keyof M & string>(
    id: I,
    path: FieldPath,
    data: DataOf<M[I]>,
    details?: FindingDetails,
  ) => Finding;
  /**
   * How a message may name an object: in full when it is in the subject's namespace, cluster-scoped, or the document discloses objects;
   * else "an object in another namespace".
   */
  readonly name: (key: ObjectKey) => string;
}

/** Operations that a policy judges: of all its subjects alike, or by kind; of a kind that is not named CREATE and UPDATE. */
export type PolicyOperations<S extends KindName> =
  readonly Operation[] | Readonly<Partial<Record<S, readonly Operation[]>>>;

/** What the author of a policy writes. */
export interface PolicyDefinition<
  S extends KindName,
  R extends KindName,
  M extends Messages<M>,
  O extends z.ZodRawShape,
  B,
> {
  /** Kebab-case, never reused. */
  readonly id: string;
  /** The kind of its documents. */
  readonly kind: string;
  /** One sentence: what it holds. */
  readonly summary: string;
  /** Paragraphs of the page, in Markdown. */
  readonly description?: string;
  /** The kinds it judges. */
  readonly subjects: readonly S[];
  /** Default CREATE and UPDATE. DELETE is allowed unless a policy asks for it. */
  readonly operations?: PolicyOperations<S>;
  /** The kinds it reads of the snapshot. Nothing else is visible to it. */
  readonly reads: readonly R[];
  readonly messages: M & Readonly<Record<string, Message>>;
  /** zod shapes of its own fields under `spec`. */
  readonly options: O;
  /** What zod cannot say about the whole spec; one message for each thing wrong, with its path below `spec`. */
  readonly check?: (document: Document<O>) => readonly DocumentProblem[];
  /** Compiles a document once; `all` are the documents of this kind, for policies whose documents form one table. */
  readonly bind: (document: Document<O>, all: readonly Document<O>[]) => B;
  /** Whether the fixes of a document's findings are applied by the mutating webhook. */
  readonly mutates?: (bound: B) => boolean;
  /** For documents that name kinds of vendors: what the webhooks must be sent besides the subjects. */
  readonly vendorKinds?: (bound: B) => readonly VendorKind[];
  /** For documents that say who owns hostnames: the table by which they judge. */
  readonly owners?: (bound: B) => HostnameOwners;
  /** The annotations it reads, by key; a live snapshot keeps no others. */
  readonly annotations?: (bound: B) => readonly string[];
  /** For documents by which hostnames are held: whether this one does, and what it holds of a subject. */
  readonly claims?: {
    readonly enforced: (bound: B) => boolean;
    readonly of: (subject: Subject<S>, tools: Tools<R | 'Namespace', M, B>) => Iterable<HostnameClaim>;
  };
  /** What of a document can be said in CEL. */
  readonly backstop?: (bound: B) => Backstop<S, M>;
  /** A first document for a cluster in which these objects stand: it lists what is in use, so that what is there today is allowed by it. */
  readonly suggest?: (subjects: readonly Subject<S>[], snapshot: Snapshot) => Suggestion | undefined;
  /**
   * The violations of one subject. Pure: the same arguments give the same findings. A generator is the easier to read; where every review of a
   * route is judged, an array takes a tenth of a microsecond less.
   */
  readonly evaluate: (subject: Subject<S>, tools: Tools<R | 'Namespace', M, B>) => Iterable<Finding>;
}

/** A kind of a vendor's policies, as a document names it; without `resource` that is the kind's plural in lower case. */
export interface VendorKind {
  readonly group: string;
  readonly kind: string;
  readonly resource?: string | undefined;
}

/** A policy document, ready to judge. */
export interface BoundPolicy {
  /** The policy's id. */
  readonly id: string;
  readonly policy: Policy;
  /** The document's `metadata.name`. */
  readonly document: string;
  readonly spec: CommonSpec;
  /** The fixes of its findings are applied by the mutating webhook. */
  readonly mutates: boolean;
  /** Kinds of vendors that the document names. */
  readonly vendorKinds: readonly VendorKind[];
  /** Who owns hostnames, as all documents of its kind say together. */
  readonly owners: HostnameOwners | undefined;
  /** Keys of the annotations that it reads. */
  readonly annotations: readonly string[];
  /** The hostnames that are to be held for a subject before it lands; undefined when the document holds none. */
  readonly claims: ((subject: Subject, snapshot: Snapshot, now: number) => readonly HostnameClaim[]) | undefined;
  /** What of it can be said in CEL; undefined when that is nothing. */
  readonly backstop: BoundBackstop | undefined;
  /** Whether its match holds for a subject that the policy covers. */
  readonly applies: (subject: Subject, snapshot: Snapshot) => Applies;
  readonly evaluate: (subject: Subject, snapshot: Snapshot, now: number) => readonly Finding[];
}

/** A policy as the rest of Gateward sees it: data, and `bind`. Made by {@link definePolicy} only. */
export interface Policy {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly description: string;
  readonly subjects: readonly KindName[];
  /** The operations on a kind that it judges; none on a kind that is not among its subjects. */
  readonly operationsOn: (kind: KindName) => readonly Operation[];
  readonly reads: readonly KindName[];
  /** Some document of it may mutate. */
  readonly canMutate: boolean;
  readonly messages: ReadonlyMap<string, Message>;
  /** The zod schema of `spec`, from which the CRD and the page are generated. */
  readonly schema: z.ZodType;
  /** A first document for a cluster in which these objects stand, in an order that does not change; undefined when there is nothing to say. */
  readonly suggest: (subjects: readonly Subject[], snapshot: Snapshot) => Suggestion | undefined;
  /** Binds all documents of this policy's kind; issues when any of them is not in order. */
  readonly bind: (documents: readonly PolicyDocument[]) => {
    readonly bound: readonly BoundPolicy[];
    readonly issues: readonly DocumentIssue[];
  };
}

/** Defines a policy: one frozen object of data and one pure function. Everything else (CRD, page, RBAC, webhook rules) follows from it. */
export function definePolicy<
  const S extends KindName,
  const R extends KindName,
  const M extends Messages<M>,
  O extends z.ZodRawShape,
  B,
>(definition: PolicyDefinition<S, R, M, O, B>): Policy {
  const { subjects } = definition;
  const operations = new Map<KindName, readonly Operation[]>(
    subjects.map((kind) => [kind, operationsOf(definition.operations, kind)]),
  );
  const messages = new Map(Object.entries<Message>(definition.messages));
  const { schema, read } = specReader(definition.kind, messages, definition.options);
  const isSubject = (subject: Subject): subject is Subject & Subject<S> => operations.has(subject.kind);

  const policy: Policy = {
    id: definition.id,
    kind: definition.kind,
    summary: definition.summary,
    description: definition.description ?? '',
    subjects,
    operationsOn: (kind) => operations.get(kind) ?? [],
    reads: [...new Set<KindName>([...definition.reads, 'Namespace'])],
    canMutate: definition.mutates !== undefined,
    messages,
    get schema() {
      return schema();
    },
    suggest: (all, snapshot) => definition.suggest?.(all.filter(isSubject), snapshot),
    bind: (documents) => {
      const issues: DocumentIssue[] = [];
      const parsed: Document<O>[] = [];
      for (const given of documents) {
        const document = read(given);
        if (!('spec' in document)) {
          issues.push(...document);
          continue;
        }
        const wrong = [...matchProblems(document.spec.match, operations), ...(definition.check?.(document) ?? [])];
        issues.push(
          ...wrong.slice(0, MOST_ISSUES).map(({ path, message, expected = [] }) => ({
            document: document.name,
            path: ['spec', ...path],
            message,
            expected,
          })),
        );
        if (wrong.length === 0) parsed.push(document);
      }
      if (issues.length > 0) return { bound: [], issues };
      return { bound: parsed.map((document) => bindOne(policy, definition, isSubject, document, parsed)), issues };
    },
  };
  return Object.freeze(policy);
}

/** A document ready to judge; `all` are the documents of its kind. */
function bindOne<S extends KindName, R extends KindName, M extends Messages<M>, O extends z.ZodRawShape, B>(
  policy: Policy,
  definition: PolicyDefinition<S, R, M, O, B>,
  isSubject: (subject: Subject) => subject is Subject & Subject<S>,
  document: Document<O>,
  all: readonly Document<O>[],
): BoundPolicy {
  const { spec } = document;
  const { messages, claims, evaluate } = definition;
  const bound = definition.bind(document, all);
  const isOpenMatch = isOpen(spec.match);
  const find = findingsOf<M>(messages, document.name);
  const toolsFor = (subject: Subject, snapshot: Snapshot, now: number): Tools<R | 'Namespace', M, B> => ({
    bound,
    snapshot,
    now,
    find,
    name: (key) =>
      key.namespace === '' || key.namespace === subject.namespace || spec.disclose === 'Objects'
        ? formatKey(key)
        : 'an object in another namespace',
  });
  return {
    id: policy.id,
    policy,
    document: document.name,
    spec,
    mutates: definition.mutates?.(bound) ?? false,
    vendorKinds: definition.vendorKinds?.(bound) ?? [],
    owners: definition.owners?.(bound),
    annotations: definition.annotations?.(bound) ?? [],
    backstop:
      definition.backstop === undefined
        ? undefined
        : boundBackstop<S, M>(definition.backstop(bound), definition.id, messages, document.name),
    claims:
      claims?.enforced(bound) === true
        ? (subject, snapshot, now) =>
            isSubject(subject) ? [...claims.of(subject, toolsFor(subject, snapshot, now))] : []
        : undefined,
    applies: (subject, snapshot) => isOpenMatch || applies(spec.match, subject, snapshot),
    evaluate: (subject, snapshot, now) =>
      isSubject(subject) ? listOf(evaluate(subject, toolsFor(subject, snapshot, now))) : [],
  };
}

function listOf(found: Iterable<Finding>): readonly Finding[] {
  if (isList(found)) return found;
  const findings: Finding[] = [];
  // To spread them takes longer than to find none.
  for (const finding of found) findings.push(finding);
  return findings;
}

/** Makes the findings of a document: each with the text of its message, filled in. */
function findingsOf<M extends Messages<M>>(messages: M, document: string): Tools<never, M, never>['find'] {
  return (id, path, data, details = {}) => {
    const message: Message = messages[id];
    return {
      id,
      path,
      data,
      message: fill(message.text, { ...data, path: formatPath(path), document }),
      severity: message.severity,
      related: details.related ?? [],
      restsOn: details.restsOn ?? [],
      fix: details.fix,
      atMost: details.atMost,
      size: details.size,
      about: details.about ?? [],
      aside: details.aside ?? [],
      insteadOf: details.insteadOf ?? [],
    };
  };
}

function operationsOf<S extends KindName>(given: PolicyOperations<S> | undefined, kind: S): readonly Operation[] {
  const ofKind = given === undefined || isList(given) ? given : given[kind];
  return ofKind ?? ['CREATE', 'UPDATE'];
}

function isList<T>(given: Iterable<T> | object): given is readonly T[] {
  return Array.isArray(given);
}
