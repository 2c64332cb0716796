import {
  BUNDLE_ANNOTATION,
  CHANNEL_ANNOTATION,
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  KINDS,
  LIFECYCLE_KINDS,
  apiVersionOf,
  bitOf,
  describeReleases,
  formatRelease,
  includesRelease,
  lifecycleOf,
  releasesOf,
  releasesOfField,
  releasesOfValue,
  servedIn,
  type FieldNode,
  type Releases,
} from '#gateway';
import { celAll, celAny, celMap, celText, celTexts, type Backstop, type BackstopCheck } from '#policy';
import { GATEWAY_KINDS, type GatewayKind } from './kinds.ts';
import type { MESSAGES } from './messages.ts';
import { servedVersion, type Bound, type Pin } from './pin.ts';

type Subjects = GatewayKind | 'CustomResourceDefinition';
type Check = BackstopCheck<typeof MESSAGES>;

/** Kinds and fields of other releases, and the channel that CRDs say they are of. */
export function backstop(pin: Pin): Backstop<Subjects, typeof MESSAGES> {
  const { release, exceptions } = pin;
  const kinds = GATEWAY_KINDS.filter((kind) => !exceptions.allowsKind(KINDS[kind].group, kind));
  const foreign = kinds.filter((kind) => !includesRelease(releasesOfKind(kind), release));
  const scopes = (['Namespaced', 'Cluster'] as const).map((scope) =>
    foreign.filter((kind) => KINDS[kind].scope === scope),
  );
  return {
    parts: [
      ...scopes.map((ofScope) => ({ kinds: ofScope, checks: [kindCheck(ofScope, pin)] })),
      ...kinds
        .filter((kind) => !foreign.includes(kind))
        .map((kind) => ({ kinds: [kind], checks: [...versionCheck(kind, pin), ...fieldChecks(kind, pin)] })),
      { kinds: ['CustomResourceDefinition'], checks: [channelCheck(pin), bundleCheck(pin)] },
    ],
    unsaid: {
      'version-not-served': 'the release serves every version',
      'field-not-in-channel': 'the release has every field',
      'value-not-in-channel': 'the release has every value',
    },
  };
}

function releasesOfKind(kind: GatewayKind): Releases {
  const lifecycle = lifecycleOf(KINDS[kind].group, kind);
  return lifecycle === undefined ? 0 : releasesOf(lifecycle);
}

function kindCheck(kinds: readonly GatewayKind[], { release }: Pin): Check {
  const where = kinds.map((kind) => [kind, describeReleases(releasesOfKind(kind))] as const);
  return {
    rule: 'kind-not-in-channel',
    items: () => '[request.kind.kind]',
    path: 'kind',
    data: (item) => ({ kind: item, release: celText(formatRelease(release)), where: `${celMap(where)}[${item}]` }),
  };
}

/** An UPDATE has both objects in one version, so that none brings another. */
function versionCheck(kind: GatewayKind, pin: Pin): readonly Check[] {
  const { release } = pin;
  const { group, versions } = KINDS[kind];
  const lifecycle = lifecycleOf(group, kind);
  if (lifecycle === undefined) return [];
  const where = versions
    .map((version) => [apiVersionOf(group, version), servedIn(lifecycle, version)] as const)
    .filter(([, served]) => !includesRelease(served, release))
    .map(([apiVersion, served]) => [apiVersion, describeReleases(served)] as const);
  if (where.length === 0) return [];
  return [
    {
      rule: 'version-not-served',
      items: (object) => `${object}.apiVersion in ${celMap(where)} ? [${object}.apiVersion] : []`,
      path: 'apiVersion',
      data: (item) => ({
        kind: celText(kind),
        apiVersion: item,
        release: celText(formatRelease(release)),
        where: `${celMap(where)}[${item}]`,
        use: celText(servedVersion(kind, pin)),
      }),
    },
  ];
}

/** A field that the release lacks, or a value that a field does not take in it. */
interface Lack {
  /** `[]` stands for the items of a list. */
  readonly steps: readonly string[];
  readonly value: string | undefined;
  readonly releases: Releases;
}

function fieldChecks(kind: GatewayKind, { release, lacking, exceptions }: Pin): readonly Check[] {
  const root = lacking.get(kind);
  const { group } = KINDS[kind];
  const lacks = (root === undefined ? [] : lacksIn(root, [], bitOf(release))).filter(
    ({ steps, value }) =>
      steps[0] === 'spec' &&
      !exceptions.allowsFieldSomewhere(
        group,
        kind,
        steps.filter((step) => step !== '[]'),
        value,
      ),
  );
  const [fields, values] = [
    lacks.filter(({ value }) => value === undefined),
    lacks.filter(({ value }) => value !== undefined),
  ];
  const items = (some: readonly Lack[]) => (object: string) =>
    some.map((lack) => `(${celUses(`dyn(${object})`, lack)} ? [${celText(nameOf(lack))}] : [])`).join(' + ');
  const where = (some: readonly Lack[], item: string): string =>
    `${celMap(some.map((lack) => [nameOf(lack), describeReleases(lack.releases)]))}[${item}]`;
  const told = { kind: celText(kind), release: celText(formatRelease(release)) };
  const unless = 'values of maps';
  return [
    ...(fields.length === 0
      ? []
      : [
          {
            rule: 'field-not-in-channel' as const,
            items: items(fields),
            path: 'spec',
            data: (item: string) => ({ ...told, field: item, where: where(fields, item) }),
            unless,
          },
        ]),
    ...(values.length === 0
      ? []
      : [
          {
            rule: 'value-not-in-channel' as const,
            items: items(values),
            path: 'spec',
            data: (item: string) => ({
              ...told,
              field: `${item}.split('=', 2)[0]`,
              value: `${item}.split('=', 2)[1]`,
              where: where(values, item),
            }),
            unless,
          },
        ]),
  ];
}

