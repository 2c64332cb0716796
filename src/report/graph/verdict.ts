import type { Attachment, Condition, KubeObject, Listener, ListenerStatus, ParentReference } from '#gateway';
import { isRemark, wrongConditions } from '../statusTable.ts';
import type { GraphEdge, GraphProblem, GraphState } from './graph.ts';

/** An id that no name can imitate. */
export function idOf(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}

/** State and problems of a node from the conditions of its status. */
export function verdictOf(conditions: readonly Condition[]): {
  readonly state: GraphState;
  readonly problems: readonly GraphProblem[];
} {
  const wrong = wrongConditions(conditions);
  const state = wrong.some((entry) => entry.status === 'False' && !isRemark(entry))
    ? 'broken'
    : wrong.some(({ status }) => status === 'Unknown')
      ? 'unknown'
      : wrong.length > 0
        ? 'remark'
        : 'ok';
  return { state, problems: wrong.map(({ reason, message }) => ({ reason, message })) };
}

/** What is said of an object that nobody writes a status for. */
export const UNMANAGED: GraphProblem = { reason: '', message: 'no chosen controller manages it' };

/** `shop/from-web`. */
export function nameInNamespace({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The node of the listener at a position of its holder. */
export function listenerId(holder: string, at: number): string {
  return idOf('listener', holder, at);
}

/** `HTTPS 443`, the hostname, how many routes are attached. */
export function listenerDetails(
  { protocol, port, hostname }: Listener,
  status: ListenerStatus | undefined,
): readonly string[] {
  const routes =
    status === undefined ? [] : [`${status.attachedRoutes} route${status.attachedRoutes === 1 ? '' : 's'}`];
  return [`${protocol} ${port}`, ...(hostname === undefined ? [] : [hostname]), ...routes];
}

/** The line that `Accepted` stands for. */
export function linkOf(
  accepted: Condition | undefined,
  absence: GraphProblem | undefined,
): Pick<GraphEdge, 'state' | 'problem'> {
  if (absence !== undefined) return { state: 'broken', problem: absence };
  if (accepted === undefined) return { state: 'unmanaged', problem: UNMANAGED };
  const { status, reason, message } = accepted;
  if (status === 'True') return { state: 'ok', problem: undefined };
  return { state: status === 'False' ? 'broken' : 'unknown', problem: { reason, message } };
}

/**
 * Where the lines of one parentRef begin: at each listener that takes the route; where none does, at the only listener that is meant, or else
 * at its holder.
 */
export function originsOf(
  holder: string,
  { listeners }: Attachment,
): readonly { readonly from: string; readonly hostnames: readonly string[] }[] {
  const taking = listeners.filter(({ attached }) => attached === true);
  if (taking.length > 0) return taking.map(({ at, hostnames }) => ({ from: listenerId(holder, at), hostnames }));
  const meant = listeners.filter(({ refusal }) => refusal?.stage !== 'section' && refusal?.stage !== 'port');
  const [only] = meant;
  const from = only !== undefined && meant.length === 1 ? listenerId(holder, only.at) : holder;
  return [{ from, hostnames: [] }];
}

/** Two parentRefs with one key are the same. */
export function refKey({ group, kind, namespace, name, sectionName, port }: ParentReference): string {
  return JSON.stringify([group, kind, namespace, name, sectionName, port]);
}
