import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  KIND_NAMES,
  formatKey,
  formatPath,
  isObject,
  isVendorPolicy,
  kindOf,
  normalise,
  objectsOf,
  parseApiVersion,
  valueAt,
  type FieldPath,
  type KindName,
  type KubeObject,
} from '#gateway';
import { OperatorError, didYouMean } from '../errors.ts';
import { Places, readYaml, type Position, type YamlDocument, type YamlText } from '../yaml/index.ts';
import type { TextFile } from './files.ts';

/** Where an object was written. */
export interface Origin {
  readonly file: string;
  /** The document's number in its file, from 0. */
  readonly document: number;
  /** The item's path in its document: `[]`, or `items[3]` in a List. */
  readonly base: FieldPath;
  /** The Helm template that a comment above the document names. */
  readonly source: string | undefined;
  /**
   * Offsets of the document in the file's text, without a byte order mark; see {@link YamlDocument.range}. Undefined where no file holds it as
   * it stands.
   */
  readonly range: YamlDocument['range'] | undefined;
  /** Where a field of the object stands in the file; see {@link YamlDocument.locate}. */
  readonly locate: (path: FieldPath, part?: 'key') => Position;
  /** The text of a line of the file, from 1. */
  readonly lineAt: (line: number) => string;
}

/** Where an object was really written, when its text is what a tool made of other files. */
export type Relocate = (origin: Origin, value: unknown) => Origin;

/** A document that is an AdmissionReview, not looked into. */
export interface ReviewDocument {
  readonly origin: Origin;
  readonly value: unknown;
}

/** An object of a kind Gateward knows, read from a file. */
export interface Manifest extends Origin {
  readonly kind: KindName;
  readonly object: KubeObject;
  /** As it would be sent: as written, with the namespace that kubectl fills in. */
  readonly raw: unknown;
  /** `""` for cluster-scoped kinds. */
  readonly namespace: string;
}

/** What an object is called, for findings about one that may not even have a name. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of an object without a name: what `name`, too, is then. */
  readonly generateName?: string;
}

/** Rules of manifests themselves: why one cannot be judged, or is not what it seems. */
export const MANIFEST_RULES = {
  unparsable: 'A document is YAML or JSON that kubectl can read.',
  'duplicate-key': 'A key stands once in a map: kubectl would silently take the last.',
  object: 'A document is a Kubernetes object with apiVersion, kind and a name.',
  'unknown-kind': 'A kind of the Gateway API groups is one that some bundle of v1.0 to v1.6 has.',
  schema: "An object is of its kind's shape: the API server refuses another.",
  duplicate: 'An object stands once in the input: applying both, the later wins.',
} as const satisfies Record<string, string>;

/** The name of a rule of {@link MANIFEST_RULES}. */
export type ManifestRule = keyof typeof MANIFEST_RULES;

/** Something wrong with a manifest, whatever the policies. */
export interface ManifestFinding {
  readonly rule: ManifestRule;
  readonly message: string;
  readonly path: FieldPath;
  readonly at: Position;
  readonly origin: Pick<Origin, 'file' | 'document' | 'source' | 'lineAt'>;
  /** Undefined when there is no object to name. */
  readonly object: ObjectIdentity | undefined;
  /** The object itself, foreign data of any shape; undefined when it could not be read. */
  readonly value: unknown;
}

/** What cannot be judged, as an operator is told of it where findings are not reported. */
export function unparsable({ origin, at, message }: ManifestFinding): OperatorError {
  return new OperatorError('input/unparsable', { where: `${origin.file}:${at.line}:${at.column}`, problem: message });
}

/** What files hold. */
export interface Manifests {
  /** In the order of files and documents. Where one object stands twice, both are here. */
  readonly manifests: readonly Manifest[];
  readonly findings: readonly ManifestFinding[];
  /** AdmissionReviews, which say of one object what happens to it and who asks. */
  readonly reviews: readonly ReviewDocument[];
  /** Documents that are not of Gateward's kinds. */
  readonly others: number;
  /** Objects of Gateward's kinds that came after the most that were wanted, and were left out. */
  readonly beyond: number;
}

/** The most documents of one file whose problems are told one by one. */
const MAX_PROBLEMS = 100;

