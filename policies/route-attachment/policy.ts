import { definePolicy, type Finding } from '#policy';
import {
  EXPERIMENTAL_GROUP,
  GATEWAY_GROUP,
  LISTENER_KINDS,
  ROUTE_KINDS,
  admissionRestsOn,
  attach,
  attachmentMessage,
  formatKey,
  formatPath,
  isParent,
  kindOf,
  listenerSetAdmission,
  namespaceKey,
  ownerName,
  parentsOf,
  type Attachment,
  type FieldPath,
  type ParentClaim,
  type ParentReference,
} from '#gateway';

/** The message for each reason of `Accepted=False` (shared: RouteConditionReason). */
const MESSAGE_OF = {
  NoMatchingParent: 'no-matching-parent',
  NotAllowedByListeners: 'not-allowed-by-listeners',
  NoMatchingListenerHostname: 'no-matching-listener-hostname',
  Pending: 'not-allowed-by-listeners',
} as const;

/** A route that no listener takes is stored without a word and serves nothing (shared: RouteConditionAccepted). */
export const routeAttachment = definePolicy({
  id: 'route-attachment',
  kind: 'RouteAttachment',
  summary: 'Every parent that a route names takes it: listener, namespace, kind and hostname fit.',
  description: `The API server stores a route that no listener takes; only its status says, later, that it serves nothing. This policy says so when the route
is written, with the listener and what it has against the route: the label that the namespace lacks, the hostnames that do not meet.

Each parentRef is judged on its own, as controllers do. A Gateway may come after its routes, so the action is best left at Warn. Whether a
route can have parents of kinds that others than Gateway API define is for each implementation to say.`,
  subjects: ROUTE_KINDS,
  reads: ['Gateway', 'ListenerSet', 'XListenerSet'],
  options: {},
  messages: {
    'no-matching-parent': {
      severity: 'medium',
      why: 'The section name or port of the parentRef means no listener, so the route serves nothing there.',
      text: '{{parent}} → {{why}}',
    },
    'not-allowed-by-listeners': {
      severity: 'medium',
      why: 'No listener of the parent allows routes of this kind from this namespace, so the route serves nothing there.',
      text: '{{parent}} → {{why}}',
    },
    'no-matching-listener-hostname': {
      severity: 'medium',
      why: 'The route and the listeners that allow it share no hostname, so the route serves nothing there.',
      text: '{{parent}} → {{why}}',
    },
    'parent-not-found': {
      severity: 'medium',
      why: 'A controller writes no status for a parent that does not exist: the route fails in silence.',
      text: '{{parent}} → {{missing}} {{problem}}',
    },
    'parent-not-allowed': {
      severity: 'medium',
      why: 'A ListenerSet that its Gateway does not admit has no listeners in use, so its routes serve nothing.',
      text: '{{parent}} → {{set}} is not allowed by its Gateway (allowedListeners), so nothing is served through it. Have the Gateway admit its namespace, or attach to another parent',
    },
  },
  bind: ({ options }) => options,
  suggest: () => ({
    name: 'attachment',
    comment: [
      'Routes that no listener takes. A Gateway may come after its routes, so that Warn is the action to keep.',
    ],
    spec: {},
  }),
  evaluate: (subject, { find, name, snapshot }) => {
    const findings: Finding[] = [];
    const { namespace } = subject;
    const own = namespaceKey(namespace);
    for (const { claim, parent } of parentsOf(snapshot, subject)) {
      const { path, parent: label } = placeOf(claim);
      const aside = ['parent'];
      if (!isParent(parent)) {
        const { missing } = parent;
        if (missing === undefined) {
          const kind = strangeKind(claim.ref);
          if (kind === undefined) continue;
          const data = { parent: label, missing: kind, problem: 'is no kind of parent. Correct its group or kind' };
          findings.push(find('parent-not-found', path, data, { about: [claim.ref.name], aside }));
          continue;
        }
        // The Gateway of a ListenerSet is named by the set, which may be another namespace's.
        const isOwnWord =
          missing.kind === (claim.ref.kind ?? 'Gateway') || (claim.ref.namespace ?? namespace) === namespace;
        const data = {
          parent: label,
          missing: isOwnWord ? formatKey(missing) : name(missing),
          problem: 'does not exist. Create it, or correct the name',
        };
        const details = { restsOn: [missing], about: [formatKey(missing)], aside };
        findings.push(find('parent-not-found', path, data, details));
        continue;
      }
      const attachment = attach(snapshot, subject, claim, parent);
      if (attachment.reason !== 'Accepted') {
        const data = { parent: label, why: attachmentMessage(subject, attachment) };
        const isInSight = snapshot.get('Namespace', '', namespace) !== undefined;
        const { sectionName = '', port = '' } = claim.ref;
        // The reason names the route's hostnames, of which an UPDATE may take some away.
        const details = {
          restsOn: restsOnLabels(attachment, isInSight) ? [own] : [],
          about: [`${ownerName(parent.owner)} ${sectionName} ${port}`],
          aside: [...aside, 'why'],
        };
        findings.push(find(MESSAGE_OF[attachment.reason], path, data, details));
      } else if (parent.owner.kind !== 'Gateway') {
        const set = parent.owner.object;
        if (listenerSetAdmission(snapshot, parent.gateway, set).admitted === true) continue;
        const restsOn = admissionRestsOn(snapshot, parent.gateway, set);
        const data = { parent: label, set: ownerName(parent.owner) };
        findings.push(find('parent-not-allowed', path, data, { restsOn, aside }));
      }
    }
    return findings;
  },
});

/** Where a claim stands, and how messages begin. */
function placeOf({ path }: ParentClaim): { readonly path: FieldPath; readonly parent: string } {
  return path === undefined
    ? { path: ['spec', 'useDefaultGateways'], parent: 'useDefaultGateways' }
    : { path, parent: formatPath(path.slice(1)) };
}

/**
 * A kind of parent that nobody can define: in a group of Gateway API one that it does not have, or one of its own in the core group. So reads
 * a Service without its `group: ""`, since the group defaults to that of Gateway API (shared: ParentReference).
 */
function strangeKind({ group = GATEWAY_GROUP, kind = 'Gateway' }: ParentReference): string | undefined {
  if (kindOf(group, kind) !== undefined) return undefined;
  const isOurs = group === GATEWAY_GROUP || group === EXPERIMENTAL_GROUP;
  const isMisplaced = group === '' && LISTENER_KINDS.some((known) => known === kind);
  return isOurs || isMisplaced ? `${kind} of group "${group}"` : undefined;
}

/** Whether the labels of the route's Namespace decided: where it is out of sight and yet a term is known to fail, its name did. */
function restsOnLabels({ listeners }: Attachment, isInSight: boolean): boolean {
  return listeners.some(({ refusal }) => refusal?.stage === 'selector' && (isInSight || refusal.term === undefined));
}
