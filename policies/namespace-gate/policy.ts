import {
  INDEXES,
  LISTENER_KINDS,
  NAMESPACE_NAME_LABEL,
  admissionRestsOn,
  indexed,
  isParent,
  keyOf,
  listenerSetAdmission,
  parentOf,
  type Indexed,
  type ListenerKind,
  type ObjectKey,
  type Snapshot,
} from '#gateway';
import { celAny, celLabels, celText, celTexts, definePolicy, requesterName } from '#policy';
import { z } from 'zod';

/**
 * Labels that open a namespace to Gateways are a privilege: whoever may set them decides whose routes a Gateway serves (gw:
 * allowedRoutes; GEP-1713: allowedListeners).
 */
export const namespaceGate = definePolicy({
  id: 'namespace-gate',
  kind: 'NamespaceGate',
  summary: 'Labels of namespaces that Gateways select on are set and removed by named users and groups only.',
  description: `A Gateway that admits routes by \`allowedRoutes.namespaces.selector\` trusts the labels of namespaces. Whoever may write those labels
may let any namespace in, or take a served one off the air. RBAC cannot guard a single label; this policy does.

It judges CREATE and UPDATE of Namespaces and writes to their \`status\` and \`finalize\` subresources, both of which can change labels.
A label whose value stays as it was is never a finding, so that others may go on editing the namespace. A ListenerSet that no Gateway admits
opens nothing, and guards nothing: whoever may make one could else keep everybody from a label. The rule needs to know who asks:
\`check\` judges it with \`--as\`, \`audit\` never.`,
  subjects: ['Namespace'],
  reads: ['Gateway', 'ListenerSet', 'XListenerSet'],
  options: {
    labels: z
      .array(z.string().min(1))
      .default([])
      .describe('Label keys that are guarded, whether a selector reads them or not.'),
    auto: z
      .boolean()
      .default(true)
      .describe(
        'Guards every label key that the selector of a Gateway, or of a ListenerSet that its Gateway admits, reads, as they come and go.',
      ),
    allowedUsers: z.array(z.string().min(1)).default([]).describe('Users who may change guarded labels.'),
    allowedGroups: z.array(z.string().min(1)).default([]).describe('Groups whose members may change guarded labels.'),
  },
  messages: {
    'label-set': {
      severity: 'high',
      why: 'The label decides which Gateways admit the routes of the namespace.',
      text: '{{path}}: {{reason}}; {{user}} may not set it to "{{value}}" (policy {{document}}). Ask {{allowed}} to do it',
      needs: 'requester',
    },
    'label-removed': {
      severity: 'high',
      why: 'Without the label a Gateway stops serving the routes of the namespace, or a NotIn selector begins to.',
      text: '{{path}}: {{reason}}; {{user}} may not remove it (policy {{document}}). Ask {{allowed}} to do it',
      needs: 'requester',
    },
  },
  bind: ({ options }) => ({
    ...options,
    allowed:
      [...options.allowedGroups.map((group) => `group ${group}`), ...options.allowedUsers].join(' or ') ||
      'an administrator',
  }),
  backstop: ({ labels, auto, allowedUsers, allowedGroups, allowed }) => {
    const guarded = celTexts(labels.filter((key) => key !== NAMESPACE_NAME_LABEL));
    const isNew = true as const;
    const path = 'metadata.labels';
    const unless = auto ? { unless: 'labels that selectors of Gateways read and `labels` does not list' } : {};
    const refused = (): string => '!variables.mayChange';
    const told = (item: string) => ({
      reason: `'label ' + ${item} + ' is guarded'`,
      user: 'request.userInfo.username',
      allowed: celText(allowed),
    });
    const part = {
      kinds: ['Namespace' as const],
      variables: [
        { name: 'labels', expression: celLabels('object') },
        { name: 'labelsBefore', expression: `request.operation == 'UPDATE' ? ${celLabels('oldObject')} : {}` },
        {
          name: 'mayChange',
          expression: celAny([
            ...(allowedUsers.length === 0 ? [] : [`request.userInfo.username in ${celTexts(allowedUsers)}`]),
            ...(allowedGroups.length === 0
              ? []
              : [`request.userInfo.?groups.orValue([]).exists(group, group in ${celTexts(allowedGroups)})`]),
          ]),
        },
      ],
      checks: [
        {
          rule: 'label-set' as const,
          items: () =>
            `${guarded}.filter(key, key in variables.labels && !(key in variables.labelsBefore && variables.labelsBefore[key] == variables.labels[key]))`,
          isNew,
          refused,
          path,
          data: (item: string) => ({ ...told(item), value: `variables.labels[${item}]` }),
          ...unless,
        },
        {
          rule: 'label-removed' as const,
          items: () => `${guarded}.filter(key, key in variables.labelsBefore && !(key in variables.labels))`,
          isNew,
          refused,
          path,
          data: told,
          ...unless,
        },
      ],
    };
    return { parts: guarded === '[]' ? [] : [part] };
  },
  suggest: (_subjects, snapshot) => {
    const holders = LISTENER_KINDS.flatMap((kind) => [...snapshot.list(kind)].map((object) => indexed(kind, object)));
    const keys = [...new Set(holders.flatMap((holder) => INDEXES.listenersBySelectorKey.keysOf(holder)))].sort();
    const guarded = keys.filter((key) => key !== NAMESPACE_NAME_LABEL);
    return {
      name: 'gateway-access',
      comment: [
        guarded.length === 0
          ? 'No Gateway or ListenerSet selects namespaces by label yet; auto guards the labels of those that will.'
          : 'Labels by which Gateways and ListenerSets select namespaces; auto guards those to come.',
        'Next: name who may set them, allowedGroups or allowedUsers, since until then everybody is warned; then set action: Deny.',
      ],
      spec: { labels: guarded, auto: true },
    };
  },
  *evaluate(subject, { bound, find, snapshot }) {
    const { requester } = subject;
    if (requester === undefined) return;
    if (bound.allowedUsers.includes(requester.username)) return;
    if (requester.groups.some((group) => bound.allowedGroups.includes(group))) return;

    const before = new Map(Object.entries(subject.oldObject?.metadata.labels ?? {}));
    const after = new Map(Object.entries(subject.object.metadata.labels ?? {}));
    const user = requesterName(requester);
    for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
      if (key === NAMESPACE_NAME_LABEL || before.get(key) === after.get(key)) continue;
      const { readers, restsOn } = bound.auto ? readersOf(snapshot, key) : NOBODY;
      if (readers.length === 0 && !bound.labels.includes(key)) continue;
      const reason =
        readers.length === 0
          ? `label ${key} is guarded`
          : `a Gateway admits routes or listeners of namespaces by label ${key}`;
      const path = ['metadata', 'labels', key];
      const data = { reason, user, allowed: bound.allowed };
      const value = after.get(key);
      const details = { related: readers, restsOn: bound.labels.includes(key) ? [] : restsOn };
      if (value === undefined) yield find('label-removed', path, data, details);
      else yield find('label-set', path, { ...data, value }, details);
    }
  },
});

