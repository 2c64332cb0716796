import semver from 'semver';
import type { FieldPath } from '../fieldPath.ts';
import table from './lifecycle.generated.json' with { type: 'json' };
import { isObject } from './shape.ts';

/** The two release channels of Gateway API (doc versioning). */
export const CHANNELS = ['standard', 'experimental'] as const;
/** See {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[number];

/** One set of CRDs: a bundle version (`v1.6.1`) in one channel. */
export interface Release {
  readonly bundle: string;
  readonly channel: Channel;
}

/** `standard v1.6.1`, as messages write a release. */
export function formatRelease({ channel, bundle }: Release): string {
  return `${channel} ${bundle}`;
}

/** Some releases, as bits: `2 × position of the bundle + position of the channel`. */
export type Releases = number;

/**
 * A field: the releases that have it; its fields, with `[]` for items and `{}` for map values; the releases that have each enum value; where
 * that has been worked out, those that have any.
 */
export type FieldNode =
  | Releases
  | readonly [Releases, Readonly<Record<string, FieldNode>>]
  | readonly [Releases, Readonly<Record<string, FieldNode>>, Readonly<Record<string, Releases>>, Releases?];

/** The releases that have a version of a kind. */
export interface VersionLifecycle {
  readonly present: Releases;
  readonly served: Releases;
  readonly stored: Releases;
  readonly deprecated: Releases;
}

/** What became of a kind from the first bundle to the last. */
export interface KindLifecycle {
  readonly versions: Readonly<Record<string, VersionLifecycle>>;
  /** `bundle/channel` → `fingerprintOf` its CRD's versions. */
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly fields: FieldNode;
}

interface LifecycleTable {
  readonly bundles: readonly string[];
  readonly kinds: Readonly<Record<string, KindLifecycle>>;
}

/** The generated table is what the generator's types say. */
function isLifecycleTable(value: unknown): value is LifecycleTable {
  return isObject(value) && Array.isArray(value['bundles']) && isObject(value['kinds']);
}

const raw: unknown = table;
if (!isLifecycleTable(raw)) throw new Error('lifecycle.generated.json is not a table: run scripts/generate-schema.ts');
const { bundles, kinds } = raw;

/** The bundle versions that the tables know, oldest first. */
export const BUNDLES: readonly string[] = bundles;

/**
 * The bundle that stands for a version: itself when the tables have it, else the one of the same minor, since a patch release adds no fields.
 * Undefined for a minor they do not have, and for what is not SemVer (`monthly-2026.05`).
 */
export function knownBundle(version: string): string | undefined {
  const parsed = semver.parse(version);
  if (parsed === null) return undefined;
  const exact = bundles.find((bundle) => semver.eq(bundle, parsed));
  return (
    exact ?? bundles.find((bundle) => semver.major(bundle) === parsed.major && semver.minor(bundle) === parsed.minor)
  );
}

/** The same for a version to be pinned: what a pre-release had is not known, so that it is none. */
export function pinnableBundle(version: string): string | undefined {
  return semver.prerelease(version) === null ? knownBundle(version) : undefined;
}

/** What became of a Gateway API kind; undefined for a kind that no bundle has. */
export function lifecycleOf(group: string, kind: string): KindLifecycle | undefined {
  const key = `${group}/${kind}`;
  return Object.hasOwn(kinds, key) ? kinds[key] : undefined;
}

/** Every group and kind that some bundle has, as `group/kind`. */
export const LIFECYCLE_KINDS: readonly string[] = Object.keys(kinds);

/** The releases that serve a version of a kind; none for a version that no bundle has. */
export function servedIn({ versions }: KindLifecycle, version: string): Releases {
  return Object.hasOwn(versions, version) ? (versions[version]?.served ?? 0) : 0;
}

/** Whether a release is among these. */
export function includesRelease(releases: Releases, release: Release): boolean {
  return (releases & bitOf(release)) !== 0;
}

/** The one release as bits; 0 when the tables do not know the bundle. */
export function bitOf({ bundle, channel }: Release): Releases {
  const position = bundles.indexOf(bundle);
  return position < 0 ? 0 : bit(position, channel);
}

function bit(position: number, channel: Channel): Releases {
  return 1 << (position * CHANNELS.length + CHANNELS.indexOf(channel));
}

/** The bundles among these releases that have a channel, oldest first. */
export function bundlesIn(releases: Releases, channel: Channel): readonly string[] {
  return bundles.filter((_bundle, position) => (releases & bit(position, channel)) !== 0);
}

/** The releases of a kind: those that have any version of it. */
export function releasesOf({ versions }: KindLifecycle): Releases {
  return Object.values(versions).reduce((all, { present }) => all | present, 0);
}

/**
 * Where something is found, for a message: `standard since v1.5.1`, `standard since v1.5.1, experimental since v1.3.0`, `experimental only
 * since v1.2.1`, `experimental only from v1.1.0 to v1.3.0`, `standard in v1.0.0`; for nothing `no bundle up to v1.6.1`.
 */
