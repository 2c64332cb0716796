import {
  BUNDLES,
  CHANNELS,
  KINDS,
  bitOf,
  formatRelease,
  includesRelease,
  lackedBy,
  lifecycleOf,
  parseApiVersion,
  pinnableBundle,
  releasesOf,
  servedIn,
  valueAt,
  type Release,
} from '#gateway';
import { someOf, type Subject, type Suggestion } from '#policy';
import semver from 'semver';
import { withoutIndexes } from './allow.ts';
import { annotated, isGatewayDefinition } from './definition.ts';
import { GATEWAY_KINDS, type GatewayKind } from './kinds.ts';
import { NEWEST_BUNDLE, channelOf, lackingOf } from './pin.ts';

/**
 * The release that installed CRDs name; without CRDs the newest that has every kind, version and field in use, of the standard channel when
 * that has them all.
 */
export function suggestPin(subjects: readonly Subject<GatewayKind | 'CustomResourceDefinition'>[]): Suggestion {
  const objects = subjects.filter(isObject);
  const installed = installedRelease(subjects);
  const release = installed?.release ?? fittingRelease(objects);
  const misfits = objects.flatMap((subject) => misfitsOf(subject, release));
  const told = someOf([...new Set(misfits)].sort());
  return {
    name: 'release',
    comment: [
      installed === undefined
        ? `Guessed from what objects use: ${formatRelease(release)} is the newest release that has it all. No CRD was in sight to say what is installed.`
        : installed.why,
      ...(misfits.length === 0
        ? []
        : [`In use although this release does not have it: ${told}. Each of these is a warning.`]),
      'Next: pin the newest bundle you run, narrow crds.versions to the bundles you mean to run; then set action: Deny.',
    ],
    spec: { channel: release.channel, bundle: release.bundle },
  };
}

function isObject(subject: Subject<GatewayKind | 'CustomResourceDefinition'>): subject is Subject<GatewayKind> {
  return GATEWAY_KINDS.some((kind) => kind === subject.kind);
}

/** The newest bundle among the installed CRDs, and experimental if any of them is. */
function installedRelease(
  subjects: readonly Subject<GatewayKind | 'CustomResourceDefinition'>[],
): { readonly release: Release; readonly why: string } | undefined {
  const all = subjects.flatMap((subject) =>
    subject.kind === 'CustomResourceDefinition' && isGatewayDefinition(subject.object)
      ? [annotated(subject.object)]
      : [],
  );
  const versions = [...new Set(all.flatMap(({ bundle }) => (bundle === undefined ? [] : [bundle])))];
  const bundles = versions.filter((version) => pinnableBundle(version) !== undefined).sort(semver.rcompare);
  const [newest] = bundles;
  if (newest === undefined) return undefined;
  const channels = new Set(all.flatMap(({ channel }) => channelOf(channel) ?? []));
  const channel = channels.has('experimental') ? 'experimental' : 'standard';
  const mixed = versions.length > 1 ? ` (mixed bundles: ${someOf(versions.sort())})` : '';
  const both = channels.size > 1 ? ', some of them of the experimental channel' : '';
  return {
    release: { bundle: newest, channel },
    why: `Guessed from the ${all.length} installed CRDs of Gateway API, which say ${newest}${mixed}${both}.`,
  };
}

function fittingRelease(objects: readonly Subject<GatewayKind>[]): Release {
  const newestFirst = [...BUNDLES].reverse();
  const candidates = CHANNELS.flatMap((channel) => newestFirst.map((bundle): Release => ({ channel, bundle })));
  const fits = (release: Release): boolean => objects.every((subject) => misfitsOf(subject, release).length === 0);
  return candidates.find(fits) ?? { channel: 'standard', bundle: NEWEST_BUNDLE };
}

/** What a release lacks of the kind, version and fields of an object. */
function misfitsOf({ kind, object, raw }: Subject<GatewayKind>, release: Release): readonly string[] {
  const lifecycle = lifecycleOf(KINDS[kind].group, kind);
  if (lifecycle === undefined) return [];
  if (!includesRelease(releasesOf(lifecycle), release)) return [kind];
  const { version } = parseApiVersion(object.apiVersion);
  const served = servedIn(lifecycle, version);
  const lacked = lackedBy(bitOf(release), lackingIn(release).get(kind) ?? 0, { spec: valueAt(raw, ['spec']) });
  return [
    ...(includesRelease(served, release) ? [] : [`${kind} ${version}`]),
    ...lacked.map(({ path }) => `${kind} ${withoutIndexes(path)}`),
  ];
}

const tables = new Map<string, ReturnType<typeof lackingOf>>();

/** {@link lackingOf}, worked out once for each release. */
function lackingIn(release: Release): ReturnType<typeof lackingOf> {
  const key = formatRelease(release);
  const table = tables.get(key) ?? lackingOf(release);
  tables.set(key, table);
  return table;
}
