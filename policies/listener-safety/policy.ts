import { celKind, celText, celTexts, definePolicy } from '#policy';
import {
  GATEWAY_GROUP,
  KINDS_OF_PROTOCOL,
  LISTENER_KINDS,
  NAMESPACE_NAME_LABEL,
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
  tlsModeOf,
  type Listener,
  type ListenerPlace,
  type NamespacesFrom,
  type ObjectKey,
} from '#gateway';
import { z } from 'zod';
import { certificateProblems } from './certificates.ts';

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
  messages: {
    conflict: {
      severity: 'high',
      why: 'Listeners of one port that cannot be told apart are not served: within one object all lose, else the later one.',
      text: '{{path}}: listener "{{listener}}" conflicts with {{others}} on port {{port}} ({{reason}}) and will not serve. Give it {{remedy}} of its own',
    },
    'from-all': {
      severity: 'high',
      why: 'Every namespace may attach: anybody who may create a route publishes under this listener.',
      text: '{{path}}: {{what}} admits every namespace. Use from: Selector with a label that only trusted people may set, or Same',
    },
    'selector-missing': {
      severity: 'medium',
      why: 'from: Selector without a selector admits nobody; the API server does not say so.',
      text: '{{path}}: from is Selector, but there is no selector, so no namespace is admitted. Add one',
    },
    'kind-mismatch': {
      severity: 'medium',
      why: 'A listener serves the route kinds of its protocol only; others are ignored.',
      text: '{{path}}: {{kind}} cannot attach to a listener of protocol {{protocol}}. Remove it, or change the protocol',
    },
    'tls-mode': {
      severity: 'medium',
      why: 'TLS settings that do not fit the protocol or mode make a listener that cannot serve, or certificates that nobody uses.',
      text: '{{path}}: {{problem}}',
    },
    certificate: {
      severity: 'high',
      why: 'A listener whose certificate cannot be used, or does not fit its hostname, serves nobody or with warnings.',
      text: '{{path}}: {{problem}}',
    },
    port: {
      severity: 'medium',
      why: 'Ports open the network; which ones is for the platform to say.',
      text: '{{path}}: port {{port}} is not one of {{allowed}} (policy {{document}})',
    },
    protocol: {
      severity: 'medium',
      why: 'Protocols without names cannot be shared or inspected; which ones are used is for the platform to say.',
      text: '{{path}}: protocol {{protocol}} is not one of {{allowed}} (policy {{document}})',
    },
    'no-hostname': {
      severity: 'low',
      why: 'A listener without a hostname serves whatever name a route claims.',
      text: '{{path}}: listener "{{listener}}" has no hostname, so it serves every name that its routes claim. Set one, such as *.example.com',
    },
    'too-many': {
      severity: 'low',
      why: 'Implementations serve a limited number of listeners on one Gateway.',
      text: '{{path}}: the Gateway, its ListenerSets included, has more than {{most}} listeners (policy {{document}})',
    },
  },
  bind: ({ options }) => options,
  backstop: ({ ports, protocols, maxListeners }) => {
    const of = (object: string, which: string, what: string): string =>
      `${object}.spec.listeners.filter(listener, ${which}).map(listener, ${what})`;
    const portCheck = {
      rule: 'port' as const,
      items: (object: string) => of(object, 'has(listener.port)', 'string(listener.port)'),
      refused: (item: string) => `!(${item} in ${celTexts(ports.map(String))})`,
      path: 'spec.listeners[].port',
      data: (item: string) => ({ port: item, allowed: celText(ports.join(', ')) }),
    };
    const protocolCheck = {
      rule: 'protocol' as const,
      items: (object: string) => of(object, 'true', 'listener.protocol'),
      refused: (item: string) => `!(${item} in ${celTexts(protocols)})`,
      path: 'spec.listeners[].protocol',
      data: (item: string) => ({ protocol: item, allowed: celText(protocols.join(', ')) }),
    };
    const hostnameCheck = {
      rule: 'no-hostname' as const,
      items: (object: string) =>
        of(
          object,
          `listener.protocol in ['HTTP', 'HTTPS', 'TLS'] && listener.?hostname.orValue('') == ''`,
          'listener.name',
        ),
      path: 'spec.listeners',
      data: (item: string) => ({ listener: item }),
    };
    const openCheck = (isGateway: boolean) => ({
      rule: 'from-all' as const,
      items: (object: string) =>
        of(object, admitsAll('listener.?allowedRoutes'), `'listener "' + listener.name + '"'`) +
        (isGateway ? ` + (${admitsAll(`${object}.spec.?allowedListeners`)} ? ['allowedListeners'] : [])` : ''),
      path: 'spec',
      data: (item: string) => ({ what: item }),
    });
    const tlsCheck = {
      rule: 'tls-mode' as const,
      items: (object: string) =>
        [
          of(object, `listener.protocol == 'HTTPS' && !has(listener.tls)`, quotedWith(TLS_MISSING)),
          of(
            object,
            `listener.protocol == 'TLS' && listener.?tls.?mode.orValue('') == 'Passthrough' && listener.?tls.?certificateRefs.orValue([]).size() > 0`,
            quotedWith(TLS_UNUSED),
          ),
        ].join(' + '),
      path: 'spec.listeners[].tls',
      data: (item: string) => ({ problem: item }),
    };
    /** Group and kind, and the protocol; kinds in a text, since lists of lists cannot be joined. */
    const kindCheck = {
      rule: 'kind-mismatch' as const,
      items: (object: string) =>
        `${of(
          object,
          'true',
          `listener.?allowedRoutes.?kinds.orValue([]).filter(entry, entry.?group.orValue(${celText(GATEWAY_GROUP)}) != ${celText(GATEWAY_GROUP)} || !(entry.kind + ' ' + listener.protocol in ${celTexts(SERVED)})).map(entry, entry.?group.orValue(${celText(GATEWAY_GROUP)}) + '/' + entry.kind + ' ' + listener.protocol).join('\\n')`,
        )}.join('\\n').split('\\n').filter(text, text != '')`,
      path: 'spec.listeners[].allowedRoutes.kinds',
      data: (item: string) => ({
        kind: celKind(`${item}.split(' ')[0]`),
        protocol: `${item}.split(' ')[1]`,
      }),
    };
    const countCheck = {
      rule: 'too-many' as const,
      items: (object: string) =>
        `request.operation == 'CREATE' && ${object}.spec.listeners.size() > ${maxListeners} ? ['listeners'] : []`,
      isNew: true as const,
      path: 'spec.listeners',
      data: () => ({ most: celText(String(maxListeners)) }),
      unless: 'the listeners of ListenerSets, and an UPDATE',
    };
    const checks = [
      tlsCheck,
      kindCheck,
      countCheck,
      ...(ports.length === 0 ? [] : [portCheck]),
      ...(protocols.length === 0 ? [] : [protocolCheck]),
      hostnameCheck,
    ];
    return {
      parts: [
        { kinds: ['Gateway'], checks: [...checks, openCheck(true)] },
        { kinds: ['ListenerSet', 'XListenerSet'], checks: [...checks, openCheck(false)] },
      ],
      unsaid: {
        ...(ports.length === 0 ? { port: 'any port will do' } : {}),
        ...(protocols.length === 0 ? { protocol: 'any protocol will do' } : {}),
      },
    };
  },
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

