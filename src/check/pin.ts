import {
  BUNDLES,
  BUNDLE_ANNOTATION,
  CHANNELS,
  CHANNEL_ANNOTATION,
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  pinnableBundle,
  valueAt,
  type Release,
  type Snapshot,
} from '#gateway';
import { POLICY_API_VERSION, type ConfigDocument } from '../config/index.ts';
import type { Evaluation } from '../engine/index.ts';
import { OperatorError, nearestOf } from '../errors.ts';
import type { Lacked, Plan } from '../report/plan.ts';

/** The kind of the documents that pin a release. */
export const PIN_KIND = 'ChannelPin';
/** Rules about CRDs that a plan to install others makes void. */
const VOID_RULES = { 'crd-channel': 'Disabled', 'crd-version': 'Disabled', 'crd-mixed': 'Disabled' } as const;

/** Reads `standard@v1.6.1`. Throws {@link OperatorError} that names the nearest release there is. */
export function parsePin(text: string): Release {
  const at = text.indexOf('@');
  const words = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
  const channelWord = words.find((word) => !/\d/.test(word)) ?? '';
  const bundleWord = words.find((word) => /\d/.test(word)) ?? '';
  const channel = CHANNELS.find((known) => known === words[0]);
  const bundle = words[1] === undefined ? undefined : pinnableBundle(words[1]);
  if (channel !== undefined && bundle !== undefined) return { channel, bundle };
  const nearest = `${nearestOf(channelWord, CHANNELS) ?? 'standard'}@${nearestBundle(bundleWord)}`;
  const problem = `--pin takes a channel and a bundle, not "${text}"; did you mean ${nearest}? Bundles: ${BUNDLES.join(', ')}`;
  throw new OperatorError('usage/invalid', { problem, command: 'check' });
}

/** The known bundle whose minor is nearest to a version's; the newest when it is no version. */
function nearestBundle(text: string): string {
  const found = /^v?(\d+)(?:\.(\d+))?/.exec(text);
  const wanted = found === null ? Infinity : minorNumber(found[1], found[2]);
  const later = BUNDLES.find((bundle) => {
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(bundle) ?? [];
    return minorNumber(major, minor) >= wanted;
  });
  return later ?? BUNDLES.at(-1) ?? '';
}

function minorNumber(major = '0', minor = '0'): number {
  return Number(major) * 1000 + Number(minor);
}

/**
 * Policy documents as they would be under another pin: every ChannelPin among them with the planned release in place of its own, or one that
 * denies when there is none. With `installed` the CRDs are those that the plan replaces, and are not held against it.
 */
export function planned(
  documents: readonly ConfigDocument[],
  { channel, bundle }: Release,
  installed: boolean,
): readonly ConfigDocument[] {
  const rulesOf = (spec: unknown): object => ({
    ...fieldsOf(valueAt(spec, ['rules'])),
    ...(installed ? VOID_RULES : {}),
  });
  const isPin = ({ value }: ConfigDocument): boolean =>
    valueAt(value, ['apiVersion']) === POLICY_API_VERSION && valueAt(value, ['kind']) === PIN_KIND;
  const repinned = documents.map((document): ConfigDocument => {
    if (!isPin(document)) return document;
    const spec = fieldsOf(valueAt(document.value, ['spec']));
    const value = { ...fieldsOf(document.value), spec: { ...spec, channel, bundle, crds: {}, rules: rulesOf(spec) } };
    return { ...document, value };
  });
  if (documents.some(isPin)) return repinned;
  const value = {
    apiVersion: POLICY_API_VERSION,
    kind: PIN_KIND,
    metadata: { name: 'planned' },
    spec: { action: 'Deny', channel, bundle, rules: rulesOf({}) },
  };
  return [...repinned, { origin: '--pin', value, locate: undefined }];
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Gathers what a planned release lacks from the evaluations of all objects. */
export class PlanGatherer {
  readonly #policy: string;
  readonly #lacked = new Map<string, Lacked>();
  readonly #using = new Set<string>();

  /** `policy` is the id of the policy that judges the pin. */
  constructor(policy: string) {
    this.#policy = policy;
  }

  /** Takes one object's evaluation. */
  add({ subject, violations }: Evaluation): void {
    const seen = new Set<string>();
    for (const { policy, rule, data, relief } of violations) {
      if (policy !== this.#policy || relief.kind === 'exempted') continue;
      const text = (name: string): string => String(data[name] ?? '');
      const what = ['field', 'value', 'apiVersion', 'versions'].map(text).filter((part) => part !== '');
      const lacked = { rule, kind: text('kind'), what: what.join(' '), where: text('where'), objects: 1 };
      const key = [rule, lacked.kind, lacked.what].join('\n');
      this.#using.add(`${subject.kind} ${subject.namespace}/${subject.object.metadata.name}`);
      if (seen.has(key)) continue;
      seen.add(key);
      this.#lacked.set(key, { ...lacked, objects: (this.#lacked.get(key)?.objects ?? 0) + 1 });
    }
  }

  /** The plan as reports tell it. `installed` is a cluster whose CRDs say what is there now. */
  toPlan(release: Release, installed: Snapshot | undefined): Plan {
    return {
      ...release,
      installed: installed === undefined ? [] : releasesIn(installed),
      objects: this.#using.size,
      lacked: [...this.#lacked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lacked]) => lacked),
    };
  }
}

/** The releases that the Gateway API CRDs of a cluster say they are of, as `standard v1.6.1`. */
function releasesIn(snapshot: Snapshot): readonly string[] {
  const releases = new Set<string>();
  for (const crd of snapshot.list('CustomResourceDefinition')) {
    if (crd.spec.group !== GATEWAY_GROUP && crd.spec.group !== EXPERIMENTAL_GROUP) continue;
    const of = (annotation: string): string => crd.metadata.annotations?.[annotation] ?? 'unknown';
    releases.add(`${of(CHANNEL_ANNOTATION)} ${of(BUNDLE_ANNOTATION)}`);
  }
  return [...releases].sort();
}