export function describeReleases(releases: Releases): string {
  const spans = CHANNELS.map((channel) => span(bundlesIn(releases, channel)));
  const [standard, experimental] = spans;
  if (standard === undefined && experimental === undefined) return `no bundle up to ${bundles.at(-1) ?? ''}`;
  if (standard === undefined) return `experimental only ${experimental ?? ''}`;
  if (experimental === undefined || experimental === standard) return `standard ${standard}`;
  return `standard ${standard}, experimental ${experimental}`;
}

/** `since v1.2.1`, `from v1.1.0 to v1.3.0`, `in v1.0.0`; undefined for no bundle. No field has gone and come back. */
function span(versions: readonly string[]): string | undefined {
  const [first, last] = [versions[0], versions.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (last === bundles.at(-1)) return `since ${first}`;
  return first === last ? `in ${first}` : `from ${first} to ${last}`;
}

/** The releases that have a field. */
export function releasesOfField(field: FieldNode): Releases {
  return typeof field === 'number' ? field : field[0];
}

/** A field inside a field: by name, else as a map's value; `[]` names the items of a list. */
export function fieldIn(field: FieldNode, name: string): FieldNode | undefined {
  if (typeof field === 'number') return undefined;
  const fields = field[1];
  if (Object.hasOwn(fields, name)) return fields[name];
  return name === '[]' ? undefined : fields['{}'];
}

/**
 * The releases that take a value in a field: those whose enum has it, and those in which the field is no enum. All that have the field when it
 * is an enum in none.
 */
export function releasesOfValue(field: FieldNode, value: string | number | boolean): Releases {
  if (typeof field === 'number' || field[2] === undefined) return releasesOfField(field);
  const [releases, , values, enums = anyOf(values)] = field;
  const name = String(value);
  let having = 0;
  // An enum has a few values; to look a text up that comes from outside takes longer than to compare it with all of them.
  for (const known in values) if (known === name) having = values[known] ?? 0;
  return having | (releases & ~enums);
}

/** The releases that have any of these values. */
export function anyOf(values: Readonly<Record<string, Releases>>): Releases {
  return Object.values(values).reduce((all, some) => all | some, 0);
}

/** Something in an object that some releases lack. */
export interface Lacking {
  /** The outermost field that is wrong. */
  readonly path: FieldPath;
  /** For an enum value: the value. */
  readonly value: string | undefined;
  /** The releases that do have it. */
  readonly releases: Releases;
}

/**
 * Every field and enum value of a raw object that some release has and those of `bit` lack, outermost only: `spec.rules[0].retry` and not what
 * is in it, in the order of the schema. What no release knows is not told: a misspelt field is for field validation. An absent or null field is
 * none. Costs the size of the object, or of the tree in each part of it where that is smaller.
 */
export function lackedBy(bit: Releases, fields: FieldNode, object: unknown): readonly Lacking[] {
  const found: Lacking[] = [];
  collect(fields, object, [], bit, found);
  return found;
}

/** `path` is used as a stack, and is the same afterwards. */
function collect(field: FieldNode, value: unknown, path: (string | number)[], bit: Releases, found: Lacking[]): void {
  if (typeof field === 'number') return;
  if (Array.isArray(value)) {
    const items = fieldIn(field, '[]');
    if (items === undefined) return;
    for (let at = 0; at < value.length; at += 1) step(items, at, value[at], path, bit, found);
  } else if (isObject(value)) {
    const fields = field[1];
    for (const name in fields) {
      const inner = fields[name];
      if (inner === undefined || name === '[]') continue;
      if (name === '{}') collectValues(inner, value, path, bit, found);
      // A name may be one that every object inherits something by.
      else if (value[name] !== undefined && Object.hasOwn(value, name))
        step(inner, name, value[name], path, bit, found);
    }
  }
}

/** The values of a map. */
function collectValues(
  field: FieldNode,
  map: Readonly<Record<string, unknown>>,
  path: (string | number)[],
  bit: Releases,
  found: Lacking[],
): void {
  for (const name of Object.keys(map)) step(field, name, map[name], path, bit, found);
}

function step(
  field: FieldNode,
  name: string | number,
  value: unknown,
  path: (string | number)[],
  bit: Releases,
  found: Lacking[],
): void {
  path.push(name);
  visit(field, value, path, bit, found);
  path.pop();
}

function visit(field: FieldNode, value: unknown, path: (string | number)[], bit: Releases, found: Lacking[]): void {
  if (value === undefined || value === null) return;
  const releases = releasesOfField(field);
  if ((releases & bit) === 0) {
    found.push({ path: [...path], value: undefined, releases });
  } else if (typeof value === 'object') {
    collect(field, value, path, bit, found);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const takers = releasesOfValue(field, value);
    if (takers !== 0 && (takers & bit) === 0) found.push({ path: [...path], value: String(value), releases: takers });
  }
}
