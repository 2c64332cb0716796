import { formatKey, formatSelector, ownerKey } from '#gateway';
import { selectorOf, type OwnedHostname } from '#policy';
import type { HostCertificate } from './certificate.ts';
import { type Host, type HostListener } from './hosts.ts';

/** The columns of every form of the list. */
export const COLUMNS = ['hostname', 'owner', 'listeners', 'routes', 'certificate'] as const;

/** The cells of a hostname, each a list of short texts. */
export function cellsOf(host: Host): Readonly<Record<(typeof COLUMNS)[number], readonly string[]>> {
  return {
    hostname: [host.hostname],
    owner: host.owner === undefined ? [] : ownerWords(host.owner),
    listeners: host.listeners.map(listenerWord),
    routes: [
      ...host.routes.map(({ key, through, isUnsure }) => {
        const state = through.length === 0 ? ' (not attached)' : isUnsure ? ' (unverified)' : '';
        return `${formatKey(key)}${state}`;
      }),
      ...host.ingresses.map(formatKey),
    ],
    certificate: [
      ...new Set(
        host.listeners.flatMap(({ certificate }) => (certificate === undefined ? [] : [certificateWord(certificate)])),
      ),
    ],
  };
}

/** `infra/public:https`, of a ListenerSet with its kind. */
function listenerWord({ use: { owner, listener, admitted } }: HostListener): string {
  const { kind, namespace, name } = ownerKey(owner);
  return `${kind === 'Gateway' ? '' : `${kind} `}${namespace}/${name}:${listener.name}${admitted === false ? ' (not admitted)' : ''}`;
}

function ownerWords({ owners }: OwnedHostname): readonly string[] {
  return owners.flatMap(({ namespaces, namespaceSelector }) =>
    namespaceSelector === undefined ? (namespaces ?? []) : [formatSelector(selectorOf(namespaceSelector))],
  );
}

function certificateWord({ state, secrets, notAfter }: HostCertificate): string {
  const names = secrets.join(', ');
  switch (state) {
    case 'covers':
      return `${names} until ${day(notAfter)}`;
    case 'covers-part':
      return `${names} until ${day(notAfter)} (covers part of it)`;
    case 'expired':
      return `${names} (ended ${day(notAfter)})`;
    case 'does-not-cover':
      return `${names} (does not cover it)`;
    case 'broken':
      return `${names} (unusable)`;
    case 'unseen':
      return `${names} (not seen)`;
    case 'none':
      return '(none named)';
  }
}

function day(time: number | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString().slice(0, 10);
}

/** One line: `12 hostnames, 2 with conflicts, 1 without an owner`; without documents nothing is said of owners. */
export function hostsSummary(hosts: readonly Host[], knowsOwners: boolean): string {
  const conflicts = hosts.filter((host) => host.conflicts.length > 0).length;
  const unowned = hosts.filter(({ owner }) => owner === undefined).length;
  return [
    `${hosts.length} ${hosts.length === 1 ? 'hostname' : 'hostnames'}`,
    ...(conflicts > 0 ? [`${conflicts} with conflicts`] : []),
    ...(knowsOwners && unowned > 0 ? [`${unowned} without an owner`] : []),
  ].join(', ');
}
