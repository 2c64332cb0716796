/** Nanoseconds of each unit of a Go duration. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/** What the API server sends. */
const WHOLE_SECONDS = /^[1-9]\d{0,5}s$/;
const DURATION = /^\+?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const TERM = /(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * A Go duration (`time.ParseDuration`) such as `1m0s`, in milliseconds; undefined for anything that is none, and for one that is not
 * positive.
 */
export function parseDuration(text: string): number | undefined {
  if (WHOLE_SECONDS.test(text)) return Number(text.slice(0, -1)) * 1000;
  if (text.length > 64 || !DURATION.test(text)) return undefined;
  let nanoseconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(TERM)) nanoseconds += Number(amount) * (UNITS.get(unit) ?? 0);
  return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
}

/**
 * How long a review may take, in milliseconds: what the API server says in `?timeout=`, never more than configured, less a margin in which
 * the answer travels. What is not a positive duration, or given twice, is as good as absent.
 */
export function timeAllowed(timeout: unknown, configured: number): number {
  const asked = typeof timeout === 'string' ? parseDuration(timeout) : undefined;
  const whole = Math.min(asked ?? configured, configured);
  return whole - Math.min(500, whole / 10);
}
