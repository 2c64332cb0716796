import { definePolicy } from '#policy';
import {
  GATEWAY_GROUP,
  LISTENER_KINDS,
  admissionRestsOn,
  comparableHostname,
  covers,
  formatKind,
  isParent,
  listenerKinds,
  matchesEveryNamespace,
  mergeListeners,
  mergeOwners,
  ownerKey,
  ownerName,
  parentOf,
  type Listener,
  type ListenerPlace,
  type NamespacesFrom,
  type ObjectKey,
} from '#gateway';
import { z } from 'zod';
import { backstop } from './backstop.ts';
import { certificateProblems } from './certificates.ts';
import { MESSAGES } from './messages.ts';
import { tlsProblem } from './tls.ts';

/** A listener decides who may publish, under which names, with which keys; the API server checks little of it (gw: Listener). */
export const listenerSafety = definePolicy({
  id: 'listener-safety',
  kind: 'ListenerSafety',
  summary: 'Listeners do not conflict, admit only those meant, and can serve with the certificates they name.',
  description: `A listener that conflicts with another, or whose certificate cannot be used, is stored and never serves. One that admits every namespace lets
everybody publish under its hostnames. This policy judges the listeners of Gateways and ListenerSets; conflicts and the number of listeners are those of the
whole: a Gateway with the ListenerSets that it admits, and a ListenerSet on its own until one does. A selector that every namespace meets admits every
namespace; one that only leaves some out, by \`NotIn\` or \`DoesNotExist\`, is taken as meant.

Certificates are looked into where their Secrets are in sight: in manifests, or where the operator allows reading named Secrets. Elsewhere only grants and kinds are
judged.`,
  subjects: LISTENER_KINDS,
  reads: ['Gateway', 'ListenerSet', 'XListenerSet', 'ReferenceGrant', 'Secret', 'ConfigMap'],
  options: {
    ports: z.array(z.int().min(1).max(65_535)).default([]).describe('The ports that listeners may have; empty = any.'),
    protocols: z.array(z.string().min(1)).default([]).describe('The protocols that listeners may have; empty = any.'),
    maxListeners: z
      .int()
      .min(1)
      .default(64)
      .describe('How many listeners a Gateway may have, its ListenerSets included.'),
    certificateExpiryDays: z
      .int()
      .min(0)
      .default(14)
      .describe('A certificate that ends within so many days is a finding.'),
  },
  messages: MESSAGES,
  bind: ({ options }) => options,
  backstop: (bound) => backstop(bound),
  suggest: (subjects) => {
    const listeners = subjects.flatMap(({ object }) => object.spec.listeners);
    const admitsAll = listeners.some(({ allowedRoutes }) => allowedRoutes?.namespaces?.from === 'All');
    const isNameless = listeners.some(
      ({ hostname, protocol }) => !hostname && protocol !== 'TCP' && protocol !== 'UDP',
    );
    const rules = { ...(admitsAll ? { 'from-all': 'Audit' } : {}), ...(isNameless ? { 'no-hostname': 'Audit' } : {}) };
    return {
      name: 'listeners',
      comment: [
        listeners.length === 0
          ? 'No listener is in sight: every port and protocol may be used.'
          : 'Ports and protocols are those of the listeners that there are.',
        'Next: take out what should not be there; then set action: Deny.',
      ],
      spec: {
        ports: [...new Set(listeners.map(({ port }) => port))].sort((a, b) => a - b),
        protocols: [...new Set(listeners.map(({ protocol }) => protocol))].sort(),
        ...(admitsAll || isNameless ? { rules } : {}),
      },
      notes: [
        ...(admitsAll
          ? [{ path: ['rules', 'from-all'], text: 'Some admit every namespace; set it to Warn once they select.' }]
          : []),
        ...(isNameless
          ? [{ path: ['rules', 'no-hostname'], text: 'Some name no hostname; set it to Warn once they do.' }]
          : []),
      ],
    };
  },
  *evaluate(subject, { bound, find, name, snapshot, now }) {
    const { listeners } = subject.object.spec;
    const parent = parentOf(snapshot, subject);
    const isOwn = ({ owner }: ListenerPlace): boolean => isSame(ownerKey(owner), ownerKey(subject));
    const whole = isParent(parent) ? mergeListeners(snapshot, parent.gateway, {}, subject.object) : undefined;
    // A ListenerSet that is part of no Gateway yet conflicts with itself alone, wherever it comes.
    const merged = whole?.places.some(isOwn) === true ? whole : mergeOwners([subject]);
    const restsOnLabels =
      isParent(parent) && subject.kind !== 'Gateway' ? admissionRestsOn(snapshot, parent.gateway, subject.object) : [];

    for (const { owner, at } of merged.places.filter(isOwn)) {
      const conflict = merged.conflictAt(owner, at);
      if (conflict === undefined) continue;
      const { listener } = conflict.place;
      const others = conflict.others.map((place) => placeName(place, ownerKey(subject), name));
      yield find(
        'conflict',
        ['spec', 'listeners', at],
        {
          listener: listener.name,
          others: [...new Set(others)].join(', '),
          port: listener.port,
          reason: conflict.reason,
          remedy: REMEDY[conflict.reason],
        },
        {
          related: conflict.others.map((place) => ownerKey(place.owner)),
          restsOn: conflict.others.every(isOwn) ? [] : restsOnLabels,
          // An UPDATE may take away those that the reason is about, and leave others.
          about: conflict.all.map((place) => `${ownerName(place.owner)} ${place.listener.name}`),
          aside: ['others', 'reason', 'remedy'],
        },
      );
    }

    for (const [at, listener] of listeners.entries()) {
      const path = ['spec', 'listeners', at];
      const { port, protocol } = listener;
      const { ports, protocols } = bound;
      if (ports.length > 0 && !ports.includes(port)) {
        yield find('port', [...path, 'port'], { port, allowed: ports.join(', ') });
      }
      if (protocols.length > 0 && !protocols.includes(protocol)) {
        yield find('protocol', [...path, 'protocol'], { protocol, allowed: protocols.join(', ') });
      }
      if (['HTTP', 'HTTPS', 'TLS'].includes(protocol) && (listener.hostname ?? '') === '') {
        yield find('no-hostname', path, { listener: listener.name });
      }
      const problem = tlsProblem(listener);
      if (problem !== undefined) yield find('tls-mode', [...path, 'tls'], { problem });

      const { invalid } = listenerKinds(listener);
      for (const [k, entry] of (listener.allowedRoutes?.kinds ?? []).entries()) {
        if (!invalid.some(({ group, kind }) => kind === entry.kind && group === (entry.group ?? group))) continue;
        const data = { kind: formatKind({ group: GATEWAY_GROUP, ...entry }), protocol };
        yield find('kind-mismatch', [...path, 'allowedRoutes', 'kinds', k], data, { about: [listener.name] });
      }

      const namespaces = [...path, 'allowedRoutes', 'namespaces'];
      const openness = opennessOf(listener.allowedRoutes?.namespaces);
      if (openness === 'all') {
        const old = subject.oldObject?.spec.listeners.find(({ name: known }) => known === listener.name);
        const data = { what: `listener "${listener.name}"` };
        yield find('from-all', [...namespaces, 'from'], data, { about: [openedBy(listener, old)] });
      }
      if (openness === 'selector-missing') yield find('selector-missing', namespaces, {}, { about: [listener.name] });
    }

    if (subject.kind === 'Gateway') {
      const path = ['spec', 'allowedListeners', 'namespaces'];
      const openness = opennessOf(subject.object.spec.allowedListeners?.namespaces);
      if (openness === 'all') yield find('from-all', [...path, 'from'], { what: 'allowedListeners' });
      if (openness === 'selector-missing') yield find('selector-missing', path, {}, { about: ['allowedListeners'] });
    }

    for (const { path, problem, restsOn } of certificateProblems(snapshot, subject, bound.certificateExpiryDays, now)) {
      yield find('certificate', path, { problem }, { restsOn });
    }

    const total = merged.places.length;
    if (total > bound.maxListeners) {
      const details = { size: total, restsOn: listeners.length > bound.maxListeners ? [] : restsOnLabels };
      yield find('too-many', ['spec', 'listeners'], { most: bound.maxListeners }, details);
    }
  },
});

