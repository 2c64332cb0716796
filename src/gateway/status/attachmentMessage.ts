import type { Attachment, ListenerOutcome, Refusal } from '../attachment.ts';
import type { Indexed } from '../kindMap.ts';
import type { RouteKind } from '../kinds.ts';
import { formatSelector, refusedTerm } from '../labelSelector.ts';
import { ownerName } from '../parent.ts';

/** A message tells of so many listeners at most. */
const MOST_TOLD = 3;

/**
 * Why a route does not attach to a parent, naming the listeners that came furthest and what each has against it:
 * `Gateway infra/public: listener "https" admits namespaces with label gateway-access=true; namespace team-b has no such label`.
 */
export function attachmentMessage(route: Indexed<RouteKind>, attachment: Attachment): string {
  const { parent, listeners, reason } = attachment;
  const name = ownerName(parent.owner);
  if (reason === 'Accepted') return `attached to ${name}`;
  if (reason === 'NoMatchingParent') return `${name} ${noListenerMessage(attachment)}`;
  const decisive = listeners.filter(({ refusal }) => refusal !== undefined && isDecisive(refusal, attachment));
  const told = decisive.slice(0, MOST_TOLD).map((outcome) => refusalMessage(route, outcome));
  const more = decisive.length > MOST_TOLD ? [`${decisive.length - MOST_TOLD} more listeners likewise refuse it`] : [];
  return `${name}: ${[...told, ...more].join('; ')}`;
}

function isDecisive({ stage, ...rest }: Refusal, { reason }: Attachment): boolean {
  if (reason === 'NoMatchingListenerHostname') return stage === 'hostname';
  if (reason === 'Pending') return stage === 'selector' && 'term' in rest && rest.term === undefined;
  return stage === 'kind' || stage === 'same' || stage === 'selector';
}

function noListenerMessage({ claim: { ref }, listeners }: Attachment): string {
  const asked = [
    ...(ref.sectionName === undefined ? [] : [`named "${ref.sectionName}"`]),
    ...(ref.port === undefined ? [] : [`on port ${ref.port}`]),
  ].join(' ');
  const names = listeners.map(({ listener }) => `"${listener.name}" on port ${listener.port}`);
  const more = names.length > MOST_TOLD ? [`${names.length - MOST_TOLD} more`] : [];
  const has = [...names.slice(0, MOST_TOLD), ...more].join(', ');
  return `has no listener ${asked}`.trimEnd() + (has === '' ? '' : `; it has ${has}`);
}

/** What one listener has against a route. */
function refusalMessage(route: Indexed<RouteKind>, { listener, refusal }: ListenerOutcome): string {
  const name = `listener "${listener.name}"`;
  const namespace = `namespace ${route.object.metadata.namespace ?? ''}`;
  switch (refusal?.stage) {
    case undefined:
      return `${name} admits it`;
    case 'section':
      return `${name} is not the one named "${refusal.wanted}"`;
    case 'port':
      return `${name} is on port ${listener.port}, not ${refusal.wanted}`;
    case 'kind': {
      const kinds = refusal.supported.map(({ kind }) => kind).join(', ');
      return `${name} (${listener.protocol}) takes ${kinds === '' ? 'no routes' : kinds}, not ${route.kind}`;
    }
    case 'same':
      return `${name} admits routes of namespace ${refusal.namespace} only; the route is in ${namespace}`;
    case 'selector':
      return `${name} ${selectorMessage(refusal, namespace)}`;
    case 'hostname': {
      const asked = route.kind === 'TCPRoute' || route.kind === 'UDPRoute' ? [] : (route.object.spec.hostnames ?? []);
      return `${name} serves ${refusal.hostname}, which shares no name with ${asked.join(', ')}`;
    }
  }
}

function selectorMessage(refusal: Refusal & { readonly stage: 'selector' }, namespace: string): string {
  const { selector, term } = refusal;
  if (selector === undefined) return 'admits by selector but has none, so it admits no namespace';
  const refused = refusedTerm(selector);
  if (refused !== undefined) {
    return `admits by selector, but Kubernetes takes none with the term ${refused}, so it admits no namespace`;
  }
  const admits = `admits namespaces with label ${formatSelector(selector)}`;
  if (term === undefined) return `${admits}; the labels of ${namespace} are not in sight`;
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  return `${admits}; ${namespace} has no such label${terms > 1 ? `: ${term}` : ''}`;
}
