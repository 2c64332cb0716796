import { KINDS, parseApiVersion, type KindName } from '../kinds.ts';
import { NAMESPACE_NAME_LABEL } from '../labelSelector.ts';
import type { KubeObject } from '../object.ts';
import { isVendorPolicy } from '../vendorPolicy.ts';
import { OBJECT_DEPTH, isDeeperThan } from './depth.ts';
import { FILLERS } from './fillers.generated.ts';
import { shapeOf, withoutStatus } from './kindShape.ts';
import { Filler, isObject, type Nulls, type SchemaProblem } from './shape.ts';

/** An object that is of its kind's shape, or what is wrong with it. */
export type Normalised =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[]; readonly isTooDeep: boolean };

/**
 * Checks foreign data against the shape of its kind (types, required fields) and gives it back as the API server would hand it to a webhook:
 * defaults applied, nulls gone, any served version in the one shape of `KindMap`. It adds and never moves, so that paths stay valid, and it
 * returns the same object when there is nothing to add. Never throws. What it fills in is frozen and shared.
 *
 * The shape is the union of all bundles, channels and versions: every field that any of them has, required only what all require (an object
 * that was stored before a field became required still has to be read). Enums, patterns and CEL rules are not looked at; the API server has
 * done so before a validating webhook is asked, and `checkSchema` does it for files. Fields that no schema knows stay.
 *
 * A null that its field does not allow is taken out, as the API server does before admission; `nulls: 'refuse'` makes one in `spec` a problem,
 * for reviews, where none can come from an API server. An object whose name is still to be generated has the name `""`. The `status` defaults
 * of the CRDs ("Waiting for controller") are not filled in: an absent status says nothing. A status that is not of its shape is left out: on
 * the resource itself the API server drops what a user writes there.
 */
export function normalise(kind: KindName, raw: unknown, nulls: Nulls = 'prune'): Normalised {
  if (!isObject(raw)) return refused({ path: [], message: `is not a ${kind}: a YAML or JSON object is needed` });
  const foreign = kind === 'VendorPolicy' ? vendorProblem(raw) : typeProblem(kind, raw);
  if (foreign !== undefined) return refused(foreign);
  const quick = quickly(kind, raw);
  if (quick !== undefined) return { ok: true, object: quick };
  if (isDeeperThan(raw, OBJECT_DEPTH)) {
    const problem = { path: [], message: `nests deeper than ${OBJECT_DEPTH} levels` };
    return { ok: false, problems: [problem], isTooDeep: true };
  }
  const filler = new Filler(nulls);
  const filled = filler.fill(shapeOf(kind), raw, []);
  if (filler.problems.some(({ path }) => path[0] === 'status')) return normalise(kind, withoutStatus(raw), nulls);
  const named = withName(filled);
  if (!isKubeObject(named) && filler.problems.length === 0) {
    filler.add(['metadata', 'name'], 'Required value: name or generateName is required');
  }
  if (filler.problems.length > 0 || !isKubeObject(named))
    return { ok: false, problems: filler.problems, isTooDeep: false };
  return { ok: true, object: kind === 'Namespace' ? withNameLabel(named) : named };
}

/** The object as {@link Filler} would leave it, where it has a name and nothing is wrong with it; undefined when that must be looked into. */
function quickly(kind: KindName, raw: unknown): KubeObject | undefined {
  if (!isQuick(kind)) return undefined;
  const filled = FILLERS[kind](raw);
  return isKubeObject(filled) && filled.metadata.name !== '' ? filled : undefined;
}

function isQuick(kind: KindName): kind is keyof typeof FILLERS {
  return Object.hasOwn(FILLERS, kind);
}

function typeProblem(kind: KindName, raw: Readonly<Record<string, unknown>>): SchemaProblem | undefined {
  const { apiVersion } = raw;
  if (raw['kind'] !== kind) return { path: ['kind'], message: `Invalid value: must be ${kind}` };
  if (typeof apiVersion === 'string' && parseApiVersion(apiVersion).group === KINDS[kind].group) return undefined;
  return { path: ['apiVersion'], message: `Invalid value: must be of the group "${KINDS[kind].group}"` };
}

function vendorProblem(raw: unknown): SchemaProblem | undefined {
  return isVendorPolicy(raw) ? undefined : { path: ['spec'], message: 'Invalid value: has no targets as GEP-713 asks' };
}

function refused(problem: SchemaProblem): Normalised {
  return { ok: false, problems: [problem], isTooDeep: false };
}

/** Whether an object that the filler found nothing wrong with has a name. */
function isKubeObject(value: unknown): value is KubeObject {
  return isObject(value) && isObject(value['metadata']) && typeof value['metadata']['name'] === 'string';
}

/** The object with the name `""`, when the API server is to generate one. */
function withName(object: unknown): unknown {
  if (!isObject(object) || !isObject(object['metadata'])) return object;
  const { metadata } = object;
  const { name, generateName } = metadata;
  if (name !== undefined && name !== '') return object;
  const isGenerated = typeof generateName === 'string' && generateName !== '';
  if (isGenerated) return name === '' ? object : { ...object, metadata: { ...metadata, name: '' } };
  return { ...object, metadata: { ...metadata, name: undefined } };
}

/** The API server gives every Namespace its name as a label, and lets nobody change it (KEP-2161). */
function withNameLabel(object: KubeObject): KubeObject {
  const { metadata } = object;
  const { labels, name } = metadata;
  if (labels !== undefined && Object.hasOwn(labels, NAMESPACE_NAME_LABEL) && labels[NAMESPACE_NAME_LABEL] === name) {
    return object;
  }
  return { ...object, metadata: { ...metadata, labels: { ...labels, [NAMESPACE_NAME_LABEL]: name } } };
}
