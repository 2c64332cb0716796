import { caMaterial, tlsSecretMaterial, type CertificateFacts, type KeyMaterial } from './certificate.ts';
import { isPermitted, missingGrant } from './grants.ts';
import type { Gateway } from './gateway.ts';
import type { Indexed } from './kindMap.ts';
import { formatGroupKind, kindOf, type ListenerKind } from './kinds.ts';
import type { Listener } from './listener.ts';
import type { ObjectKey } from './object.ts';
import { listenerReferences, references, targetName, type Reference } from './references.ts';
import { tlsModeOf } from './routeKinds.ts';
import type { Snapshot } from './snapshot.ts';

/** The kinds that TLS settings read. */
export type KeyMaterialKind = 'Secret' | 'ConfigMap' | 'ReferenceGrant';

/** What is wrong with a reference to a certificate or to trust anchors. */
export interface KeyMaterialProblem {
  readonly reference: Reference;
  /**
   * `content`: the object is not there, or does not hold what it must. `format`: trust anchors that are no PEM, which implementations MAY
   * refuse, with a reason of their own, so that no predicted condition rests on it (gw, btp: caCertificateRefs).
   */
  readonly what: 'grant' | 'kind' | 'content' | 'format';
  /** A clause: what is so. */
  readonly message: string;
  /** What would, if it came or said otherwise, mend it. */
  readonly restsOn: readonly ObjectKey[];
}

/** A reference looked into. */
export interface KeyMaterialCheck {
  readonly problem: KeyMaterialProblem | undefined;
  /** Of the leaf certificate, when it is in sight. */
  readonly facts: CertificateFacts | undefined;
}

const UNSEEN: KeyMaterialCheck = { problem: undefined, facts: undefined };

/**
 * Looks into a reference to a certificate or to trust anchors, in this order, so that nothing is said about a target without a grant: the
 * grant, the kind, the object and its content (gw, ls; GatewayInvalidTLSConfiguration, GatewaySecretMissingReferenceGrant,
 * GatewayInvalidFrontendClientCertificateValidation). Where the kind is out of sight it stops after grant and kind.
 */
export function checkKeyMaterial(snapshot: Snapshot<KeyMaterialKind>, reference: Reference): KeyMaterialCheck {
  const { to } = reference;
  const name = targetName(reference);
  const failed = (
    what: KeyMaterialProblem['what'],
    message: string,
    restsOn: readonly ObjectKey[],
  ): KeyMaterialCheck => ({
    problem: { reference, what, message, restsOn },
    facts: undefined,
  });
  if (!isPermitted(snapshot, reference)) {
    const { message, restsOn } = missingGrant(reference);
    return failed('grant', message, restsOn);
  }
  const kind = reference.purpose === 'ca-certificate' ? 'ConfigMap' : 'Secret';
  if (kindOf(to.group, to.kind) !== kind) {
    return failed('kind', `${formatGroupKind(to)} is not supported here, only ${kind}`, []);
  }
  if (snapshot.sees(kind) === 'none') return UNSEEN;
  const restsOn: readonly ObjectKey[] = [{ kind, namespace: to.namespace, name: to.name }];
  const material = materialOf(snapshot, kind, to.namespace, to.name);
  if (material === undefined) return failed('content', `${name} does not exist`, restsOn);
  if (material.ok === 'redacted') return UNSEEN;
  return material.ok
    ? { problem: undefined, facts: material.facts }
    : failed(material.isFormatOnly === true ? 'format' : 'content', `${name} ${material.problem}`, restsOn);
}

/** A problem that makes a reference unresolved for every implementation. */
export type Unresolved = KeyMaterialProblem & { readonly what: 'grant' | 'kind' | 'content' };

/** What is wrong with references, as far as conditions rest on it. */
export function unresolved(snapshot: Snapshot<KeyMaterialKind>, found: readonly Reference[]): readonly Unresolved[] {
  return found.flatMap((reference) => checkKeyMaterial(snapshot, reference).problem ?? []).filter(isUnresolved);
}

function isUnresolved(problem: KeyMaterialProblem): problem is Unresolved {
  return problem.what !== 'format';
}

function materialOf(
  snapshot: Snapshot<'Secret' | 'ConfigMap'>,
  kind: 'Secret' | 'ConfigMap',
  namespace: string,
  name: string,
): KeyMaterial | undefined {
  if (kind === 'Secret') {
    const secret = snapshot.get('Secret', namespace, name);
    return secret === undefined ? undefined : tlsSecretMaterial(secret);
  }
  const configMap = snapshot.get('ConfigMap', namespace, name);
  return configMap === undefined ? undefined : caMaterial(configMap);
}

/** The certificates that a listener terminates with; none when it does not terminate TLS. */
export function certificateReferences(owner: Indexed<ListenerKind>, at: number): readonly Reference[] {
  const listener = owner.object.spec.listeners[at];
  if (listener === undefined || !terminatesTLS(listener)) return [];
  return listenerReferences(owner, at).filter(({ purpose }) => purpose === 'certificate');
}

/** Whether a listener holds certificates of its own: HTTPS, and TLS in mode Terminate. */
export function terminatesTLS(listener: Listener): boolean {
  return (listener.protocol === 'HTTPS' || listener.protocol === 'TLS') && tlsModeOf(listener) === 'Terminate';
}

/**
 * The trust anchors for client certificates of a listener, which only HTTPS has: those of `spec.tls.frontend.perPort` for its port, even when
 * that has none, else those of `default` (gw: FrontendTLSConfig). The reference comes from the Gateway, for listeners of its ListenerSets
 * too. Up to v1.3 they stood in the listener.
 */
export function frontendCAReferences(
  gateway: Indexed<'Gateway'>,
  owner: Indexed<ListenerKind>,
  at: number,
): readonly Reference[] {
  const listener = owner.object.spec.listeners[at];
  if (listener?.protocol !== 'HTTPS') return [];
  const ofListener = listenerReferences(owner, at).filter(({ purpose }) => purpose === 'ca-certificate');
  const perPort = (gateway.object.spec.tls?.frontend?.perPort ?? []).findIndex(({ port }) => port === listener.port);
  const ofGateway = references(gateway).filter(
    ({ purpose, path }) =>
      purpose === 'ca-certificate' &&
      path[2] === 'frontend' &&
      (perPort < 0 ? path[3] === 'default' : path[3] === 'perPort' && path[4] === perPort),
  );
  return [...ofListener, ...ofGateway];
}

/** The client certificate that a Gateway shows to its backends. */
export function clientCertificateReference(gateway: Gateway): Reference | undefined {
  return references({ kind: 'Gateway', object: gateway }).find(({ purpose }) => purpose === 'client-certificate');
}
