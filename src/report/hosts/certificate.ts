import {
  certificateCovers,
  certificateReferences,
  checkKeyMaterial,
  isWildcard,
  terminatesTLS,
  type KeyMaterialKind,
  type KeyMaterialProblem,
  type ListenerUse,
  type Snapshot,
} from '#gateway';

/** How a listener's certificates stand to a hostname. */
export interface HostCertificate {
  /**
   * `covers-part`: of a wildcard, some names below it. `unseen`: it is not readable here. `none`: the listener terminates TLS and names no
   * certificate.
   */
  readonly state: 'covers' | 'covers-part' | 'expired' | 'does-not-cover' | 'broken' | 'unseen' | 'none';
  /** The Secrets that the listener names: `infra/example`. */
  readonly secrets: readonly string[];
  /** What is wrong, as a clause. */
  readonly problem?: string;
  /** When the certificate that covers the hostname ends, in milliseconds since the epoch. */
  readonly notAfter?: number;
}

/** The certificate that a listener would show for a hostname; undefined when it does not terminate TLS. `now` in milliseconds since the epoch. */
export function hostCertificate(
  snapshot: Snapshot<KeyMaterialKind>,
  { owner, listener, at }: ListenerUse,
  hostname: string,
  now: number,
): HostCertificate | undefined {
  if (!terminatesTLS(listener)) return undefined;
  const references = certificateReferences(owner, at);
  const secrets = references.map(({ to }) => `${to.namespace}/${to.name}`);
  if (references.length === 0) return { state: 'none', secrets };
  const checks = references.map((reference) => checkKeyMaterial(snapshot, reference));
  const [longest] = checks
    .flatMap(({ facts }) => (facts !== undefined && certificateCovers(facts, hostname) ? [facts] : []))
    .sort((a, b) => b.notAfter - a.notAfter);
  if (longest !== undefined) {
    const isWhole = !isWildcard(hostname) || checks.some(({ facts }) => facts?.names.includes(hostname) === true);
    const { notAfter } = longest;
    return { state: notAfter <= now ? 'expired' : isWhole ? 'covers' : 'covers-part', secrets, notAfter };
  }
  const problems = checks.flatMap(({ problem }) => problem ?? []);
  const isUnseen = checks.some(({ problem, facts }) => problem === undefined && facts === undefined);
  if (isUnseen || problems.some((problem) => isOpen(snapshot, problem))) return { state: 'unseen', secrets };
  const [problem] = problems;
  return problem === undefined
    ? { state: 'does-not-cover', secrets }
    : { state: 'broken', secrets, problem: problem.message };
}

/** Whether a problem is only that something is not there, where not everything is in sight. */
function isOpen(snapshot: Snapshot<KeyMaterialKind>, { restsOn }: KeyMaterialProblem): boolean {
  return restsOn.some(({ kind, namespace, name }) => {
    if (kind !== 'Secret' && kind !== 'ConfigMap' && kind !== 'ReferenceGrant') return false;
    return snapshot.sees(kind) !== 'all' && (name === '' || snapshot.get(kind, namespace, name) === undefined);
  });
}
