import {
  KINDS,
  bitOf,
  describeReleases,
  formatRelease,
  lackedBy,
  lifecycleOf,
  parseApiVersion,
  releasesOf,
  servedIn,
  valueAt,
  type Lacking,
} from '#gateway';
import type { Finding, Fix, Subject } from '#policy';
import { withoutIndexes } from './allow.ts';
import type { GatewayKind } from './kinds.ts';
import { servedVersion, type Pin, type PinTools } from './pin.ts';

/** More findings than this in one object help nobody. */
const MOST_FINDINGS = 100;

/** What an object uses that the pinned release does not have. */
export function judgeObject(subject: Subject<GatewayKind>, { bound, find }: PinTools): readonly Finding[] {
  const { kind, raw } = subject;
  const { apiVersion } = subject.object;
  const { release, exceptions }: Pin = bound;
  const lackedIn = (object: unknown): readonly Lacking[] =>
    lackedBy(bitOf(release), bound.lacking.get(kind) ?? 0, { spec: valueAt(object, ['spec']) });
  const lacked = lackedIn(raw);
  const served = bound.served.get(kind);
  // So it is with most objects, and they should not cost an answer that says what else could be wrong.
  if (lacked.length === 0 && served?.includes(apiVersion) === true) return [];
  const { group } = KINDS[kind];
  const lifecycle = lifecycleOf(group, kind);
  if (lifecycle === undefined || exceptions.allowsKind(group, kind)) return [];
  const text = formatRelease(release);
  if (served === undefined) {
    const where = describeReleases(releasesOf(lifecycle));
    return [find('kind-not-in-channel', ['kind'], { kind, release: text, where })];
  }
  const findings: Finding[] = [];
  const unexcepted = (all: readonly Lacking[]): readonly Lacking[] =>
    all.filter(({ path, value }) => !exceptions.allowsField(group, kind, path, value));
  const lacking = unexcepted(lacked);
  if (!served.includes(apiVersion)) {
    const use = servedVersion(kind, bound);
    const where = describeReleases(servedIn(lifecycle, parseApiVersion(apiVersion).version));
    const data = { kind, apiVersion, release: text, where, use };
    const fix = useVersion(subject, use, lacking.length === 0);
    findings.push(find('version-not-served', ['apiVersion'], data, { fix }));
  }
  for (const { path, value, releases: having } of told(lacking, subject, (object) => unexcepted(lackedIn(object)))) {
    const data = { kind, field: withoutIndexes(path), release: text, where: describeReleases(having) };
    findings.push(
      value === undefined
        ? find('field-not-in-channel', path, data)
        : find('value-not-in-channel', path, { ...data, value }),
    );
  }
  return findings;
}

/**
 * What is told of what an object lacks: of an UPDATE everything it adds, up to the limit, and of what it keeps that which would have been told
 * of the object before, so that it is compared with its equal.
 */
function told(
  lacking: readonly Lacking[],
  { oldObject, rawOld }: Subject<GatewayKind>,
  lackingIn: (object: unknown) => readonly Lacking[],
): readonly Lacking[] {
  if (oldObject === undefined || lacking.length === 0) return lacking.slice(0, MOST_FINDINGS);
  const before = lackingIn(rawOld);
  const [kept, known] = [new Tally(before), new Tally(before.slice(0, MOST_FINDINGS))];
  let added = 0;
  return lacking.filter((lack) => {
    if (kept.take(lack)) return known.take(lack);
    added += 1;
    return added <= MOST_FINDINGS;
  });
}

/** How often each field and value is there, wherever. */
class Tally {
  readonly #counts = new Map<string, number>();

  constructor(lacking: readonly Lacking[]) {
    for (const lack of lacking) this.#counts.set(nameOf(lack), (this.#counts.get(nameOf(lack)) ?? 0) + 1);
  }

  /** Takes one away; false when there is none. */
  take(lack: Lacking): boolean {
    const left = this.#counts.get(nameOf(lack)) ?? 0;
    this.#counts.set(nameOf(lack), left - 1);
    return left > 0;
  }
}

function nameOf({ path, value }: Lacking): string {
  return `${withoutIndexes(path)}=${value ?? ''}`;
}

/**
 * Gateway API converts between versions by relabelling, so another apiVersion is all it takes, unless fields went with the old one, or the new
 * one may refuse what the old one took.
 */
function useVersion(subject: Subject<GatewayKind>, apiVersion: string, hasAllFields: boolean): Fix {
  const isTaken = hasAllFields && isTakenByAll(subject);
  return {
    description: `set apiVersion to ${apiVersion}`,
    edits: isTaken ? [{ op: 'replace', path: ['apiVersion'], value: apiVersion }] : [],
  };
}

/** An IPv6 address is no hostname in any version. */
const IPV4 = /^\d+(\.\d+){3}$/;

/** v1 of the routes below HTTP takes one rule alone; TLSRoute wants hostnames since v1alpha3, and no IP among them. */
function isTakenByAll({ kind, object }: Subject<GatewayKind>): boolean {
  if (kind !== 'TLSRoute' && kind !== 'TCPRoute' && kind !== 'UDPRoute') return true;
  const { rules = [], hostnames = [] } = object.spec;
  if (rules.length !== 1) return false;
  return kind !== 'TLSRoute' || (hostnames.length > 0 && !hostnames.some((hostname) => IPV4.test(hostname)));
}
