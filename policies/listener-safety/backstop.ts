import { GATEWAY_GROUP, KINDS_OF_PROTOCOL, NAMESPACE_NAME_LABEL, type ListenerKind } from '#gateway';
import { celKind, celText, celTexts, type Backstop, type BackstopCheck } from '#policy';
import type { MESSAGES } from './messages.ts';
import { TLS_MISSING, TLS_UNUSED } from './tls.ts';

type Check = BackstopCheck<typeof MESSAGES>;

/** What listeners of one object say by themselves: of conflicts, certificates and ListenerSets beside them nothing. */
export function backstop({
  ports,
  protocols,
  maxListeners,
}: {
  readonly ports: readonly number[];
  readonly protocols: readonly string[];
  readonly maxListeners: number;
}): Backstop<ListenerKind, typeof MESSAGES> {
  const checks = [
    TLS_MODE,
    KIND_MISMATCH,
    tooMany(maxListeners),
    ...(ports.length === 0 ? [] : [port(ports)]),
    ...(protocols.length === 0 ? [] : [protocol(protocols)]),
    NO_HOSTNAME,
  ];
  return {
    parts: [
      { kinds: ['Gateway'], checks: [...checks, fromAll(true)] },
      { kinds: ['ListenerSet', 'XListenerSet'], checks: [...checks, fromAll(false)] },
    ],
    unsaid: {
      ...(ports.length === 0 ? { port: 'any port will do' } : {}),
      ...(protocols.length === 0 ? { protocol: 'any protocol will do' } : {}),
    },
  };
}

/** Of the listeners for which something holds, what an expression makes of each. */
function listeners(object: string, which: string, what: string): string {
  return `${object}.spec.listeners.filter(listener, ${which}).map(listener, ${what})`;
}

function port(ports: readonly number[]): Check {
  return {
    rule: 'port',
    items: (object) => listeners(object, 'has(listener.port)', 'string(listener.port)'),
    refused: (item) => `!(${item} in ${celTexts(ports.map(String))})`,
    path: 'spec.listeners[].port',
    data: (item) => ({ port: item, allowed: celText(ports.join(', ')) }),
  };
}

function protocol(protocols: readonly string[]): Check {
  return {
    rule: 'protocol',
    items: (object) => listeners(object, 'true', 'listener.protocol'),
    refused: (item) => `!(${item} in ${celTexts(protocols)})`,
    path: 'spec.listeners[].protocol',
    data: (item) => ({ protocol: item, allowed: celText(protocols.join(', ')) }),
  };
}

const NO_HOSTNAME: Check = {
  rule: 'no-hostname',
  items: (object) =>
    listeners(
      object,
      `listener.protocol in ['HTTP', 'HTTPS', 'TLS'] && listener.?hostname.orValue('') == ''`,
      'listener.name',
    ),
  path: 'spec.listeners',
  data: (item) => ({ listener: item }),
};

function fromAll(isGateway: boolean): Check {
  return {
    rule: 'from-all',
    items: (object) =>
      listeners(object, admitsAll('listener.?allowedRoutes'), `'listener "' + listener.name + '"'`) +
      (isGateway ? ` + (${admitsAll(`${object}.spec.?allowedListeners`)} ? ['allowedListeners'] : [])` : ''),
    path: 'spec',
    data: (item) => ({ what: item }),
  };
}

/** In CEL whether `from` of an optional part lets every namespace in, be it by a selector that all meet; see `opennessOf` of the policy. */
function admitsAll(part: string): string {
  const has = (terms: string): string => `${part}.?namespaces.?selector.?${terms}`;
  const narrows = `term.key != ${celText(NAMESPACE_NAME_LABEL)} || term.operator != 'Exists' || term.?values.orValue([]).size() > 0`;
  const isMetByAll = `${part}.?namespaces.?selector.hasValue() && ${has('matchLabels')}.orValue({}).size() == 0 && !${has('matchExpressions')}.orValue([]).exists(term, ${narrows})`;
  const from = `${part}.?namespaces.?from.orValue('')`;
  return `(${from} == 'All' || ${from} == 'Selector' && ${isMetByAll})`;
}

const TLS_MODE: Check = {
  rule: 'tls-mode',
  items: (object) =>
    [
      listeners(object, `listener.protocol == 'HTTPS' && !has(listener.tls)`, quotedWith(TLS_MISSING)),
      listeners(
        object,
        `listener.protocol == 'TLS' && listener.?tls.?mode.orValue('') == 'Passthrough' && listener.?tls.?certificateRefs.orValue([]).size() > 0`,
        quotedWith(TLS_UNUSED),
      ),
    ].join(' + '),
  path: 'spec.listeners[].tls',
  data: (item) => ({ problem: item }),
};

/** In CEL a sentence about a listener. */
function quotedWith(text: string): string {
  return `'listener "' + listener.name + ${celText(`" ${text}`)}`;
}

/** Kinds and protocols that go together. */
const SERVED = [...KINDS_OF_PROTOCOL].flatMap(([protocol, kinds]) => kinds.map((kind) => `${kind} ${protocol}`));

/** Group and kind, and the protocol; kinds in a text, since lists of lists cannot be joined. */
const KIND_MISMATCH: Check = {
  rule: 'kind-mismatch',
  items: (object) =>
    `${listeners(
      object,
      'true',
      `listener.?allowedRoutes.?kinds.orValue([]).filter(entry, entry.?group.orValue(${celText(GATEWAY_GROUP)}) != ${celText(GATEWAY_GROUP)} || !(entry.kind + ' ' + listener.protocol in ${celTexts(SERVED)})).map(entry, entry.?group.orValue(${celText(GATEWAY_GROUP)}) + '/' + entry.kind + ' ' + listener.protocol).join('\\n')`,
    )}.join('\\n').split('\\n').filter(text, text != '')`,
  path: 'spec.listeners[].allowedRoutes.kinds',
  data: (item) => ({
    kind: celKind(`${item}.split(' ')[0]`),
    protocol: `${item}.split(' ')[1]`,
  }),
};

function tooMany(maxListeners: number): Check {
  return {
    rule: 'too-many',
    items: (object) =>
      `request.operation == 'CREATE' && ${object}.spec.listeners.size() > ${maxListeners} ? ['listeners'] : []`,
    isNew: true,
    path: 'spec.listeners',
    data: () => ({ most: celText(String(maxListeners)) }),
    unless: 'the listeners of ListenerSets, and an UPDATE',
  };
}
