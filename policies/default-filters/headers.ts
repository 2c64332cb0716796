import type { Header, HeaderModifier } from '#gateway';

/** The three things a header modifier does; http: HTTPHeaderFilter. */
export const HEADER_ACTIONS = ['set', 'add', 'remove'] as const;
/** See {@link HEADER_ACTIONS}. */
type HeaderAction = (typeof HEADER_ACTIONS)[number];

/** One header as a document wants it; `value` is `""` for `remove`. */
export interface WantedHeader {
  readonly action: HeaderAction;
  readonly name: string;
  readonly value: string;
}

/** A header modifier with all its lists. */
export type HeaderLists = Required<HeaderModifier>;

/** What a route's modifier must become, and why. */
export interface MergedHeaders {
  readonly lists: HeaderLists;
  /** The wanted headers that the route's modifier does not have. */
  readonly missing: readonly WantedHeader[];
}

/** Header names are case-insensitive (RFC 9110, 5.1), though the CRD's list key is not. */
export function sameHeader(a: string, b: string): boolean {
  return a.length === b.length && (a === b || a.toLowerCase() === b.toLowerCase());
}

/** The headers that a modifier names, in the order set, add, remove. */
export function headersOf(modifier: HeaderModifier): readonly WantedHeader[] {
  return [
    ...(modifier.set ?? []).map(({ name, value }) => ({ action: 'set' as const, name, value })),
    ...(modifier.add ?? []).map(({ name, value }) => ({ action: 'add' as const, name, value })),
    ...(modifier.remove ?? []).map((name) => ({ action: 'remove' as const, name, value: '' })),
  ];
}

/**
 * A route's modifier with the wanted headers merged in: appended where the route does not name them, one action per name over the three
 * lists (http: HTTPHeaderFilter). Where the route does something else with the header, `KeepRoute` leaves it and `Override` replaces it.
 * Merging what has been merged changes nothing.
 */
export function mergeHeaders(
  present: HeaderModifier,
  wanted: readonly WantedHeader[],
  onConflict: 'KeepRoute' | 'Override',
): MergedHeaders {
  let lists: HeaderLists = { set: present.set ?? [], add: present.add ?? [], remove: present.remove ?? [] };
  const missing: WantedHeader[] = [];
  for (const header of wanted) {
    if (isDone(lists, header, onConflict)) continue;
    lists = withHeader(lists, header);
    missing.push(header);
  }
  return { lists, missing };
}

const NONE: readonly never[] = [];

/** Whether a route's modifier names all wanted headers, so that {@link mergeHeaders} with `KeepRoute` finds none missing. */
export function namesAll(
  { set = NONE, add = NONE, remove = NONE }: HeaderModifier,
  wanted: readonly WantedHeader[],
): boolean {
  for (const header of wanted) if (!isDone({ set, add, remove }, header, 'KeepRoute')) return false;
  return true;
}

/** Whether nothing is to be done about a header: under `KeepRoute` because the lists name it, under `Override` because they do just that. */
function isDone(
  { set, add, remove }: HeaderLists,
  { action, name, value }: WantedHeader,
  onConflict: 'KeepRoute' | 'Override',
): boolean {
  let named = 0;
  let asWanted = false;
  for (const entry of set) {
    if (!sameHeader(entry.name, name)) continue;
    named += 1;
    asWanted ||= action === 'set' && entry.value === value;
  }
  for (const entry of add) {
    if (!sameHeader(entry.name, name)) continue;
    named += 1;
    asWanted ||= action === 'add' && entry.value === value;
  }
  for (const entry of remove) {
    if (!sameHeader(entry, name)) continue;
    named += 1;
    asWanted ||= action === 'remove';
  }
  return onConflict === 'KeepRoute' ? named > 0 : named === 1 && asWanted;
}

/** The lists with one header done as wanted, in the place where the same list first names it, else at its end; nowhere else. */
function withHeader(lists: HeaderLists, header: WantedHeader): HeaderLists {
  return {
    set: place(lists.set, header.action === 'set' ? header : undefined, header.name),
    add: place(lists.add, header.action === 'add' ? header : undefined, header.name),
    remove: placeName(lists.remove, header.action === 'remove', header.name),
  };
}

function place(list: readonly Header[], header: WantedHeader | undefined, name: string): readonly Header[] {
  const at = list.findIndex((entry) => sameHeader(entry.name, name));
  if (header === undefined) return at < 0 ? list : list.filter((entry) => !sameHeader(entry.name, name));
  const own = list[at];
  const placed: Header = own?.value === header.value ? own : { name: own?.name ?? header.name, value: header.value };
  if (at < 0) return [...list, placed];
  return [...list.slice(0, at), placed, ...list.slice(at + 1).filter((entry) => !sameHeader(entry.name, name))];
}

function placeName(list: readonly string[], wanted: boolean, name: string): readonly string[] {
  const at = list.findIndex((entry) => sameHeader(entry, name));
  if (at < 0) return wanted ? [...list, name] : list;
  return list.filter((entry, index) => !sameHeader(entry, name) || (wanted && index === at));
}

/** `set X-Frame-Options, X-Content-Type-Options, remove Server`: as a message names headers. */
export function formatHeaders(headers: readonly WantedHeader[]): string {
  return HEADER_ACTIONS.flatMap((action) => {
    const names = headers.filter((header) => header.action === action).map(({ name }) => name);
    return names.length === 0 ? [] : [`${action} ${names.join(', ')}`];
  }).join(', ');
}