/** What tells a listener from those that it conflicts with; protocols that clash do so whatever the hostname (gw: Listeners). */
const REMEDY = { HostnameConflict: 'a port or hostname', ProtocolConflict: 'a port' } as const;

/**
 * `all` for everybody, be it by a selector that every namespace meets; `selector-missing` for `from: Selector` without one. One that leaves
 * some out (NotIn, DoesNotExist) is `narrow`: it may be meant, and whom it leaves out is not known here.
 */
function opennessOf(namespaces: NamespacesFrom | undefined): 'all' | 'selector-missing' | 'narrow' {
  if (namespaces?.from === 'All') return 'all';
  if (namespaces?.from !== 'Selector') return 'narrow';
  const { selector } = namespaces;
  if (selector === undefined) return 'selector-missing';
  return matchesEveryNamespace(selector) ? 'all' : 'narrow';
}

/** The hostnames that a listener opens, as one; of an UPDATE that opens no others those that were open. */
function openedBy({ hostname }: Listener, old: Listener | undefined): string {
  const opened = comparableHostname(hostname);
  const before = old === undefined ? opened : comparableHostname(old.hostname);
  return covers(before, opened) ? before : opened;
}

function isSame(a: ObjectKey, b: ObjectKey): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function placeName({ owner, listener }: ListenerPlace, subject: ObjectKey, name: (key: ObjectKey) => string): string {
  const key = ownerKey(owner);
  if (isSame(key, subject)) return `listener "${listener.name}"`;
  const owned = name(key);
  return owned === 'an object in another namespace'
    ? `a listener of ${owned}`
    : `listener "${listener.name}" of ${owned}`;
}
