import { z } from 'zod';
import { createLog } from '../../src/telemetry/index.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';

const PIECES: readonly string[] = [
  'a',
  'team-shop',
  '"',
  '\\',
  '\\u0000',
  '\n',
  '\r\n',
  '\u0000',
  '\u001b[2K',
  '\u009b',
  '\u2028',
  '\ud800',
  '😀',
  'é',
  '%s',
  '{"a":1}',
  ',"allowed":true',
];

/** The log line of a review, whatever a review calls itself. */
export function logDoor(): Door {
  let logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line) }, 'info');
  return {
    name: 'log',
    turn: 300,
    attempt: (dice) => {
      logged = [];
      const allowed = dice.chance(0.5);
      const record = {
        webhook: dice.pick(['validate', 'mutate'] as const),
        uid: textOf(dice),
        operation: textOf(dice),
        kind: textOf(dice),
        namespace: textOf(dice),
        name: textOf(dice),
        dryRun: dice.chance(0.5),
        allowed,
        rules: listOf(dice),
        related: listOf(dice),
        errors: listOf(dice),
        stale: listOf(dice),
        milliseconds: dice.pick([0, 0.1234567, 1e21, 5e-7]),
      };
      log.review(record);
      const line = logged.join('');
      hold(logged.length === 1 && line.length <= 8192, 'not one line of 8 KiB at most', line.length, record);
      hold(/^[\x20-\x7e]+\n$/.test(line), 'the line has other than printable ASCII', line, record);
      const read = z
        .object({
          webhook: z.literal(record.webhook),
          allowed: z.literal(allowed),
          msg: z.literal('review'),
          ms: z.number(),
        })
        .safeParse(JSON.parse(line));
      hold(read.success, 'the line says something else', line, record);
    },
  };
}

function textOf(dice: Dice): string {
  const length = dice.pick([0, 1, 1, 2, 5, 400]);
  return Array.from({ length }, () => dice.pick(PIECES)).join('');
}

function listOf(dice: Dice): readonly string[] {
  return Array.from({ length: dice.pick([0, 0, 1, 3, 16, 40]) }, () => textOf(dice));
}
