/** How deep an object may nest; far above any schema of Gateway API, far below what would exhaust a stack. */
export const OBJECT_DEPTH = 512;

/** Whether parsed JSON nests deeper than `limit` objects and arrays. Its own recursion ends at the limit. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const below = limit - 1;
  if (Array.isArray(value)) {
    for (const child of value) if (typeof child === 'object' && isDeeperThan(child, below)) return true;
    return false;
  }
  return isFields(value) && isMapDeeperThan(value, below);
}

function isMapDeeperThan(fields: Readonly<Record<string, unknown>>, below: number): boolean {
  // Parsed JSON inherits no enumerable field, and Object.values would copy: three times the cost.
  for (const key in fields) {
    const child = fields[key];
    if (typeof child === 'object' && isDeeperThan(child, below)) return true;
  }
  return false;
}

function isFields(value: object): value is Readonly<Record<string, unknown>> {
  return !Array.isArray(value);
}
