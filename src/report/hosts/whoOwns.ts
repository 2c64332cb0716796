import { covers, formatKey, intersect, isWildcard } from '#gateway';
import { describeOwners, type HostnameOwners, type OwnedHostname } from '#policy';
import type { Paint } from '../paint.ts';
import { visible } from '../visible.ts';
import { listenerName, type Host } from './hosts.ts';
import { hostJson, ownedJson } from './json.ts';

/** Who owns a hostname, why, and who uses it. */
export interface HostnameAnswer {
  /** Canonical. */
  readonly hostname: string;
  /** The line that decides; undefined when nobody owns it. */
  readonly owner: OwnedHostname | undefined;
  /** Less specific lines that cover it too, and have no say. */
  readonly alsoCovering: readonly OwnedHostname[];
  /** Of a wildcard: lines below it, which keep what they name. */
  readonly below: readonly OwnedHostname[];
  /** Of a hostname that nobody owns: the line of the nearest domain above, which does not cover it. */
  readonly nearest: OwnedHostname | undefined;
  /** The hostnames in use that share a name with it; none when no objects are in sight. */
  readonly uses: readonly Host[];
}

/** Asks the owners for a canonical hostname; `hosts` are those in use. */
export function answerHostname(
  hostname: string,
  owners: HostnameOwners | undefined,
  hosts: readonly Host[],
): HostnameAnswer {
  const [owner, ...alsoCovering] = owners?.over(hostname) ?? [];
  return {
    hostname,
    owner,
    alsoCovering,
    below: isWildcard(hostname) ? (owners?.below(hostname) ?? []) : [],
    nearest: owner === undefined ? nearestAbove(hostname, owners) : undefined,
    uses: hosts.filter((host) => intersect(host.hostname, hostname) !== undefined),
  };
}

function nearestAbove(hostname: string, owners: HostnameOwners | undefined): OwnedHostname | undefined {
  const labels = hostname.split('.').slice(1);
  for (let at = 0; at < labels.length; at += 1) {
    const [owned] = owners?.over(labels.slice(at).join('.')) ?? [];
    if (owned !== undefined) return owned;
  }
  return undefined;
}

/** The answer for people: who, why, what else would cover it, who uses it now, and the next step. */
export function renderAnswerText(answer: HostnameAnswer, paint: Paint): string {
  const { hostname, owner, alsoCovering, below, nearest, uses } = answer;
  const head =
    owner === undefined
      ? [
          paint('strong', `${hostname} has no owner`),
          ...(nearest === undefined ? [] : [`  nearest above: ${lineText(nearest)}; it does not cover ${hostname}`]),
        ]
      : [
          paint('strong', `${hostname} belongs to ${visible(describeOwners(owner.owners))}`),
          `  by ${lineText(owner)}, the most specific hostname that covers it`,
          ...alsoCovering.map((line) => `  would cover it too, were it not for that: ${lineText(line)}`),
        ];
  const narrower = below.map((line) => `  keeps what it names: ${lineText(line)}`);
  const used = uses.flatMap((host) => useLines(host, hostname));
  return `${[...head, ...narrower, used.length === 0 ? 'used by nobody in sight' : 'used by', ...used, `next step: ${nextStep(answer)}`].join('\n')}\n`;
}

/** `shop.example.com → namespace team-shop (HostnameOwnership public, spec.owners[0])`. */
function lineText({ hostname, owners }: OwnedHostname): string {
  const places = owners.map(({ document, at }) => `HostnameOwnership ${document}, spec.owners[${at}]`).join(' and ');
  return `${hostname} → ${visible(describeOwners(owners))} (${places})`;
}

function useLines({ hostname, routes, listeners, ingresses, conflicts }: Host, asked: string): readonly string[] {
  const part =
    hostname === asked
      ? ''
      : covers(hostname, asked)
        ? `  (as part of ${visible(hostname)})`
        : `  (${visible(hostname)})`;
  return [
    ...routes.map(({ key, through }) => {
      const where =
        through.length === 0 ? 'attached to no listener' : `through ${through.map(listenerName).join(', ')}`;
      return `  ${visible(`${formatKey(key)} ${where}`)}${part}`;
    }),
    ...listeners
      .filter(({ use }) => use.hostname === hostname)
      .map(({ use }) => `  ${visible(listenerName(use))}${part}`),
    ...ingresses.map((key) => `  ${visible(formatKey(key))}${part}`),
    ...(hostname === asked ? conflicts.map(({ kind, message }) => `  ! ${kind}: ${visible(message)}`) : []),
  ];
}

function nextStep({ hostname, owner, nearest, uses }: HostnameAnswer): string {
  const line = `{ hostnames: ["${hostname}"], namespaces: [YOURS] }`;
  if (owner !== undefined) {
    const document = owner.owners[0].document;
    const effect = owner.hostname === hostname ? 'which would then share it' : 'which would then be the most specific';
    return `whoever else wants it asks ${visible(describeOwners(owner.owners))} to agree to a line in owners of HostnameOwnership ${document}, ${effect}: ${line}`;
  }
  const holders = [
    ...new Set(uses.flatMap((host) => (host.hostname === hostname ? host.routes.map(({ key }) => key.namespace) : []))),
  ];
  const held = holders.length === 0 ? '' : ` (today ${holders.join(', ')} ${holders.length === 1 ? 'uses' : 'use'} it)`;
  const where =
    nearest === undefined ? 'a HostnameOwnership document' : `HostnameOwnership ${nearest.owners[0].document}`;
  return `whoever wants it has a line added to owners of ${where}${held}: ${line}`;
}

/** The answer as one JSON document; the contract that the README documents. Fields are only ever added. */
export function renderAnswerJson({ hostname, owner, alsoCovering, below, nearest, uses }: HostnameAnswer): string {
  const document = {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameAnswer',
    hostname,
    owned: owner !== undefined,
    owner: owner === undefined ? null : ownedJson(owner),
    alsoCovering: alsoCovering.map(ownedJson),
    below: below.map(ownedJson),
    nearest: nearest === undefined ? null : ownedJson(nearest),
    uses: uses.map(hostJson),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