const TEMPLATE = 'is a template, not yet YAML: judge what it renders, as in helm template CHART | gateward check -';

/**
 * Gathers the manifests of files one by one; `namespace` is that of objects that name none, as kubectl's `-n`. Of Gateward's kinds `most`
 * are kept.
 */
export class ManifestReader {
  readonly #namespace: string;
  readonly #most: number;
  readonly #manifests: Manifest[] = [];
  readonly #findings: ManifestFinding[] = [];
  readonly #reviews: ReviewDocument[] = [];
  readonly #firsts = new Map<string, Manifest>();
  readonly #places = new Places();
  #others = 0;
  #beyond = 0;

  constructor(namespace: string, most = Infinity) {
    this.#namespace = namespace;
    this.#most = most;
  }

  /** Reads one file's text; `relocate` says where its objects were written, where that is not the text itself. */
  add({ name: file, text }: TextFile, relocate?: Relocate): void {
    const yaml = readYaml(text, this.#places);
    for (const problem of toldOf(yaml.problems, text)) {
      const rule = problem.kind === 'duplicate-key' ? 'duplicate-key' : 'unparsable';
      const origin = { file, document: problem.index, source: undefined, lineAt: yaml.lineAt };
      this.#findings.push({
        rule,
        message: problem.message,
        path: [],
        at: problem.at,
        origin,
        object: undefined,
        value: undefined,
      });
    }
    for (const document of yaml.documents) {
      for (const { value, path } of objectsOf(document.value)) {
        const origin = originOf(file, yaml, document, path);
        this.#addObject(value, relocate?.(origin, value) ?? origin);
      }
    }
  }

  /** Takes an object that stands inside another document. */
  addInline(value: unknown, origin: Origin): void {
    for (const item of objectsOf(value)) this.#addObject(item.value, below(origin, item.path));
  }

  /** What has been gathered. */
  get manifests(): Manifests {
    return {
      manifests: this.#manifests,
      findings: this.#findings,
      reviews: this.#reviews,
      others: this.#others,
      beyond: this.#beyond,
    };
  }

  #addObject(value: unknown, origin: Origin): void {
    const apiVersion = valueAt(value, ['apiVersion']);
    const kindText = valueAt(value, ['kind']);
    if (typeof apiVersion !== 'string' || typeof kindText !== 'string') {
      if (!looksLikeGatewayApi(value)) this.#others += 1;
      else this.#find('object', notAnObject(value), [], origin, value);
      return;
    }
    const { group } = parseApiVersion(apiVersion);
    if (group === 'admission.k8s.io' && kindText === 'AdmissionReview') {
      this.#reviews.push({ origin, value });
      return;
    }
    const kind = kindOf(group, kindText) ?? (isVendorPolicy(value) ? 'VendorPolicy' : undefined);
    if (kind === undefined) {
      if (group !== GATEWAY_GROUP && group !== EXPERIMENTAL_GROUP) this.#others += 1;
      else {
        const known = KIND_NAMES.filter((name) => KINDS[name].group === group);
        this.#find(
          'unknown-kind',
          `${group} has no kind "${kindText}"${didYouMean(kindText, known)}`,
          ['kind'],
          origin,
          value,
        );
      }
      return;
    }
    if (this.#manifests.length === this.#most) {
      this.#beyond += 1;
      return;
    }
    const raw = withNamespace(value, kind, this.#namespace);
    const normalised = normalise(kind, raw);
    if (!normalised.ok) {
      for (const { path, message } of normalised.problems) {
        this.#find('schema', path.length === 0 ? message : `${formatPath(path)}: ${message}`, path, origin, raw);
      }
      return;
    }
    const { object } = normalised;
    const namespace = object.metadata.namespace ?? '';
    const manifest: Manifest = { ...origin, kind, object, raw, namespace };
    this.#manifests.push(manifest);
    if (object.metadata.name === '') return;
    const key = manifestKey(manifest);
    const first = this.#firsts.get(key);
    if (first === undefined) this.#firsts.set(key, manifest);
    else {
      const { line, column } = first.locate(['metadata', 'name']);
      const message = `${key} stands here and at ${first.file}:${line}:${column}; when both are applied the later one wins`;
      this.#find('duplicate', message, ['metadata', 'name'], origin, raw);
    }
  }

  #find(rule: ManifestRule, message: string, path: FieldPath, origin: Origin, value: unknown): void {
    this.#findings.push({ rule, message, path, at: origin.locate(path), origin, object: identityOf(value), value });
  }
}