/** How many of the listeners that select on a label are told to logs and reports. */
const READERS_NAMED = 5;

type Reads = 'Gateway' | 'ListenerSet' | 'XListenerSet' | 'Namespace';

/** Who selects on a label. */
interface Readers {
  readonly readers: readonly ObjectKey[];
  /** What may yet say that none of them admits anybody. */
  readonly restsOn: readonly ObjectKey[];
}

const NOBODY: Readers = { readers: [], restsOn: [] };

function readersOf(snapshot: Snapshot<Reads>, label: string): Readers {
  const readers: ObjectKey[] = [];
  const perhaps: ObjectKey[] = [];
  const restsOn: ObjectKey[] = [];
  for (const holder of snapshot.lookup(INDEXES.listenersBySelectorKey, label)) {
    const unsure = admittedBy(snapshot, holder);
    if (unsure === undefined) continue;
    const key = keyOf(holder.kind, holder.object);
    if (unsure.length === 0) readers.push(key);
    else if (perhaps.length < READERS_NAMED) {
      perhaps.push(key);
      restsOn.push(...unsure);
    }
    if (readers.length === READERS_NAMED) break;
  }
  return readers.length > 0 ? { readers, restsOn: [] } : { readers: perhaps, restsOn };
}

/**
 * What may yet say that no routes come in by a holder of listeners; undefined where it is certain that no Gateway admits it (gw, ls).
 */
function admittedBy(snapshot: Snapshot<Reads>, holder: Indexed<ListenerKind>): readonly ObjectKey[] | undefined {
  if (holder.kind === 'Gateway') return [];
  const parent = parentOf(snapshot, holder);
  if (!isParent(parent)) {
    const { missing } = parent;
    return missing === undefined || snapshot.sees('Gateway') === 'all' ? undefined : [missing];
  }
  const { admitted } = listenerSetAdmission(snapshot, parent.gateway, holder.object);
  if (admitted === false) return undefined;
  return admitted === true ? [] : admissionRestsOn(snapshot, parent.gateway, holder.object);
}
