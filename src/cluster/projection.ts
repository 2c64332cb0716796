import { isObject, type KindName, type KubeObject, type ObjectMeta } from '#gateway';
import { Sharing } from './sharing.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a live snapshot keeps of an object: what policies read. The whole `spec` of Gateway API's kinds is kept, since channel pinning looks
 * for any field there, of that of vendors' kinds the targets; of the `status` little, of the annotations those that documents name. Equal parts
 * of objects are one value.
 * The tables of the policies' tests are judged by projected objects too.
 */
export class Projection {
  readonly #annotations: readonly string[];
  readonly #sharing = new Sharing();

  /** Keys of the annotations to keep. */
  constructor(annotations: readonly string[]) {
    this.#annotations = annotations;
  }

  /**
   * The object as it is kept. It must have passed `normalise` for its kind; its parts belong to the projection from now on. `held` is what was
   * kept of it before; parts that are equal are the same, and where all are it is that itself.
   */
  project(kind: KindName, object: KubeObject, held?: KubeObject): KubeObject {
    const { apiVersion, kind: own, metadata, spec, status, ...rest }: KubeObject & Fields = { ...object };
    const kept = {
      apiVersion,
      kind: own,
      metadata: this.#keptMetadata(metadata),
      ...rest,
      ...present({ spec: keptSpec(kind, spec), status: keptStatus(kind, status) }),
    };
    // No two CRDs have a schema in common, and to look for one would take long.
    if (kind === 'CustomResourceDefinition') return kept;
    this.#sharing.shareParts(kept, held);
    return held !== undefined && hasSameParts(kept, { ...held }) ? held : kept;
  }

  #keptMetadata({ name, namespace, uid, creationTimestamp, ...rest }: ObjectMeta): ObjectMeta {
    const { deletionTimestamp, labels } = rest;
    const annotations = this.#keptAnnotations(rest.annotations);
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    };
  }

  #keptAnnotations(annotations: ObjectMeta['annotations']): ObjectMeta['annotations'] {
    if (annotations === undefined) return undefined;
    const kept = this.#annotations.filter((key) => Object.hasOwn(annotations, key));
    return kept.length === 0 ? undefined : Object.fromEntries(kept.map((key) => [key, annotations[key] ?? '']));
  }
}

function hasSameParts(some: Fields, others: Fields): boolean {
  const keys = Object.keys(some);
  return keys.length === Object.keys(others).length && keys.every((key) => some[key] === others[key]);
}

function keptSpec(kind: KindName, spec: unknown): unknown {
  if (kind === 'Namespace') return undefined;
  if (!isObject(spec)) return spec;
  if (kind === 'VendorPolicy') return picked(spec, ['targetRefs', 'targetRef']);
  return kind === 'Service' ? picked(spec, ['type', 'externalName', 'ports']) : spec;
}

function keptStatus(kind: KindName, status: unknown): unknown {
  if (!isObject(status)) return undefined;
  switch (kind) {
    case 'GatewayClass':
      return { ...picked(status, ['supportedFeatures']), ...withVerdicts(status) };
    case 'Gateway':
      return withVerdicts(status);
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute':
      return {
        parents: mapped(status['parents'], (one) => ({
          ...picked(one, ['parentRef', 'controllerName']),
          ...withVerdicts(one),
        })),
      };
    case 'CustomResourceDefinition':
      return picked(status, ['storedVersions']);
    default:
      return undefined;
  }
}

/** The conditions, without the prose and the times in which the same verdicts differ. */
function withVerdicts({ conditions }: Fields): Fields {
  return conditions === undefined
    ? {}
    : { conditions: mapped(conditions, (one) => picked(one, ['type', 'status', 'reason'])) };
}

function mapped(list: unknown, change: (item: Fields) => Fields): unknown {
  return Array.isArray(list) ? list.map((item: unknown) => (isObject(item) ? change(item) : item)) : list;
}

function picked(fields: Fields, names: readonly string[]): Fields {
  const kept: Record<string, unknown> = {};
  for (const name of names) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

function present(fields: Fields): Fields {
  return picked(fields, Object.keys(fields));
}
