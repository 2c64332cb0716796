import { matchesPattern } from './constraints.ts';
import { isIPv4, isIPv6 } from './ipAddress.ts';
import { isObject } from './shape.ts';

/**
 * What `plainRules.generated.ts` is written in. Where there is more to say than a value (a field that is not there, values of two types, a
 * null) each of these throws {@link NOT_PLAIN}: only CEL knows what becomes of that.
 */
export const NOT_PLAIN = new Error('not a plain case');

function notPlain(): never {
  throw NOT_PLAIN;
}

/** `value.name`. */
export function field(value: unknown, name: string): unknown {
  return has(value, name) && isObject(value) ? value[name] : notPlain();
}

/** `has(value.name)`. */
export function has(value: unknown, name: string): boolean {
  if (!isObject(value) || value[name] === null) return notPlain();
  return Object.hasOwn(value, name);
}

/** `list[at]`. */
export function item(list: unknown, at: number): unknown {
  return Array.isArray(list) && at < list.length ? list[at] : notPlain();
}

/** What a macro goes through: the items of a list, the keys of a map. */
export function each(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.keys(value) : notPlain();
}

/** `of == to`. */
export function equal(of: unknown, to: unknown): boolean {
  const type = typeof of;
  return type === typeof to && (type === 'string' || type === 'number' || type === 'boolean') ? of === to : notPlain();
}

/** A value that has to be a text. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : notPlain();
}

/** A value that has to be a number. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : notPlain();
}

/** `size(value)`. */
export function size(value: unknown): number {
  return typeof value === 'string' ? Array.from(value).length : each(value).length;
}

/** `of in among`. */
export function isAmong(of: unknown, among: unknown): boolean {
  return each(among).some((one) => equal(of, one));
}

/** How many of a list's items or a map's keys there are of which something holds. */
export function count(value: unknown, holds: (one: unknown) => boolean): number {
  return each(value).filter(holds).length;
}

/** `value.matches(pattern)`. */
export function matches(value: unknown, pattern: string): boolean {
  return matchesPattern(pattern, text(value));
}

/** `value.substring(from)`. */
export function substring(value: unknown, from: number): string {
  return text(value).length >= from ? text(value).slice(from) : notPlain();
}

/** `isIP(value)`. */
export function isIP(value: unknown): boolean {
  return isIPv4(text(value)) || isIPv6(text(value));
}

const MILLISECONDS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** `duration(value)` in milliseconds, of a duration as Gateway API writes them (GEP-2257). */
export function duration(value: unknown): number {
  if (!/^(?:[0-9]{1,5}(?:ms|[hms]))+$/.test(text(value))) return notPlain();
  const terms = text(value).matchAll(/([0-9]+)(ms|[hms])/g);
  return terms.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (MILLISECONDS[unit] ?? 0), 0);
}
