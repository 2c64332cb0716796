/** How a check came out; `unknown` is what could not be looked at, and is never `ok`. */
export const RESULTS = ['ok', 'warn', 'fail', 'unknown'] as const;
/** See {@link RESULTS}. */
export type Result = (typeof RESULTS)[number];

/** One line of a diagnosis. */
export interface Line {
  /** `family/check`; never reused for another. */
  readonly check: string;
  readonly result: Result;
  /** The object or the place that was looked at. */
  readonly where: string;
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly fix: string | null;
}

/** All is as it should be. */
export function ok(check: string, where: string, message: string): Line {
  return { check, result: 'ok', where, message, fix: null };
}

/** It works, and somebody should know. */
export function warn(check: string, where: string, message: string, fix: string): Line {
  return { check, result: 'warn', where, message, fix };
}

/** It does not do what it is there for. */
export function fail(check: string, where: string, message: string, fix: string): Line {
  return { check, result: 'fail', where, message, fix };
}

/** Nobody can say from here; `reason` is why. */
export function unknown(check: string, where: string, reason: string, fix?: string): Line {
  const asked = /forbidden|may not/.test(reason) ? 'ask with an account that may read it' : null;
  return { check, result: 'unknown', where, message: `cannot be seen: ${reason}`, fix: fix ?? asked };
}
