import { isDeepStrictEqual } from 'node:util';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readYaml, type YamlText } from '../../src/yaml/index.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';
import { sentObject } from './objects.ts';

const TOKENS: readonly string[] = [
  ...'\n|: |- |{|}|[|]|,|"|\'|#|&a |*a|*b|<<: |? |!!js/function |!!binary |!!str |%YAML 1.1\n|---\n|...\n|\t|  |\r\n|\u0000|\ufeff'.split(
    '|',
  ),
  ...'0777|0x1F|1_000|22:22|on|no|~|.inf|-.nan|1e400|9007199254740993|2026-01-01|__proto__: 1|constructor|>\n  a|\ud800|😀|\u0085|\u2028'.split(
    '|',
  ),
  '|\n',
  '>-\n',
];

/** The reader of manifests: text that is JSON means what JSON says, and no other text breaks it or comes out as something else than data. */
export function yamlDoor(): Door {
  const example = readFileSync(resolve(import.meta.dirname, '../../policies/restricted.yaml'), 'utf8');
  return {
    name: 'yaml',
    turn: 200,
    attempt: (dice) => {
      if (dice.chance(0.3)) {
        holdJson(dice);
        return;
      }
      const text = dice.chance(0.5) ? soup(dice) : mutated(example, dice);
      holdData(readYaml(text), text, dice);
    },
  };
}

function holdJson(dice: Dice): void {
  const value: unknown = JSON.parse(JSON.stringify(sentObject(dice, 0.05).object));
  const text = JSON.stringify(value, undefined, dice.pick([0, 2]));
  const { documents, problems } = readYaml(text);
  if (problems.length > 0) {
    const isKnown = problems.every(({ message }) => message.includes('larger than the numbers that are read exactly'));
    hold(isKnown && /\d{16}|e\+/.test(text), 'JSON is refused', problems, text);
  } else
    hold(
      isDeepStrictEqual(
        documents.map((document) => document.value),
        [value],
      ),
      'JSON is read otherwise',
      documents[0]?.value,
      text,
    );
}

function soup(dice: Dice): string {
  return Array.from({ length: 1 + dice.below(40) }, () =>
    dice.pick(dice.chance(0.5) ? TOKENS : ['a', 'b', 'c: ', '- ']),
  ).join('');
}

function mutated(text: string, dice: Dice): string {
  let current = text;
  for (let at = 0, most = 1 + dice.below(6); at < most; at += 1) {
    const [place, from] = [dice.below(current.length + 1), dice.below(current.length + 1)];
    const length = dice.below(dice.pick([2, 40, 400]));
    const inserted = dice.pick([dice.pick(TOKENS), '', current.slice(from, from + length)]);
    current = `${current.slice(0, place)}${inserted}${current.slice(place + dice.pick([0, length]))}`;
  }
  return current;
}

function holdData({ documents, problems, lineAt }: YamlText, text: string, dice: Dice): void {
  const lines = text.split(/\r\n|\r|\n/).length + 1;
  for (const { message, at } of problems) {
    hold(message !== '' && message !== 'cannot be read', 'a problem without a reason', message, text);
    hold(at.line >= 1 && at.line <= lines && at.column >= 1, 'a problem beyond the text', at, text);
    lineAt(at.line);
  }
  for (const { value, locate, range } of documents) {
    hold(isData(value), 'not data', text);
    hold(
      range.start >= 0 && range.start <= range.end && range.end <= text.length,
      'a range beyond the text',
      range,
      text,
    );
    const { line, column } = locate(pathIn(value, dice), dice.pick(['key', undefined]));
    hold(line >= 1 && line <= lines && column >= 1, 'a place beyond the text', line, column, text);
  }
}

/** Plain objects, lists, text, finite numbers, booleans and null, no deeper than a program can walk. */
function isData(value: unknown, depth = 0): boolean {
  if (depth > 2000) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
  if (Array.isArray(value)) return value.every((item) => isData(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every((item) => isData(item, depth + 1))
  );
}

function pathIn(value: unknown, dice: Dice): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let current = value;
  while (typeof current === 'object' && current !== null && dice.chance(0.8)) {
    const keys = Object.keys(current);
    if (keys.length === 0) break;
    const key = dice.pick(keys);
    path.push(Array.isArray(current) ? Number(key) : key);
    current = Reflect.get(current, key);
  }
  return dice.chance(0.2) ? [...path, 'constructor', 0] : path;
}
