import type { Snapshot } from '#gateway';
import type { Subject } from '#policy';

/** They finish deletions that somebody else was allowed to ask for; refusing them leaves namespaces and owners half gone for ever. */
const COLLECTORS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
];

/**
 * Whether a DELETE is the end of one that has been judged before: asked for by the controllers that empty namespaces and collect owned
 * objects, or of an object in a namespace that is being deleted.
 */
export function isCollected(subject: Subject, snapshot: Snapshot<'Namespace'>): boolean {
  if (subject.operation !== 'DELETE') return false;
  if (subject.requester !== undefined && COLLECTORS.includes(subject.requester.username)) return true;
  return (
    subject.namespace !== '' &&
    snapshot.get('Namespace', '', subject.namespace)?.metadata.deletionTimestamp !== undefined
  );
}
