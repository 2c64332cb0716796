import {
  HostnameTable,
  ANY,
  canonicalHostname,
  compareSpecificity,
  covers,
  intersect,
  parseHostname,
  wildcardsAbove,
} from '#gateway';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';

const LABELS: readonly string[] = ['a', 'b', 'com', 'x-y', '1', '0x1', 'xn--a', 'l'.repeat(63)];
const ODD: readonly string[] = [
  '',
  '*',
  'A',
  '_a',
  '-a',
  'a-',
  ' ',
  'l'.repeat(64),
  'ü',
  'ａ',
  '%2e',
  '\u0000',
  '。',
  '[',
  ':',
  '\ud800',
  'a@b',
];
/** Names of up to four labels: enough to tell any two hostnames of up to three apart. */
const NAMES: readonly string[] = ['a', 'b'].flatMap((d) =>
  ['a', 'b'].flatMap((c) =>
    ['a', 'b'].flatMap((b) => ['a', 'b'].flatMap((a) => [a, `${b}.${a}`, `${c}.${b}.${a}`, `${d}.${c}.${b}.${a}`])),
  ),
);

/** Canonical forms and the algebra of hostnames against readings of one line each. */
export function hostnameDoor(): Door {
  return {
    name: 'hostnames',
    turn: 5000,
    attempt: (dice) => {
      holdForm(textOf(dice));
      holdAlgebra(small(dice), small(dice));
      holdTable(
        Array.from({ length: dice.below(6) }, () => small(dice)),
        small(dice),
      );
    },
  };
}

function textOf(dice: Dice): string {
  const labels = Array.from({ length: 1 + dice.below(5) }, () => dice.pick(dice.chance(0.2) ? ODD : LABELS));
  const text = `${dice.pick(['', '', '*.', '*'])}${labels.join('.')}${dice.pick(['', '', '.', '..', ' '])}`;
  return dice.chance(0.2) ? text.toUpperCase() : text;
}

/** ASCII hostnames to the letter of RFC 1123 and of Gateway API's pattern, with URL's "ends in a number" taken out. */
function isPlain(text: string): boolean {
  const name = text.startsWith('*.') ? text.slice(2) : text;
  const labels = name.split('.');
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9-]{1,63}$/.test(label) && !label.startsWith('-') && !label.endsWith('-')) &&
    !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')
  );
}

function holdForm(text: string): void {
  const parsed = parseHostname(text);
  if ('hostname' in parsed) {
    const { hostname } = parsed;
    hold(isPlain(hostname), 'the canonical form is no hostname', text, hostname);
    hold(canonicalHostname(hostname) === hostname, 'the canonical form has another one', text, hostname);
    // The dot keeps the text from the quick pattern.
    hold(canonicalHostname(`${hostname}.`) === hostname, 'the quick and the slow way differ', text, hostname);
  }
  if (!/^[\x20-\x7e]*$/.test(text)) return;
  const expected = text.toLowerCase().replace(/\.$/, '');
  hold('hostname' in parsed === isPlain(expected), 'taken or refused against the rules', text, parsed);
  hold(!('hostname' in parsed) || parsed.hostname === expected, 'another hostname', text, parsed);
}

function small(dice: Dice): string {
  const name = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(['a', 'b'])).join('.');
  return dice.pick([name, name, `*.${name}`, `*.${name}`, ANY]);
}

/** The names that a hostname stands for, of {@link NAMES}. */
function namesOf(hostname: string): readonly string[] {
  return NAMES.filter(
    (name) => hostname === ANY || name === hostname || (hostname.startsWith('*') && name.endsWith(hostname.slice(1))),
  );
}

function holdAlgebra(a: string, b: string): void {
  const [ofA, ofB] = [namesOf(a), namesOf(b)];
  hold(covers(a, b) === ofB.every((name) => ofA.includes(name)), 'covers', a, b);
  const both = ofA.filter((name) => ofB.includes(name));
  const met = intersect(a, b);
  hold(JSON.stringify(met === undefined ? [] : namesOf(met)) === JSON.stringify(both), 'intersect', a, b, met);
  hold(wildcardsAbove(a).includes(b) === (a !== b && b.startsWith('*') && covers(b, a)), 'wildcardsAbove', a, b);
}

function holdTable(hostnames: readonly string[], wanted: string): void {
  const table = new HostnameTable<string>();
  for (const hostname of hostnames) table.set(hostname, hostname);
  const [nearest] = hostnames.filter((hostname) => covers(hostname, wanted)).sort(compareSpecificity);
  hold(table.nearest(wanted) === nearest, 'nearest', hostnames, wanted, table.nearest(wanted));
}
