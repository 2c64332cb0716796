import { domainToASCII } from 'node:url';

/**
 * Hostnames as Gateway API compares them (doc hostnames; shared: Hostname). A hostname here is in canonical form: lower case, no trailing
 * dot, internationalised labels as `xn--`. It is exact (`a.b`), a wildcard (`*.b`: one or more labels before the suffix, never the suffix
 * itself), or {@link ANY} for "no hostname given".
 */
export const ANY = '*';

/** Why a text is not a hostname that Gateway API may carry. */
export type HostnameProblem =
  'empty' | 'ip-address' | 'label-too-long' | 'too-long' | 'wildcard-position' | 'characters';

/** One sentence for each problem, to follow the quoted hostname. */
export const HOSTNAME_PROBLEMS: Readonly<Record<HostnameProblem, string>> = {
  empty: 'is empty',
  'ip-address': 'is an IP address, or ends in a number as one does; Gateway API takes DNS names only',
  'label-too-long': 'has a label of more than 63 characters (RFC 1035)',
  'too-long': 'is longer than 253 characters (RFC 1035)',
  'wildcard-position': 'may have one wildcard, as the whole first label',
  characters: 'is not a DNS name: letters, digits and hyphens, in labels divided by single dots',
};

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Hexadecimal groups and at least two colons, perhaps in brackets as in a URL, perhaps with a zone. */
const IPV6 = /^\[?[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[^\]]*)?\]?$/i;
/** What most hostnames are: canonical as they stand, and no address, since the last label begins with a letter. */
const CANONICAL = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What every URL parser takes for IPv4, in decimal, octal or hexadecimal, of one to four parts (WHATWG URL, "ends in a number"). */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/**
 * The canonical form of a hostname, or what is wrong with it. Accepts what users write: any case, one trailing dot, Unicode labels (UTS #46).
 * An `xn--` label is kept as it is, also one that does not decode: names are compared as DNS carries them.
 */
export function parseHostname(text: string): { readonly hostname: string } | { readonly problem: HostnameProblem } {
  return isCanonical(text) ? { hostname: text } : parseUncommon(text);
}

/** {@link parseHostname} of a text that is not canonical as it stands. */
function parseUncommon(text: string): { readonly hostname: string } | { readonly problem: HostnameProblem } {
  let name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '') return { problem: 'empty' };
  // Encoding a label takes the square of its length; no text as long as this becomes a name of 253.
  if (name.length > 2048) return { problem: 'too-long' };
  const wildcard = name.startsWith('*.');
  if (wildcard) name = name.slice(2);
  if (name.includes('*')) return { problem: 'wildcard-position' };
  if (IPV6.test(name)) return { problem: 'ip-address' };
  const ascii = toASCII(name);
  for (const label of ascii.split('.')) {
    if (label.length > 63) return { problem: 'label-too-long' };
    if (!LABEL.test(label)) return { problem: 'characters' };
  }
  if (ENDS_IN_NUMBER.test(ascii)) return { problem: 'ip-address' };
  const hostname = wildcard ? `*.${ascii}` : ascii;
  if (hostname.length > 253) return { problem: 'too-long' };
  return { hostname };
}

/** Texts found canonical, the last of some lengths: those of one object are asked about again and again. */
const RECENT = Array.from({ length: 16 }, () => '');

function isCanonical(text: string): boolean {
  const slot = text.length % RECENT.length;
  if (text !== '' && RECENT[slot] === text) return true;
  if (text.length > 253 || !CANONICAL.test(text)) return false;
  RECENT[slot] = text;
  return true;
}

/** The name in ASCII and lower case; something that is no name when that cannot be done. */
function toASCII(name: string): string {
  const lower = name.toLowerCase();
  // domainToASCII percent-decodes, and reads other dots than the full stop: only letters, marks and digits go there.
  return /^[\x20-\x7e]*$/.test(lower) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(name) ? lower : domainToASCII(name);
}

/** The canonical form, or undefined for a text that is no hostname. An absent hostname is {@link ANY}. */
export function canonicalHostname(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return ANY;
  // Mostly the very text: an index of hostnames then needs no memory for it.
  if (isCanonical(text)) return text;
  const parsed = parseUncommon(text);
  return 'hostname' in parsed ? parsed.hostname : undefined;
}

/**
 * The canonical form, {@link ANY} for an absent one, and for a text that is no hostname the text in lower case: controllers compare it as it
 * stands.
 */
export function comparableHostname(text: string | undefined): string {
  return canonicalHostname(text) ?? text?.toLowerCase() ?? ANY;
}

/** Whether a hostname is `*.suffix` or {@link ANY}. */
export function isWildcard(hostname: string): boolean {
  return hostname.startsWith('*');
}

/** Whether every name that `inner` stands for is also one that `outer` stands for. */
export function covers(outer: string, inner: string): boolean {
  if (outer === ANY || outer === inner) return true;
  if (inner === ANY || !isWildcard(outer)) return false;
  const suffix = outer.slice(1);
  const name = isWildcard(inner) ? inner.slice(1) : inner;
  return name.length > suffix.length && name.endsWith(suffix);
}

/** The names that both stand for, as one hostname; undefined when there are none. Of two that meet, one always covers the other. */
export function intersect(a: string, b: string): string | undefined {
  if (covers(a, b)) return b;
  if (covers(b, a)) return a;
  return undefined;
}

/** Sorts the more specific hostname first: exact before wildcard, the longer wildcard before the shorter, {@link ANY} last. */
export function compareSpecificity(a: string, b: string): number {
  const wildA = isWildcard(a);
  if (wildA !== isWildcard(b)) return wildA ? 1 : -1;
  return b.length - a.length;
}

/** Every wildcard that covers a hostname, nearest first, {@link ANY} last: `a.b.c` gives `*.b.c`, `*.c`, `*`. Not the hostname itself. */
export function wildcardsAbove(hostname: string): readonly string[] {
  if (hostname === ANY) return [];
  const wildcards: string[] = [];
  let dot = hostname.indexOf('.', isWildcard(hostname) ? 2 : 0);
  while (dot >= 0) {
    wildcards.push(`*${hostname.slice(dot)}`);
    dot = hostname.indexOf('.', dot + 1);
  }
  wildcards.push(ANY);
  return wildcards;
}
