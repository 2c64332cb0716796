import {
  certificateCovers,
  certificateReferences,
  checkKeyMaterial,
  clientCertificateReference,
  comparableHostname,
  references,
  type FieldPath,
  type Indexed,
  type KeyMaterialKind,
  type ListenerKind,
  type ObjectKey,
  type Reference,
  type Snapshot,
} from '#gateway';

/** Something wrong with the key material of a listener or Gateway. */
export interface CertificateProblem {
  readonly path: FieldPath;
  /** A clause: what is so. */
  readonly problem: string;
  readonly restsOn: readonly ObjectKey[];
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * Everything wrong with what a Gateway or ListenerSet serves TLS with: grants, kinds, contents, names that do not cover the listener's
 * hostname, and certificates that have ended or end within so many days. `now` is in milliseconds since the epoch.
 */
export function certificateProblems(
  snapshot: Snapshot<KeyMaterialKind>,
  owner: Indexed<ListenerKind>,
  expiryDays: number,
  now: number,
): readonly CertificateProblem[] {
  const problems: CertificateProblem[] = [];
  const judge = (reference: Reference, hostname: string | undefined): void => {
    const { problem, facts } = checkKeyMaterial(snapshot, reference);
    const { path, to } = reference;
    if (problem !== undefined) problems.push({ path, problem: problem.message, restsOn: problem.restsOn });
    if (facts === undefined) return;
    const name = `${to.kind} ${to.namespace}/${to.name}`;
    const add = (text: string): void => void problems.push({ path, problem: `${name} ${text}`, restsOn: [] });
    if (hostname !== undefined && !certificateCovers(facts, comparableHostname(hostname))) {
      const names = facts.names.length === 0 ? 'no names' : facts.names.join(', ');
      add(`is for ${names}, which does not cover the listener's hostname ${hostname}`);
    }
    const days = Math.floor((facts.notAfter - now) / DAY);
    if (facts.notAfter <= now) add(`ended on ${dateOf(facts.notAfter)}`);
    else if (facts.notBefore > now) add(`begins only on ${dateOf(facts.notBefore)}`);
    else if (days < expiryDays) add(`ends on ${dateOf(facts.notAfter)}, in ${days} days`);
  };
  for (const [at, listener] of owner.object.spec.listeners.entries()) {
    for (const reference of certificateReferences(owner, at)) judge(reference, listener.hostname);
  }
  for (const reference of references(owner)) {
    if (reference.purpose === 'ca-certificate') judge(reference, undefined);
  }
  if (owner.kind === 'Gateway') {
    const client = clientCertificateReference(owner.object);
    if (client !== undefined) judge(client, undefined);
  }
  return problems;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