/** `spec.rules[].retry`, `spec.rules[].filters[].type=CORS`. */
function nameOf({ steps, value }: Lack): string {
  const path = steps.reduce((text, step) => (step === '[]' ? `${text}[]` : text === '' ? step : `${text}.${step}`), '');
  return value === undefined ? path : `${path}=${value}`;
}

/** What a release lacks, outermost only; see `lackedBy`. What is inside the values of a map is left out. */
function lacksIn(field: FieldNode, steps: readonly string[], bit: Releases): readonly Lack[] {
  const releases = releasesOfField(field);
  if ((releases & bit) === 0) return [{ steps, value: undefined, releases }];
  if (typeof field === 'number') return [];
  const [, fields, values = {}] = field;
  return [
    ...Object.keys(values)
      .map((value) => ({ steps, value, releases: releasesOfValue(field, value) }))
      .filter((lack) => lack.releases !== 0 && (lack.releases & bit) === 0),
    ...Object.entries(fields).flatMap(([name, inner]) => (name === '{}' ? [] : lacksIn(inner, [...steps, name], bit))),
  ];
}

/** Whether an object uses the field, or has the value in it. */
function celUses(object: string, { steps, value }: Lack): string {
  const found = value === undefined ? ' != null' : '';
  const walk = (at: string, [step, ...rest]: readonly string[], depth: number): string => {
    if (step === undefined)
      return value === undefined
        ? `${at}.orValue(null)${found}`
        : `${at}.optMap(value, string(value) == ${celText(value)}).orValue(false)`;
    if (step !== '[]') return walk(`${at}.?${step}`, rest, depth);
    const item = `item${depth}`;
    const inner =
      rest.length > 0
        ? walk(item, rest, depth + 1)
        : value === undefined
          ? 'true'
          : `string(${item}) == ${celText(value)}`;
    return `${at}.orValue([]).exists(${item}, ${inner})`;
  };
  return walk(object, steps, 0);
}

/** A bundle of Gateway API that is no pre-release, as the annotation has it. */
const RELEASED = celText('^v?[0-9]{1,5}([.][0-9]{1,5}){2}$');

function bundleCheck({ range }: Pin): Check {
  const bundle = (object: string): string =>
    `${object}.metadata.?annotations[?${celText(BUNDLE_ANNOTATION)}].orValue('')`;
  return {
    rule: 'crd-version',
    items: (object) => `${isGateways(object)} ? [${bundle(object)}] : []`,
    refused: (item) =>
      `(${item} == '' || ${item}.matches(${RELEASED}) && ![${item}.replace('v', '').split('.').map(part, int(part))].exists(numbers, ${celAny(range.releases.map(isWithin))}))`,
    path: 'metadata.annotations',
    data: (item) => ({
      kind: 'object.spec.names.kind',
      found: found(item),
      problem: celText('not among'),
      range: celText(range.text),
    }),
    unless: 'pre-releases and monthly bundles',
  };
}

/** Whether a release, as a list of three numbers, is within bounds. */
function isWithin(bounds: readonly Bound[]): string {
  return celAll(
    bounds.map(({ operator, version: [major, minor, patch] }) => {
      const [first, second, third] = ['numbers[0]', 'numbers[1]', 'numbers[2]'];
      const beyond = operator.startsWith('<') ? '<' : '>';
      const isBeyond = `(${first} ${beyond} ${major} || ${first} == ${major} && (${second} ${beyond} ${minor} || ${second} == ${minor} && ${third} ${beyond} ${patch}))`;
      const isEqual = `${first} == ${major} && ${second} == ${minor} && ${third} == ${patch}`;
      if (operator === '=') return `(${isEqual})`;
      return operator.endsWith('=') ? `(${isBeyond} || ${isEqual})` : isBeyond;
    }),
  );
}

function isGateways(object: string): string {
  return `${object}.spec.group in ${celTexts([GATEWAY_GROUP, EXPERIMENTAL_GROUP])}`;
}

/** An annotation that is not there as messages write it. */
function found(item: string): string {
  return `(${item} == '' ? 'nothing' : '"' + ${item} + '"')`;
}

function channelCheck({ release, exceptions }: Pin): Check {
  const channel = (object: string): string =>
    `${object}.metadata.?annotations[?${celText(CHANNEL_ANNOTATION)}].orValue('')`;
  // A kind that no bundle has may be excepted by its group.
  const held = LIFECYCLE_KINDS.filter((known) => {
    const [group = '', kind = ''] = known.split('/');
    return !exceptions.allowsKind(group, kind);
  });
  return {
    rule: 'crd-channel',
    items: (object) =>
      `${isGateways(object)} && ${channel(object)} != ${celText(release.channel)} && (${channel(object)} != 'experimental' || ${object}.spec.group + '/' + ${object}.spec.names.kind in ${celTexts(held)}) ? [${channel(object)}] : []`,
    path: 'metadata.annotations',
    data: (item) => ({ kind: 'object.spec.names.kind', found: found(item), channel: celText(release.channel) }),
  };
}
