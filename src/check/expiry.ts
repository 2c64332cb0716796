import { z } from 'zod';

const HOUR = 3_600_000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', HOUR],
  ['d', 24 * HOUR],
  ['w', 7 * 24 * HOUR],
  ['y', 365 * 24 * HOUR],
]);
/** A day more than the longest year. */
const LONG = 367 * 24 * HOUR;
const LAST = Date.UTC(9999, 11, 31);

const date = z.iso.date();
const time = z.iso.datetime({ offset: true });

/** When something ends, or what is wrong with the words for it. */
export type Expiry =
  | {
      /** Milliseconds since the epoch, whole seconds. */
      readonly at: number;
      /** Over a year ahead. */
      readonly isLong: boolean;
    }
  | { readonly problem: string };

/** Reads `2027-03-31` (the first moment of that day, UTC), `2027-03-31T18:00:00+02:00`, or `30d` from `now`; never one that is over. */
export function parseExpiry(text: string, now: number): Expiry {
  const at = momentOf(text, now);
  if (at === undefined) {
    return {
      problem: `"${text}" is no end: give a date (2027-03-31), a time (2027-03-31T18:00:00Z) or a span (12h, 30d, 8w)`,
    };
  }
  if (at <= now) return { problem: `${text} is over already: an exemption must end in the future` };
  return { at, isLong: at - now > LONG };
}

function momentOf(text: string, now: number): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([hdwy])$/.exec(text) ?? [];
  const span = UNITS.get(unit);
  const at =
    span !== undefined
      ? now + Number(count) * span
      : date.safeParse(text).success || time.safeParse(text).success
        ? Date.parse(text)
        : undefined;
  return at === undefined || at > LAST ? undefined : Math.floor(at / 1000) * 1000;
}
