import {
  COLLECTION_STYLE,
  EVENT_ID,
  SCALAR_STYLE,
  getScalarValue,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import { keyText, resolveBinary, resolvePlain, type Resolved } from './scalar.ts';

/** How deep lists and maps may be nested, aliases followed. */
export const MAX_DEPTH = 100;
/** How many nodes aliases may add to one text. */
export const MAX_ALIASED = 100_000;

/** Text that is refused, at an offset; `first` is where a duplicate key stood before. */
export class Refusal extends Error {
  readonly offset: number;
  readonly first: number | undefined;

  constructor(message: string, offset: number, first?: number) {
    super(message);
    this.name = 'Refusal';
    this.offset = offset;
    this.first = first;
  }
}

/** Where the parts of a list or map stand: for an item its offset, for a field those of its key and its value. */
export type Places = Map<object, ReadonlyMap<string | number, Place>>;

/** Where a part of a list or map stands; an item's key is the item itself. */
export interface Place {
  readonly key: number;
  readonly value: number;
}

/** A node as its parent takes it: the value, how many nodes it is with aliases followed, how deep it is. */
interface Node {
  readonly resolved: { readonly value: unknown; readonly float?: true };
  readonly offset: number;
  readonly size: number;
  readonly height: number;
}

interface Frame {
  readonly value: unknown[] | Record<string, unknown>;
  readonly offset: number;
  /** Written in brackets. */
  readonly isFlow: boolean;
  readonly anchor: string | undefined;
  readonly places: Map<string | number, Place> | undefined;
  /** The key whose value comes next, with its offset. */
  key: { readonly name: string; readonly offset: number; readonly merges: boolean } | undefined;
  /** Keys that came from a merge, which a later key of the map itself may replace. */
  merged: Set<string> | undefined;
  size: number;
  height: number;
}

/** What {@link construct} gives; `next` is the first event that is not of the document. */
interface Constructed {
  readonly value: unknown;
  readonly offset: number;
  readonly places: Places;
  readonly next: number;
  readonly aliased: number;
}

/**
 * The value of the document that the events from `from` on describe, and where its parts stand. Lists are arrays, maps plain objects in
 * which every key is an own property, `__proto__` too. Aliases share the value of their anchor. Places cost as much again, so they are
 * noted only when asked for. Aliases may add `allowed` nodes; `aliased` is how many they did add. Throws a {@link Refusal}.
 */
export function construct(
  source: string,
  events: readonly Event[],
  from: number,
  mode: 'values' | 'places',
  allowed = MAX_ALIASED,
): Constructed {
  const places: Places = new Map();
  const frames: Frame[] = [];
  const anchors = new Map<string, Node | 'open'>();
  let aliased = 0;
  let root: Node | undefined;

  const take = (node: Node, isMergeKey: boolean): void => {
    const frame = frames.at(-1);
    if (frame === undefined) {
      root = node;
      return;
    }
    frame.size += node.size;
    frame.height = Math.max(frame.height, node.height);
    if (Array.isArray(frame.value)) {
      frame.places?.set(frame.value.length, { key: node.offset, value: node.offset });
      frame.value.push(node.resolved.value);
    } else if (frame.key === undefined) {
      const name = keyText(node.resolved);
      if (name === undefined) throw new Refusal('a key is text, a number or a boolean', node.offset);
      frame.key = { name, offset: node.offset, merges: isMergeKey };
    } else {
      if (frame.key.merges) merge(frame, frame.value, node, places);
      else setField(frame, frame.value, frame.key.name, frame.key.offset, node);
      frame.key = undefined;
    }
  };

  const open = (event: SequenceEvent | MappingEvent, value: Frame['value']): void => {
    const frame = frames.at(-1);
    if (frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined) {
      throw new Refusal('a key is text, a number or a boolean', event.start);
    }
    const anchor = anchorOf(source, event);
    if (anchor !== undefined) anchors.set(anchor, 'open');
    const ownPlaces = mode === 'places' ? new Map<string | number, Place>() : undefined;
    if (ownPlaces !== undefined) places.set(value, ownPlaces);
    const { start: offset } = event;
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    frames.push({
      value,
      offset,
      isFlow,
      anchor,
      places: ownPlaces,
      key: undefined,
      merged: undefined,
      size: 1,
      height: 0,
    });
  };

  let at = from;
  for (let event = events[at]; event !== undefined; at += 1, event = events[at]) {
    if (event.type === EVENT_ID.DOCUMENT) {
      if (at > from) break;
    } else if (event.type === EVENT_ID.SEQUENCE) open(event, []);
    else if (event.type === EVENT_ID.MAPPING) open(event, {});
    else if (event.type === EVENT_ID.SCALAR) {
      const offset = offsetOf(source, event, frames.at(-1));
      const { resolved, isMergeKey } = scalarOf(source, event, offset, frames.at(-1)?.isFlow === true);
      const node: Node = { resolved, offset, size: 1, height: 0 };
      const anchor = anchorOf(source, event);
      if (anchor !== undefined) anchors.set(anchor, node);
      take(node, isMergeKey);
    } else if (event.type === EVENT_ID.ALIAS) {
      const name = source.slice(event.anchorStart, event.anchorEnd);
      const offset = event.anchorStart - 1;
      const anchor = anchors.get(name);
      if (anchor === undefined) throw new Refusal(`there is no anchor &${name} before this alias`, offset);
      if (anchor === 'open') throw new Refusal(`the anchor &${name} contains itself`, offset);
      aliased += anchor.size;
      if (aliased > allowed) throw new Refusal(`aliases expand to more than ${MAX_ALIASED} nodes`, offset);
      if (frames.length + anchor.height > MAX_DEPTH) throw new Refusal(`nested deeper than ${MAX_DEPTH}`, offset);
      take({ ...anchor, offset }, false);
    } else {
      const frame = frames.pop();
      if (frame === undefined) continue;
      const node = { resolved: frame, offset: frame.offset, size: frame.size, height: frame.height + 1 };
      if (frame.anchor !== undefined) anchors.set(frame.anchor, node);
      take(node, false);
    }
  }
  return { value: root?.resolved.value ?? null, offset: root?.offset ?? 0, places, next: at, aliased };
}

interface Anchored {
  readonly anchorStart: number;
  readonly anchorEnd: number;
}

function anchorOf(source: string, event: Anchored): string | undefined {
  return event.anchorStart < 0 ? undefined : source.slice(event.anchorStart, event.anchorEnd);
}

/** Where a scalar begins, its quote included; what is not written stands where its key does. */
function offsetOf(source: string, event: ScalarEvent, frame: Frame | undefined): number {
  if (event.valueStart < 0) return event.tagStart >= 0 ? event.tagStart : (frame?.key?.offset ?? frame?.offset ?? 0);
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const before = source[event.valueStart - 1];
  return isQuoted && (before === '"' || before === "'") ? event.valueStart - 1 : event.valueStart;
}

/** The value of a scalar under its tag (go-yaml v2 `decode.go`, `scalar`). */
function scalarOf(
  source: string,
  event: ScalarEvent,
  offset: number,
  isInFlow: boolean,
): { readonly resolved: Exclude<Resolved, { readonly refused: string }>; readonly isMergeKey: boolean } {
  const text = getScalarValue(source, event);
  const tag = event.tagStart < 0 ? '' : source.slice(event.tagStart, event.tagEnd);
  const isPlain = event.style === SCALAR_STYLE.PLAIN;
  if (isPlain && isInFlow) refuseOpenText(source, text, event);
  const resolved = tag === '' ? (isPlain ? resolvePlain(text) : { value: text }) : resolveTagged(tag, text);
  if ('refused' in resolved) throw new Refusal(resolved.refused, offset);
  return { resolved, isMergeKey: text === '<<' && (tag === '' ? isPlain : tag === '!!merge') };
}

/** Refuses text in brackets that ends elsewhere for kubectl (go-yaml v2 `yaml_parser_scan_plain_scalar`, `_fetch_next_token`). */
function refuseOpenText(source: string, text: string, { valueStart, valueEnd }: ScalarEvent): void {
  const [colon] = /^\s*:(?=[,[\]{}])/.exec(source.slice(valueEnd, valueEnd + 1000)) ?? [];
  if (colon !== undefined) {
    const at = valueEnd + colon.length - 1;
    throw new Refusal('kubectl takes the colon for a part of the text: a space belongs after it', at);
  }
  if (/^:|\?/.test(text))
    throw new Refusal('kubectl reads no text with this ? or : in brackets: put it in quotes', valueStart);
}

/** Tags that demand a type, with the test of it. */
const DEMANDS: ReadonlyMap<string, (value: unknown, isFloat: boolean) => boolean> = new Map([
  ['!!int', (value: unknown, isFloat: boolean) => typeof value === 'number' && !isFloat],
  ['!!float', (value: unknown) => typeof value === 'number'],
  ['!!bool', (value: unknown) => typeof value === 'boolean'],
  ['!!null', (value: unknown) => value === null],
]);

function resolveTagged(tag: string, text: string): Resolved {
  const short = tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1');
  if (short === '!!binary') return resolveBinary(text);
  const demand = DEMANDS.get(short);
  if (demand === undefined) return { value: text };
  const resolved = resolvePlain(text);
  if ('refused' in resolved || demand(resolved.value, resolved.float === true)) return resolved;
  return { refused: `"${text}" is not ${short}` };
}

function setField(frame: Frame, map: Record<string, unknown>, name: string, offset: number, node: Node): void {
  if (Object.hasOwn(map, name) && frame.merged?.delete(name) !== true) {
    throw new Refusal(`the key "${name}" stands twice`, offset, frame.places?.get(name)?.key);
  }
  define(map, name, node.resolved.value);
  frame.places?.set(name, { key: offset, value: node.offset });
}

/**
 * `<<`: the fields of a map, or of a list of maps in which the first wins. As in go-yaml v2 they replace what stands before the merge, and
 * what stands after it replaces them.
 */
function merge(frame: Frame, map: Record<string, unknown>, node: Node, places: Places): void {
  const { value } = node.resolved;
  const sources: readonly unknown[] = Array.isArray(value) ? value.toReversed() : [value];
  for (const source of sources) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      throw new Refusal('<< takes a map or a list of maps', node.offset);
    }
    for (const [name, field] of Object.entries(source)) {
      if (!Object.hasOwn(map, name)) (frame.merged ??= new Set()).add(name);
      define(map, name, field);
      const place = places.get(source)?.get(name);
      if (place !== undefined) frame.places?.set(name, place);
    }
  }
}

/** Sets an own property, whatever its name: assignment to `__proto__` would change the prototype. */
function define(map: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true });
  } else map[name] = value;
}
