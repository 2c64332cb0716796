import { BUNDLES, CHANNELS, formatRelease, includesRelease, knownBundle, lifecycleOf, type Release } from '#gateway';
import type { Installation, ServedKind } from '../cluster/installation.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';

/** The first bundle that comes with a guard against upgrades that break. */
const GUARDED_SINCE = 'v1.5.1';
const WHERE = 'the CRDs of Gateway API';

/** The CRDs that are there, against what Gateward knows of their releases. */
export function gatewayApiLines(seen: Installation): readonly Line[] {
  if ('unseen' in seen.kinds) return [unknown('gateway-api/release', WHERE, seen.kinds.unseen)];
  const kinds = seen.kinds.value;
  if (kinds.length === 0) {
    return [fail('gateway-api/release', WHERE, 'none is served: there is nothing to judge', 'install Gateway API')];
  }
  return [...releaseLines(kinds), ...versionLines(kinds), ...guardLines(seen, kinds)];
}

function releaseLines(kinds: readonly ServedKind[]): readonly Line[] {
  const check = 'gateway-api/release';
  const byRelease = new Map<string, string[]>();
  for (const { release, kind } of kinds) {
    if ('unseen' in release) return [unknown(check, WHERE, release.unseen)];
    const { channel = 'no channel', bundle = 'no bundle' } = release.value;
    byRelease.set(`${channel} ${bundle}`, [...(byRelease.get(`${channel} ${bundle}`) ?? []), kind]);
  }
  const [most, ...others] = [...byRelease].toSorted((a, b) => b[1].length - a[1].length);
  const name = most?.[0] ?? '';
  if (others.length > 0) {
    const odd = others.map(([other, names]) => `${names.join(', ')} of ${other}`).join('; ');
    return [
      warn(
        check,
        WHERE,
        `are mixed: most are of ${name}, but ${odd}`,
        'install one release whole; gateward check --pin says what it would break',
      ),
    ];
  }
  const release = kinds[0] === undefined ? undefined : releaseOf(kinds[0]);
  if (release === undefined) {
    const known = `${BUNDLES[0] ?? ''} to ${BUNDLES.at(-1) ?? ''}`;
    return [
      warn(check, WHERE, `are of ${name}, and Gateward knows ${known}: newer fields are not judged`, 'update Gateward'),
    ];
  }
  return [ok(check, WHERE, `are of ${name}, which Gateward knows`)];
}

/** The release that a kind's CRD is of, as the tables know it. */
function releaseOf({ release }: ServedKind): Release | undefined {
  if ('unseen' in release) return undefined;
  const channel = CHANNELS.find((known) => known === release.value.channel);
  const bundle = knownBundle(release.value.bundle ?? '');
  return channel === undefined || bundle === undefined ? undefined : { channel, bundle };
}

function versionLines(kinds: readonly ServedKind[]): readonly Line[] {
  const check = 'gateway-api/versions';
  let compared = 0;
  const lines = kinds.flatMap((kind) => {
    const release = releaseOf(kind);
    const lifecycle = lifecycleOf(kind.group, kind.kind);
    if (release === undefined || lifecycle === undefined) return [];
    compared += 1;
    const wanted = Object.entries(lifecycle.versions)
      .filter(([, { served }]) => includesRelease(served, release))
      .map(([version]) => version);
    const missing = wanted.filter((version) => !kind.versions.includes(version));
    const extra = kind.versions.filter((version) => !wanted.includes(version));
    if (missing.length === 0 && extra.length === 0) return [];
    const parts = [
      ...(missing.length === 0 ? [] : [`is not served in ${missing.join(', ')}`]),
      ...(extra.length === 0 ? [] : [`is served in ${extra.join(', ')}`]),
    ];
    const message = `${kind.kind} ${parts.join(' and ')}, unlike in ${formatRelease(release)}`;
    return [warn(check, `CRD ${kind.plural}.${kind.group}`, message, 'install the CRDs of the release again')];
  });
  if (lines.length > 0) return lines;
  return compared === 0 ? [] : [ok(check, WHERE, `serve the versions that their release has`)];
}

function guardLines(seen: Installation, kinds: readonly ServedKind[]): readonly Line[] {
  const check = 'gateway-api/safe-upgrades';
  const where = 'ValidatingAdmissionPolicy safe-upgrades.gateway.networking.k8s.io';
  if ('unseen' in seen.safeUpgrades) return [unknown(check, where, seen.safeUpgrades.unseen)];
  if (seen.safeUpgrades.value) return [ok(check, where, 'is there, and bound')];
  const bundles = kinds.map((kind) => BUNDLES.indexOf(releaseOf(kind)?.bundle ?? ''));
  if (Math.max(...bundles) < BUNDLES.indexOf(GUARDED_SINCE)) return [];
  const message = 'is not there or not bound: nothing but a ChannelPin keeps broken upgrades of the CRDs out';
  return [warn(check, where, message, 'apply it from the release of Gateway API that is installed')];
}
