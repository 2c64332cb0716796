/** A field of an object: keys and list indexes from the root. */
export type FieldPath = readonly (string | number)[];

/**
 * A path as Kubernetes writes field errors: `spec.rules[0].filters[1]`, `metadata.annotations[example.com/key]`
 * (apimachinery `field.Path`). A key that holds a dot or a slash is written in brackets.
 */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/[./]/.test(part)) text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** The value at a path; undefined where the path leads nowhere. Own properties only. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = Reflect.get(current, part);
  }
  return current;
}
