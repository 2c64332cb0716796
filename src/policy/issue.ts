import { valueAt, type FieldPath } from '#gateway';
import { z } from 'zod';

/** Something wrong in a document's `spec`; the path begins with `spec`. */
export interface DocumentIssue {
  readonly document: string;
  readonly path: FieldPath;
  readonly message: string;
  /** For an unknown field or value: the ones that would do. */
  readonly expected: readonly string[];
}

/** Something wrong in a spec, with its path below it; `expected` are the words that would do, of which the nearest is named. */
export interface DocumentProblem {
  readonly path: FieldPath;
  readonly message: string;
  readonly expected?: readonly string[];
}

/** More than this of one document help nobody, and each costs the search for the word that was meant. */
export const MOST_ISSUES = 50;

type SchemaError = Pick<z.ZodError, 'issues'>;

/**
 * What a schema makes of a part of a document. zod hands the problems of a list on as arguments, of which the stack holds some hundred thousand:
 * it throws at more of them.
 */
export function parseBy<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: SchemaError } {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'has more problems than can be told';
    return { success: false, error: { issues: [{ code: 'custom', path: [], message }] } };
  }
}

/** What zod holds against a document's `spec`, in words of a policy document; `schema` is the one it was parsed with. */
export function documentIssues(
  document: string,
  error: SchemaError,
  schema: z.core.$ZodType,
  spec: unknown,
): readonly DocumentIssue[] {
  return error.issues
    .slice(0, MOST_ISSUES)
    .flatMap((issue) => toDocumentIssues(document, issue, [], schema, spec))
    .slice(0, MOST_ISSUES);
}

function toDocumentIssues(
  document: string,
  issue: z.core.$ZodIssue,
  base: FieldPath,
  schema: z.core.$ZodType,
  spec: unknown,
): readonly DocumentIssue[] {
  const below = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const path = ['spec', ...below];
  const value = valueAt(spec, below);
  const one = (message: string, expected: readonly string[] = []): readonly DocumentIssue[] => [
    { document, path, message, expected },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const expected = fieldsAt(schema, below);
      return issue.keys.map((key) => ({ document, path: [...path, key], message: 'unknown field', expected }));
    }
    case 'invalid_value': {
      const expected = issue.values.map(String);
      const choice = expected.join(' | ');
      return one(
        value === undefined ? `is required: ${choice}` : `${written(value)} is not one of ${choice}`,
        expected,
      );
    }
    case 'invalid_type':
      return one(
        value === undefined
          ? `is required: ${typeName(issue.expected)}`
          : `must be ${typeName(issue.expected)}, not ${written(value)}`,
      );
    case 'too_small':
      return one(`must ${sizeWord(issue.origin)} at least ${issue.minimum}`);
    case 'too_big':
      return one(`must ${sizeWord(issue.origin)} at most ${issue.maximum}`);
    case 'invalid_union': {
      const branches = issue.errors.map((issues) =>
        issues.flatMap((inner) => toDocumentIssues(document, inner, below, schema, spec)),
      );
      const nearest = branches.reduce<readonly DocumentIssue[] | undefined>(
        (best, branch) => (best === undefined || depth(branch) > depth(best) ? branch : best),
        undefined,
      );
      return nearest === undefined || nearest.length === 0 ? one(issue.message) : nearest;
    }
    default:
      return one(issue.message);
  }
}

/** How far a branch of a union came before it failed. */
function depth(issues: readonly DocumentIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function sizeWord(origin: string): string {
  return origin === 'array' || origin === 'set' ? 'have' : origin === 'string' ? 'be as long as' : 'be';
}

function typeName(expected: string): string {
  const names = new Map([
    ['array', 'a list'],
    ['object', 'a map'],
    ['record', 'a map'],
    ['string', 'text'],
    ['number', 'a number'],
    ['int', 'a whole number'],
    ['boolean', 'true or false'],
  ]);
  return names.get(expected) ?? expected;
}

/** A value of a document as a message shows it. */
export function written(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : JSON.stringify(value);
}

/** The field names that a schema has at a path, for "did you mean". */
function fieldsAt(schema: z.core.$ZodType, path: FieldPath): readonly string[] {
  let current = unwrap(schema);
  for (const part of path) {
    const next = current.flatMap((option) => {
      if (option instanceof z.ZodObject) {
        const field: unknown = option.shape[String(part)];
        return field instanceof z.core.$ZodType ? unwrap(field) : [];
      }
      if (option instanceof z.ZodArray) return unwrap(option.element);
      return option instanceof z.ZodRecord ? unwrap(option.valueType) : [];
    });
    current = next;
  }
  const fields = current.flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape) : []));
  return [...new Set(fields)];
}

/** What a schema comes to without defaults and pipes; all options of a union. */
function unwrap(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly;
  return isWrapped ? unwrap(schema.unwrap()) : [schema];
}
