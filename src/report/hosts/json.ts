import { ownerKey } from '#gateway';
import type { OwnedHostname } from '#policy';
import type { Host, HostListener } from './hosts.ts';

/** The list as one JSON document; the contract that the README documents. Fields are only ever added. */
export function renderHostsJson(hosts: readonly Host[], knowsOwners: boolean): string {
  const document = {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameList',
    summary: {
      hostnames: hosts.length,
      conflicts: hosts.filter(({ conflicts }) => conflicts.length > 0).length,
      unowned: knowsOwners ? hosts.filter(({ owner }) => owner === undefined).length : null,
    },
    items: hosts.map(hostJson),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A hostname in use as a value. */
export function hostJson({ hostname, owner, listeners, routes, ingresses, conflicts }: Host): unknown {
  return {
    hostname,
    owner: owner === undefined ? null : ownedJson(owner),
    listeners: listeners.map(listenerJson),
    routes: routes.map(({ key, through, isUnsure }) => ({
      ...key,
      attached: isUnsure ? 'unknown' : through.length > 0,
      listeners: through.map(({ owner: holder, listener }) => ({ ...ownerKey(holder), listener: listener.name })),
    })),
    ingresses,
    conflicts,
  };
}

function listenerJson({ use: { owner, listener, hostname, gateway, admitted }, certificate }: HostListener): unknown {
  return {
    ...ownerKey(owner),
    listener: listener.name,
    hostname,
    port: listener.port,
    protocol: listener.protocol,
    gateway: gateway ?? null,
    admitted,
    certificate:
      certificate === undefined
        ? null
        : {
            state: certificate.state,
            secrets: certificate.secrets,
            problem: certificate.problem ?? null,
            notAfter: certificate.notAfter === undefined ? null : new Date(certificate.notAfter).toISOString(),
          },
  };
}

/** An owned hostname as a value. */
export function ownedJson({ hostname, owners }: OwnedHostname): unknown {
  return {
    hostname,
    lines: owners.map(({ document, at, namespaces, namespaceSelector }) => ({
      document,
      path: `spec.owners[${at}]`,
      ...(namespaceSelector === undefined ? { namespaces } : { namespaceSelector }),
    })),
  };
}
