import {
  BUNDLE_ANNOTATION,
  CHANNEL_ANNOTATION,
  fingerprintOf,
  formatKey,
  formatRelease,
  keyOf,
  type CustomResourceDefinition,
  type FieldPath,
} from '#gateway';
import { listed, type Finding, type Subject } from '#policy';
import {
  annotated,
  fieldsGoing,
  isGatewayDefinition,
  kindHeld,
  objectsOf,
  schemaContradiction,
  storedVersionsGone,
  usersOf,
  versionsOf,
  type Users,
} from './definition.ts';
import { isOlder, isPrerelease, type PinTools } from './pin.ts';

const CHANNEL_PATH: FieldPath = ['metadata', 'annotations', CHANNEL_ANNOTATION];
const BUNDLE_PATH: FieldPath = ['metadata', 'annotations', BUNDLE_ANNOTATION];
const VERSIONS_PATH: FieldPath = ['spec', 'versions'];
const STORED_PATH: FieldPath = ['status', 'storedVersions'];

/** What is wrong with installing, changing or deleting a CRD of Gateway API; nothing for any other CRD. */
export function* judgeDefinition(subject: Subject<'CustomResourceDefinition'>, tools: PinTools): Iterable<Finding> {
  const { object: crd, oldObject: old, operation } = subject;
  if (!isGatewayDefinition(crd)) return;
  if (operation === 'DELETE') {
    yield* judgeDeletion(crd, tools);
    return;
  }
  yield* judgeAnnotations(crd, tools);
  yield* judgeCompany(crd, tools);
  if (old === undefined) yield* judgeStored(crd, tools);
  else yield* judgeChange(crd, old, tools);
}

/** Whether the pinned release could be installed over a CRD that stands: one that is created has stored nothing yet. */
function* judgeStored(crd: CustomResourceDefinition, { bound, find }: PinTools): Iterable<Finding> {
  const { release, exceptions } = bound;
  const { group, names } = crd.spec;
  if (exceptions.allowsKind(group, names.kind)) return;
  const versions = versionsOf(group, names.kind, release);
  const [use] = versions;
  const gone = (crd.status?.storedVersions ?? []).filter((version) => !versions.includes(version));
  // A kind that the release does not have keeps the CRD it has.
  if (use === undefined || gone.length === 0) return;
  const data = { kind: names.kind, versions: gone.join(', '), release: formatRelease(release), use };
  yield find('crd-not-upgradable', STORED_PATH, data);
}

function* judgeAnnotations(crd: CustomResourceDefinition, { bound, find }: PinTools): Iterable<Finding> {
  const { group, names } = crd.spec;
  const { kind } = names;
  const { bundle, channel } = annotated(crd);
  const isExcepted = channel === 'experimental' && bound.exceptions.allowsKind(group, kind);
  if (channel !== bound.release.channel && !isExcepted) {
    yield find('crd-channel', CHANNEL_PATH, { kind, found: quoted(channel), channel: bound.release.channel });
  }
  const problem = versionProblem(bundle, bound.range.includes);
  if (problem !== undefined) {
    yield find('crd-version', BUNDLE_PATH, { kind, found: quoted(bundle), problem, range: bound.range.text });
  }
  const contradiction = schemaContradiction(crd);
  if (contradiction !== undefined) {
    const data = { kind, claimed: `${channel ?? ''} ${bundle ?? ''}`, contradiction };
    // That another schema was of no release either is no excuse for this one.
    yield find('crd-schema', VERSIONS_PATH, data, { about: [fingerprintOf(crd.spec.versions)] });
  }
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${text}"`;
}

function versionProblem(bundle: string | undefined, includes: (version: string) => boolean): string | undefined {
  if (bundle === undefined) return 'not among';
  if (includes(bundle)) return undefined;
  return isPrerelease(bundle) ? 'a pre-release that no range names, so not among' : 'not among';
}

/** The other Gateway API CRDs of the cluster that are of another release. */
function* judgeCompany(crd: CustomResourceDefinition, { bound, find, snapshot }: PinTools): Iterable<Finding> {
  const own = annotated(crd);
  if (own.bundle === undefined || own.channel === undefined) return;
  const isExcepted = ({ spec }: CustomResourceDefinition): boolean =>
    bound.exceptions.allowsKind(spec.group, spec.names.kind);
  const strangers = [...snapshot.list('CustomResourceDefinition')]
    .filter((other) => {
      if (other.metadata.name === crd.metadata.name || !isGatewayDefinition(other)) return false;
      const { bundle, channel } = annotated(other);
      return bundle !== own.bundle || (channel !== own.channel && !isExcepted(other) && !isExcepted(crd));
    })
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  if (strangers.length === 0) return;
  const descriptions = strangers.map((other) => {
    const { bundle = 'no version', channel = 'no channel' } = annotated(other);
    return `${other.spec.names.kind} of ${channel} ${bundle}`;
  });
  yield find(
    'crd-mixed',
    BUNDLE_PATH,
    { kind: crd.spec.names.kind, release: `${own.channel} ${own.bundle}`, others: listed(descriptions) },
    { related: strangers.map((other) => keyOf('CustomResourceDefinition', other)) },
  );
}

function* judgeChange(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition,
  tools: PinTools,
): Iterable<Finding> {
  const { find, snapshot } = tools;
  const { kind } = crd.spec.names;
  const [is, was] = [annotated(crd).bundle, annotated(old).bundle];
  if (is !== undefined && was !== undefined && isOlder(is, was)) {
    yield find('crd-downgrade', BUNDLE_PATH, { kind, old: was, new: is });
  }
  const gone = storedVersionsGone(crd, old);
  if (gone.length > 0) yield find('crd-stored-version', VERSIONS_PATH, { kind, versions: gone.join(', ') });
  const held = kindHeld(crd);
  const going = held === undefined ? undefined : fieldsGoing(crd, old);
  if (held === undefined || going === undefined) return;
  const users = usersOf(going, held, snapshot);
  if (users.count === 0) return;
  const fields = listed([...users.fields].map(([field, count]) => `${field} (${count})`));
  const data = { kind, users: described(users, tools), fields };
  yield find('crd-fields-in-use', VERSIONS_PATH, data, { related: users.keys });
}

function* judgeDeletion(crd: CustomResourceDefinition, tools: PinTools): Iterable<Finding> {
  const kind = kindHeld(crd);
  if (kind === undefined) return;
  const users = objectsOf(kind, tools.snapshot);
  if (users.count === 0) return;
  const data = { kind, users: described(users, tools) };
  yield tools.find('crd-in-use', [], data, { related: users.keys });
}

/** `2 objects`, with the first of them by name as far as they may be named. */
function described({ count, keys }: Users, { name }: PinTools): string {
  const names = keys.filter((key) => name(key) === formatKey(key)).map(formatKey);
  const text = count === 1 ? '1 object' : `${count} objects`;
  return names.length === 0 ? text : `${text} (${listed(names, count)})`;
}
