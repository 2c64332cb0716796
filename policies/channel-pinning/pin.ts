import {
  BUNDLES,
  CHANNELS,
  KINDS,
  apiVersionOf,
  bitOf,
  includesRelease,
  lackingPart,
  lifecycleOf,
  releasesOf,
  servedIn,
  type Channel,
  type FieldNode,
  type Release,
} from '#gateway';
import type { Tools } from '#policy';
import semver from 'semver';
import { Exceptions } from './allow.ts';
import { GATEWAY_KINDS, type GatewayKind } from './kinds.ts';
import type { MESSAGES } from './messages.ts';

/** A document, read. */
export interface Pin {
  /** The release that objects are held against: the pinned one, or the known one of its minor. */
  readonly release: Release;
  /** Of each kind that the release has the apiVersions that it serves, the newest first. */
  readonly served: ReadonlyMap<GatewayKind, readonly string[]>;
  /** Of each kind the fields and values that the release lacks: all that an object is searched for. */
  readonly lacking: ReadonlyMap<GatewayKind, FieldNode>;
  /** The bundle versions that installed CRDs may carry. */
  readonly range: VersionRange;
  readonly exceptions: Exceptions;
}

/** What the judgements are given. */
export type PinTools = Tools<GatewayKind | 'CustomResourceDefinition' | 'Namespace', typeof MESSAGES, Pin>;

/** The newest bundle that the tables know. */
export const NEWEST_BUNDLE: string = BUNDLES.at(-1) ?? '';

/** Of each kind that a release has the apiVersions that it serves, the newest first. */
export function servedBy(release: Release): ReadonlyMap<GatewayKind, readonly string[]> {
  const served = new Map<GatewayKind, readonly string[]>();
  for (const kind of GATEWAY_KINDS) {
    const { group, versions } = KINDS[kind];
    const lifecycle = lifecycleOf(group, kind);
    if (lifecycle === undefined || !includesRelease(releasesOf(lifecycle), release)) continue;
    const has = versions.filter((version) => includesRelease(servedIn(lifecycle, version), release));
    served.set(
      kind,
      has.map((version) => apiVersionOf(group, version)),
    );
  }
  return served;
}

/** The newest apiVersion of a kind that the pinned release serves. */
export function servedVersion(kind: GatewayKind, { served }: Pin): string {
  const { group, versions } = KINDS[kind];
  return served.get(kind)?.[0] ?? apiVersionOf(group, versions[0]);
}

/** Of each kind the fields and values that other releases have and this one lacks; of what holds an exception, what is in it. */
export function lackingOf(
  release: Release,
  exceptions: Exceptions = new Exceptions([]),
): ReadonlyMap<GatewayKind, FieldNode> {
  const lacking = new Map<GatewayKind, FieldNode>();
  const bit = bitOf(release);
  for (const kind of GATEWAY_KINDS) {
    const { group } = KINDS[kind];
    const fields = lifecycleOf(group, kind)?.fields;
    const part = fields === undefined ? undefined : lackingPart(exceptions.openedIn(group, kind, fields, bit), bit);
    if (part !== undefined) lacking.set(kind, part);
  }
  return lacking;
}

/** A channel by its name; undefined for any other text. */
export function channelOf(text: string | undefined): Channel | undefined {
  return CHANNELS.find((channel) => channel === text);
}

/** The range of a bundle's own minor: `>=1.6.0 <1.7.0` for v1.6.1. */
export function minorOf(bundle: string): string {
  const { major, minor } = semver.parse(bundle) ?? { major: 0, minor: 0 };
  return `>=${major}.${minor}.0 <${major}.${minor + 1}.0`;
}

/** Monthly bundles carry no SemVer (hack/build-monthly-yaml.sh); a range may name one as it is. */
const MONTHLY = /^monthly-\d{4}\.\d{2}$/;

/** Which bundle versions installed CRDs may carry: SemVer ranges and names of monthly bundles, divided by `||`. */
export interface VersionRange {
  readonly text: string;
  readonly includes: (version: string) => boolean;
  /** Those that are no pre-releases: within all bounds of one of these. */
  readonly releases: readonly (readonly Bound[])[];
}

/** One end of a range, or a single version. */
export interface Bound {
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly version: readonly [major: number, minor: number, patch: number];
}

/**
 * Reads a range; undefined when it is none. Pre-releases (`-rc.1`, `-dev`) are in a range only where it names one of the same version, as npm
 * has it: a candidate of the next minor is not let in by `<1.7.0`.
 */
export function parseRange(text: string): VersionRange | undefined {
  const parts = text.split('||').map((part) => part.trim());
  const isRange = (part: string): boolean => part !== '' && (MONTHLY.test(part) || semver.validRange(part) !== null);
  if (!parts.every(isRange)) return undefined;
  return {
    text,
    includes: (version) =>
      parts.some((part) => (MONTHLY.test(part) ? part === version : semver.satisfies(version, part))),
    releases: parts.filter((part) => !MONTHLY.test(part)).flatMap(boundsOf),
  };
}

/** A release is neither equal to a pre-release nor between that and what it precedes. */
function boundsOf(range: string): readonly (readonly Bound[])[] {
  return new semver.Range(range).set
    .map((all) => all.filter(({ value }) => value !== ''))
    .filter((all) => all.every(({ operator, semver: { prerelease } }) => operator !== '' || prerelease.length === 0))
    .map((all) =>
      all.map(({ operator, semver: { major, minor, patch, prerelease } }): Bound => {
        const version = [major, minor, patch] as const;
        if (operator === '') return { operator: '=', version };
        if (prerelease.length === 0) return { operator, version };
        return { operator: operator.startsWith('<') ? '<' : '>=', version };
      }),
    );
}

/** Whether a version is a pre-release (`-rc.1`, `-dev`). */
export function isPrerelease(version: string): boolean {
  return semver.prerelease(version) !== null;
}

/** Whether one version is older than another; false when either is no SemVer. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [semver.parse(version), semver.parse(than)];
  return a !== null && b !== null && semver.lt(a, b);
}
