import {
  LIFECYCLE_KINDS,
  anyOf,
  fieldIn,
  lifecycleOf,
  releasesOfValue,
  type FieldNode,
  type FieldPath,
  type Releases,
} from '#gateway';
import { z } from 'zod';

/** One entry of `allow`. */
export const allowSchema = z
  .strictObject({
    group: z.string().min(1).optional().describe('API group; absent = both groups of Gateway API.'),
    kind: z.string().min(1).optional().describe('Kind; absent = every kind of the group.'),
    path: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Field, as spec.rules[].retry; it stands for every index and for everything below. spec.rules[].filters[].type=CORS is one value. Absent = the whole kind.',
      ),
  })
  .refine((entry) => entry.group !== undefined || entry.kind !== undefined, {
    message: 'name a kind, or a group',
    path: ['kind'],
  })
  .describe('A named exception.');

/** See {@link allowSchema}. */
export type Allow = z.infer<typeof allowSchema>;

/** One step of a path: a field, and the index in it; undefined = every one. */
interface Step {
  readonly name: string;
  readonly index: number | undefined;
}

/** An entry of `allow`, read. */
interface Exception {
  readonly group: string | undefined;
  readonly kind: string | undefined;
  /** Undefined: the whole kind. */
  readonly steps: readonly Step[] | undefined;
  readonly value: string | undefined;
}

/** The exceptions of a document. */
export class Exceptions {
  readonly #exceptions: readonly Exception[];

  constructor(allow: readonly Allow[]) {
    this.#exceptions = allow.map(({ group, kind, path }) => ({ group, kind, ...readPath(path) }));
  }

  /** Whether the kind as a whole may be used, in any version and with any field. */
  allowsKind(group: string, kind: string): boolean {
    return this.#of(group, kind).some(({ steps }) => steps === undefined);
  }

  /** Whether a field, or a value in it, may be used in any item of its lists. */
  allowsFieldSomewhere(group: string, kind: string, names: readonly string[], value: string | undefined): boolean {
    return this.#of(group, kind).some(
      ({ steps = [], value: allowed }) =>
        (allowed ?? value) === value && steps.every(({ name }, at) => name === names[at]),
    );
  }

  /** Whether a field, or a value in it, may be used. */
  allowsField(group: string, kind: string, path: FieldPath, value: string | undefined): boolean {
    const found = stepsOf(path);
    return this.#of(group, kind).some(
      ({ steps, value: allowed }) =>
        steps === undefined ||
        (allowed === undefined
          ? covers(steps, found)
          : allowed === value && steps.length === found.length && covers(steps, found)),
    );
  }

  /** The fields of a kind, as if these releases had what leads to an allowed field: what else is in there is then told one by one. */
  openedIn(group: string, kind: string, fields: FieldNode, releases: Releases): FieldNode {
    return this.#of(group, kind).reduce(
      (field, { steps = [], value }) =>
        opened(
          field,
          steps.map(({ name }) => name),
          value,
          releases,
        ),
      fields,
    );
  }

  #of(group: string, kind: string): readonly Exception[] {
    return this.#exceptions.filter(
      (exception) => (exception.group ?? group) === group && (exception.kind ?? kind) === kind,
    );
  }
}

/**
 * What is wrong with an entry: a kind that no bundle has, a path that none of the kinds it speaks about has, a value that the field never
 * takes.
 */
export function problemOf({
  group,
  kind,
  path,
}: Allow): { readonly field: string; readonly message: string; readonly expected?: readonly string[] } | undefined {
  const known = LIFECYCLE_KINDS.map((name) => {
    const [knownGroup = '', knownKind = ''] = name.split('/');
    return { group: knownGroup, kind: knownKind };
  });
  const inGroup = known.filter((one) => (group ?? one.group) === one.group);
  if (inGroup.length === 0) {
    const expected = [...new Set(known.map((one) => one.group))];
    return { field: 'group', message: 'no Gateway API bundle has this group', expected };
  }
  const kinds = inGroup.filter((one) => (kind ?? one.kind) === one.kind);
  if (kinds.length === 0) {
    const expected = inGroup.map((one) => one.kind);
    return { field: 'kind', message: 'no Gateway API bundle has this kind in this group', expected };
  }
  const { steps, value } = readPath(path);
  if (steps === undefined) return undefined;
  const fields = kinds
    .map((one) => fieldAt(lifecycleOf(one.group, one.kind)?.fields, steps))
    .filter((field) => field !== undefined);
  const where = kind === undefined ? '' : ` in ${kind}`;
  if (fields.length === 0) return { field: 'path', message: `no Gateway API bundle has this field${where}` };
  if (value === undefined || fields.some((field) => hasValue(field, value))) return undefined;
  return { field: 'path', message: `no Gateway API bundle has this value of the field${where}` };
}

/** The field at a path, with or without brackets behind lists. */
function fieldAt(root: FieldNode | undefined, steps: readonly Step[]): FieldNode | undefined {
  let field = root;
  for (const { name } of steps) {
    const inner = field === undefined ? undefined : fieldIn(field, name);
    field = inner === undefined ? undefined : (fieldIn(inner, '[]') ?? inner);
  }
  return field;
}

/** A field, as if some releases had all that leads to one in it; and the field of an allowed value, where they lack it, with no value of its enum. */
function opened(field: FieldNode, names: readonly string[], value: string | undefined, open: Releases): FieldNode {
  if (typeof field === 'number') return field;
  const [releases, fields, values] = field;
  const isList = fieldIn(field, '[]') !== undefined && (names.length > 0 || value !== undefined);
  const [next, ...rest] = isList ? ['[]', ...names] : names;
  if (next === undefined) {
    if (value === undefined || values === undefined || (releases & open) !== 0) return field;
    return [releases | open, fields, values, anyOf(values) | open];
  }
  const name = Object.hasOwn(fields, next) ? next : '{}';
  const inner = fieldIn(field, name);
  if (inner === undefined) return field;
  const all = { ...fields, [name]: opened(inner, rest, value, open) };
  return values === undefined ? [releases | open, all] : [releases | open, all, values];
}

/** Whether a value can be one that some releases take and others do not. */
function hasValue(field: FieldNode, value: string): boolean {
  return typeof field !== 'number' && field[2] !== undefined && releasesOfValue(field, value) !== 0;
}

function readPath(path: string | undefined): Pick<Exception, 'steps' | 'value'> {
  if (path === undefined) return { steps: undefined, value: undefined };
  const equals = path.indexOf('=');
  const fields = equals < 0 ? path : path.slice(0, equals);
  const steps = fields.split('.').map((part) => {
    const index = /\[(\d*)\]$/.exec(part);
    if (index === null) return { name: part, index: undefined };
    return { name: part.slice(0, index.index), index: index[1] === '' ? undefined : Number(index[1]) };
  });
  return { steps, value: equals < 0 ? undefined : path.slice(equals + 1) };
}

function stepsOf(path: FieldPath): readonly Step[] {
  const steps: Step[] = [];
  for (const part of path) {
    const last = steps.at(-1);
    if (typeof part === 'string') steps.push({ name: part, index: undefined });
    else if (last !== undefined) steps[steps.length - 1] = { name: last.name, index: part };
  }
  return steps;
}

/** Whether the exception's path is the found one or lies above it. */
function covers(allowed: readonly Step[], found: readonly Step[]): boolean {
  return allowed.every(
    ({ name, index }, at) => name === found[at]?.name && (index === undefined || index === found[at].index),
  );
}

/** A path without its indexes: `spec.rules[].retry`. */
export function withoutIndexes(path: FieldPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
