import { testApp } from '../support/serving.ts';
import { createLog } from '../../src/telemetry/index.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';
import { CANARY } from './objects.ts';
import { holdAllowance, watched, wellFormed } from './oracle.ts';
import { sentReview } from './reviewDoor.ts';
import { breaking, busyStore, strictDocuments } from './world.ts';

/** What is written over or into a text. */
const SPLINTERS: readonly string[] = [
  'null',
  '{}',
  '[]',
  '""',
  '-0',
  '1e400',
  '9007199254740993',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__":{"x":1},',
  '"constructor":{"prototype":{"x":1}},',
  '"kind":"Secret",',
  '"operation":"CONNECT",',
  '"uid":"other",',
  '"subresource":"status",',
  '\u0000',
  '\ufeff',
  '{"a":',
  '[',
  ']',
  '}',
  '"',
  '\\',
  ',',
];

/** Reviews whose bytes were changed on the way, over HTTP as far as a socket. */
export function byteDoor(): Door {
  const watching = watched(strictDocuments());
  const snapshot = busyStore('a');
  let logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line) }, 'debug');
  let call = Infinity;
  let fault = breaking(snapshot, call);
  const world = () => ({
    set: watching.set,
    snapshot: fault.snapshot,
    reader: undefined,
    claims: undefined,
    stale: [],
  });
  const { app } = testApp({}, { world, log });
  return {
    name: 'bytes',
    turn: 200,
    attempt: async (dice) => {
      const { text } = sentReview(dice, dice.pick([0, 0, 0.05]));
      const payload = mutated(Buffer.from(text), dice);
      const webhook = dice.chance(0.8) ? 'validate' : 'mutate';
      call = dice.chance(0.1) ? dice.below(12) : Infinity;
      fault = breaking(snapshot, call);
      watching.reset(() => false);
      logged = [];
      const headers = { 'content-type': 'application/json' };
      const response = await app.inject({ method: 'POST', url: `/${webhook}`, headers, payload });
      const seen = payload.toString();
      const lines = logged.join('');
      if (response.statusCode !== 200) {
        hold(
          response.statusCode === 400 && response.body.length < 500,
          'neither an answer nor a refusal',
          response.body,
          seen,
        );
        hold(lines === '', 'a refusal was logged', lines, seen);
        return;
      }
      const body: unknown = JSON.parse(seen);
      const answer = wellFormed(webhook, JSON.parse(response.body), uidOf(body));
      if (webhook === 'validate' && answer.allowed) {
        holdAllowance({ body, snapshot, watched: watching, broke: fault.broke() });
      }
      hold(fault.broke() || answer.code !== 500, 'judging broke down by itself', seen);
      hold(logged.length === 1 && lines.length <= 8192, 'not one line of 8 KiB at most', lines, seen);
      hold(/^[\x20-\x7e]+\n$/.test(lines), 'the line has other than printable ASCII', lines, seen);
      JSON.parse(lines);
      hold(!lines.includes(CANARY) || isNamedAfterCanary(body), 'the log shows what stands in the object', lines, seen);
    },
  };
}

function uidOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'request' in body && isUidBearer(body.request)
    ? body.request.uid
    : undefined;
}

function isUidBearer(value: unknown): value is { readonly uid: unknown } {
  return typeof value === 'object' && value !== null && 'uid' in value;
}

/** Whether the canary has come to stand where names are. */
function isNamedAfterCanary(body: unknown): boolean {
  return /"(?:uid|name|namespace|kind|operation)":"[^"]*canary/.test(JSON.stringify(body));
}

function mutated(bytes: Buffer, dice: Dice): Buffer {
  let current = bytes;
  for (let at = 0, most = 1 + dice.below(4); at < most; at += 1) {
    const place = dice.below(current.length + 1);
    const length = dice.below(dice.pick([2, 16, 200]));
    const [before, after] = [current.subarray(0, place), current.subarray(place + length)];
    switch (dice.below(6)) {
      case 0:
        current = Buffer.concat([before, after]);
        break;
      case 1:
        current = Buffer.concat([before, Buffer.from(dice.pick(SPLINTERS)), after]);
        break;
      case 2:
        current = Buffer.concat([before, Buffer.from(dice.pick(SPLINTERS)), current.subarray(place)]);
        break;
      case 3: {
        const from = dice.below(current.length + 1);
        current = Buffer.concat([before, current.subarray(from, from + length), current.subarray(place)]);
        break;
      }
      case 4:
        current = Buffer.from(current);
        if (place < current.length) current[place] = dice.below(256);
        break;
      default:
        current = withValue(current, dice);
    }
  }
  return current;
}

/** Puts another value in the place of a whole JSON value, so that the text stays JSON. */
function withValue(bytes: Buffer, dice: Dice): Buffer {
  const text = bytes.toString();
  const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|null|true|false|-?\d+|\{\}|\[\])/g)];
  if (values.length === 0) return bytes;
  const { index, 1: value = '' } = dice.pick(values);
  const other = dice.pick([
    'null',
    '{}',
    '[]',
    '""',
    '-0',
    '1e400',
    '1.5',
    'true',
    '"\\ud800"',
    '{"__proto__":{"x":1}}',
  ]);
  return Buffer.from(`${text.slice(0, index + 1)}${other}${text.slice(index + 1 + value.length)}`);
}