/** The key of a manifest's object: `HTTPRoute team-shop/checkout`; of a vendor's policy with its own group and kind. */
export function manifestKey({ kind, object, namespace }: Manifest): string {
  const { apiVersion, metadata } = object;
  return identityKey(kind, { apiVersion, kind: object.kind, namespace, name: metadata.name });
}

/** The same key for an object that is none of a manifest. */
export function identityKey(kind: KindName, { apiVersion, kind: own, namespace, name }: ObjectIdentity): string {
  const ownKind = kind === 'VendorPolicy' ? `${parseApiVersion(apiVersion).group}/${own}` : kind;
  return formatKey({ kind: ownKind, namespace, name });
}

/** What is told of a file's problems: of a template that it is one, of very many the first. */
function toldOf(problems: YamlText['problems'], text: string): YamlText['problems'] {
  const [first] = problems;
  if (first !== undefined && /\{\{.*\}\}/.test(text)) return [{ ...first, message: TEMPLATE }];
  const next = problems[MAX_PROBLEMS];
  if (next === undefined) return problems;
  const message = `${problems.length - MAX_PROBLEMS} more documents cannot be read`;
  return [...problems.slice(0, MAX_PROBLEMS), { ...next, message }];
}

/** What an object calls itself; empty text for what it does not say. */
export function identityOf(value: unknown): ObjectIdentity {
  const text = (...path: string[]): string => {
    const found = valueAt(value, path);
    return typeof found === 'string' ? found : '';
  };
  const [name, generateName] = [text('metadata', 'name'), text('metadata', 'generateName')];
  return {
    apiVersion: text('apiVersion'),
    kind: text('kind'),
    namespace: text('metadata', 'namespace'),
    ...(name === '' && generateName !== '' ? { name: generateName, generateName } : { name }),
  };
}

/** Whether what is no Kubernetes object seems meant to be one of Gateway API; any other file is none of our business. */
function looksLikeGatewayApi(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(looksLikeGatewayApi);
  const { apiVersion, kind } = identityOf(value);
  const { group } = parseApiVersion(apiVersion);
  const kinds = [kindOf(GATEWAY_GROUP, kind), kindOf(EXPERIMENTAL_GROUP, kind)];
  return group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP || kinds.some((known) => known !== undefined);
}

function notAnObject(value: unknown): string {
  if (Array.isArray(value))
    return 'is a list, not a Kubernetes object: put each object into a document of its own, or all into a List';
  const missing = ['apiVersion', 'kind'].filter((field) => typeof valueAt(value, [field]) !== 'string');
  return `is no Kubernetes object: ${missing.join(' and ')} missing`;
}

function originOf(file: string, yaml: YamlText, document: YamlDocument, base: FieldPath): Origin {
  return {
    file,
    document: document.index,
    base,
    source: document.source,
    range: document.range,
    locate: base.length === 0 ? document.locate : (path, part) => document.locate([...base, ...path], part),
    lineAt: yaml.lineAt,
  };
}

function below(origin: Origin, path: FieldPath): Origin {
  if (path.length === 0) return origin;
  return {
    ...origin,
    base: [...origin.base, ...path],
    locate: (field, part) => origin.locate([...path, ...field], part),
  };
}

/** The object with the namespace that kubectl would send it with: the given one where it names none, none for cluster-scoped kinds. */
function withNamespace(value: unknown, kind: KindName, namespace: string): unknown {
  const metadata = valueAt(value, ['metadata']);
  if (!isObject(value) || !isObject(metadata)) return value;
  if (KINDS[kind].scope === 'Cluster') {
    if (!Object.hasOwn(metadata, 'namespace')) return value;
    const rest = Object.entries(metadata).filter(([field]) => field !== 'namespace');
    return { ...value, metadata: Object.fromEntries(rest) };
  }
  const named = metadata['namespace'];
  return named === undefined || named === null || named === ''
    ? { ...value, metadata: { ...metadata, namespace } }
    : value;
}
