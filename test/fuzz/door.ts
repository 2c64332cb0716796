import type { Dice } from '../support/dice.ts';

/** One place where foreign data comes in, with an oracle that needs no expected value. */
export interface Door {
  readonly name: string;
  /** Cases in a turn: doors with quick cases take more. */
  readonly turn: number;
  /** Tries one case; throws when what came out breaks the oracle. The same throws of the dice make the same case. */
  readonly attempt: (dice: Dice) => void | Promise<void>;
}

/** Throws with what was seen unless the condition holds. */
export function hold(condition: boolean, message: string, ...seen: readonly unknown[]): asserts condition {
  if (!condition) throw new Error([message, ...seen.map(shown)].join('\n  '));
}

/** The value as a report shows it: JSON, and not endless. */
function shown(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value);
  return text.length > 20_000 ? `${text.slice(0, 20_000)}… (${text.length} characters)` : text;
}