/** In CEL whether `from` of an optional part lets every namespace in, be it by a selector that all meet; see {@link opennessOf}. */
function admitsAll(part: string): string {
  const has = (terms: string): string => `${part}.?namespaces.?selector.?${terms}`;
  const narrows = `term.key != ${celText(NAMESPACE_NAME_LABEL)} || term.operator != 'Exists' || term.?values.orValue([]).size() > 0`;
  const isMetByAll = `${part}.?namespaces.?selector.hasValue() && ${has('matchLabels')}.orValue({}).size() == 0 && !${has('matchExpressions')}.orValue([]).exists(term, ${narrows})`;
  const from = `${part}.?namespaces.?from.orValue('')`;
  return `(${from} == 'All' || ${from} == 'Selector' && ${isMetByAll})`;
}

/** Kinds and protocols that go together. */
const SERVED = [...KINDS_OF_PROTOCOL].flatMap(([protocol, kinds]) => kinds.map((kind) => `${kind} ${protocol}`));

const TLS_MISSING =
  'has protocol HTTPS but no tls settings, so it has no certificate to serve with. Add certificateRefs';
const TLS_UNUSED = 'passes TLS through, so its certificateRefs are not used. Remove them, or use mode Terminate';

/** In CEL a sentence about a listener. */
function quotedWith(text: string): string {
  return `'listener "' + listener.name + ${celText(`" ${text}`)}`;
}

/** What the CRDs leave open about TLS settings (gw: ListenerTLSConfig): HTTPS without any, certificates that pass-through does not use. */
function tlsProblem(listener: Listener): string | undefined {
  const { protocol, tls, name } = listener;
  if (protocol === 'HTTPS' && tls === undefined) {
    return `listener "${name}" ${TLS_MISSING}`;
  }
  if (protocol === 'TLS' && tlsModeOf(listener) === 'Passthrough' && (tls?.certificateRefs ?? []).length > 0) {
    return `listener "${name}" ${TLS_UNUSED}`;
  }
  return undefined;
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
