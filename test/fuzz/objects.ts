import { KINDS, KIND_NAMES, apiVersionOf, type KindName } from '#gateway';
import { shapeOf } from '../../src/gateway/schema/kindShape.ts';
import type { Shape } from '../../src/gateway/schema/shape.ts';
import type { Dice } from '../support/dice.ts';

type Fields = Readonly<Record<string, unknown>>;

const GATEWAY = 'gateway.networking.k8s.io';
/** Few, so that objects meet. */
const NAMES: readonly string[] = ['web', 'api', 'gateway', 'public', 'a', 'constructor'];
export const NAMESPACES: readonly string[] = ['team-shop', 'team-pay', 'infra'];
const HOSTNAMES: readonly string[] = [
  'shop.example.com',
  '*.shop.example.com',
  'pay.example.com',
  '*.example.com',
  'a.b.example.com',
  'example.com',
  '*.com',
  'other.test',
];

/** What fields of these names hold in real objects. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['name', NAMES],
  ['namespace', NAMESPACES],
  ['namespaces', NAMESPACES],
  ['hostname', HOSTNAMES],
  ['hostnames', HOSTNAMES],
  ['host', HOSTNAMES],
  ['hosts', HOSTNAMES],
  ['sectionName', ['http', 'https', 'web']],
  ['gatewayClassName', ['public', 'internal', 'a']],
  ['group', ['', GATEWAY, GATEWAY, 'networking.k8s.io', 'multicluster.x-k8s.io', 'example.com']],
  ['kind', ['Gateway', 'HTTPRoute', 'GRPCRoute', 'Service', 'Secret', 'ConfigMap', 'ListenerSet', 'ServiceImport']],
  ['protocol', ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP']],
  ['mode', ['Terminate', 'Passthrough', 'AllowValidOnly']],
  ['from', ['All', 'Same', 'Selector', 'None']],
  ['operator', ['In', 'NotIn', 'Exists', 'DoesNotExist']],
  ['key', ['team', 'tier', 'constructor', '__proto__']],
  ['method', ['GET', 'POST']],
  ['value', ['/', '/a', '/a/b', '1']],
  ['port', []],
  [
    'type',
    [
      'RequestHeaderModifier',
      'ResponseHeaderModifier',
      'RequestMirror',
      'RequestRedirect',
      'URLRewrite',
      'ExtensionRef',
      'CORS',
      'ExternalAuth',
      'Exact',
      'PathPrefix',
      'RegularExpression',
      'ReplaceFullPath',
      'ReplacePrefixMatch',
      'ClusterIP',
      'ExternalName',
    ],
  ],
]);
const OTHER_WORDS: readonly string[] = ['a', 'b', 'X-Header', 'http'];
const LABELS: readonly string[] = ['team', 'tier', 'gateway-access', 'constructor', '__proto__', 'a/b~c'];

/** What breaks programs, in place of any value at all. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  2 ** 60,
  1e308,
  '',
  'text',
  '\u0000',
  '\ud800',
  '\ufeff',
  '😀',
  '\u202e',
  '\r\n\u001b[2K',
  '%s%n',
  '__proto__',
  'constructor',
  '*',
  '*.*.com',
  '.',
  '10.0.0.1',
  '[::1]',
  'Shop.Example.COM.',
  'a'.repeat(300),
  [],
  [null],
  [[]],
  {},
  { a: null },
  JSON.parse('{"__proto__":{"x":1}}'),
  { constructor: { prototype: { x: 1 } } },
  { toString: null, valueOf: 1 },
];

/**
 * A value that fits the shape; each part of it is with the probability `wildness` something that breaks programs instead. `name` is the
 * field it stands in.
 */
export function valueOf(shape: Shape, dice: Dice, wildness: number, name = '', depth = 0): unknown {
  if (wildness > 0 && dice.chance(wildness)) return dice.pick(HOSTILE);
  switch (shape.type) {
    case 'string':
      return dice.pick(WORDS.get(name) ?? OTHER_WORDS);
    case 'integer':
      return numberOf(shape, dice, name);
    case 'boolean':
      return dice.chance(0.5);
    case 'any':
      return dice.pick([{}, [], 'any', 1]);
    case 'array': {
      const { items } = shape;
      const length = dice.pick([0, 1, 1, 1, 2, 2, 3]);
      return items === undefined ? [] : Array.from({ length }, () => valueOf(items, dice, wildness, name, depth + 1));
    }
    case 'object': {
      const entries: [string, unknown][] = [];
      const { items } = shape;
      if (items !== undefined) {
        for (const key of dice.some(LABELS, 0, 3)) entries.push([key, valueOf(items, dice, wildness, name, depth + 1)]);
      }
      for (const [key, field] of shape.fields) {
        const isNeeded = field.isRequired
          ? wildness === 0 || dice.chance(1 - wildness)
          : dice.chance(depth < 3 ? 0.5 : 0.3);
        if (isNeeded) entries.push([key, valueOf(field.shape, dice, wildness, key, depth + 1)]);
      }
      if (wildness > 0 && dice.chance(wildness)) {
        entries.push([dice.pick(['unknown', '__proto__', 'constructor', 'a/b~c']), dice.pick(HOSTILE)]);
      }
      return Object.fromEntries(entries);
    }
  }
}

function numberOf({ minimum, maximum }: Shape, dice: Dice, name: string): number {
  const usual = name === 'port' ? dice.pick([80, 443, 8080]) : dice.pick([0, 1, 2, 301]);
  return Math.min(Math.max(usual, minimum), maximum);
}

/** Kinds by how much there is to get wrong with them. */
const KINDS_TO_TRY: readonly KindName[] = [
  ...KIND_NAMES,
  ...Array.from(
    { length: 6 },
    () => ['HTTPRoute', 'GRPCRoute', 'Gateway', 'ReferenceGrant', 'Namespace'] as const,
  ).flat(),
];

/** An object as a user may send it. */
export interface Sent {
  readonly kind: KindName;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: Fields;
}

/** An object of one of the kinds, or of any. */
export function sentObject(dice: Dice, wildness: number, kind: KindName = dice.pick(KINDS_TO_TRY)): Sent {
  const { group, scope, versions } = KINDS[kind];
  const version = dice.pick<string>(versions);
  const namespace = scope === 'Cluster' ? '' : dice.pick(NAMESPACES);
  const name = kind === 'Namespace' ? dice.pick(NAMESPACES) : dice.pick(NAMES);
  return {
    kind,
    group,
    version,
    namespace,
    name,
    object: bodyOf(dice, wildness, kind, { group, version, namespace, name }),
  };
}

/** Another object of the same name: what an UPDATE makes of it. */
export function sentAgain(dice: Dice, wildness: number, before: Sent): Fields {
  if (dice.chance(0.3)) return before.object;
  const next = bodyOf(dice, wildness, before.kind, before);
  // Often only a part is new: that is where a ratchet and the end of a deletion are decided.
  return dice.chance(0.5) ? { ...before.object, ...Object.fromEntries(dice.some(Object.entries(next), 1, 2)) } : next;
}

function bodyOf(
  dice: Dice,
  wildness: number,
  kind: KindName,
  { group, version, namespace, name }: Omit<Sent, 'object' | 'kind'>,
): Fields {
  const body = valueOf(shapeOf(kind), dice, wildness);
  if (typeof body !== 'object' || body === null) return { value: body };
  const isTold = dice.chance(1 - wildness);
  const metadata = {
    ...(isTold ? { name } : { generateName: 'a-' }),
    ...(namespace === '' ? {} : { namespace }),
    ...(dice.chance(0.4) ? { labels: labelsOf(dice, wildness) } : {}),
    ...(dice.chance(0.3) ? { annotations: annotationsOf(dice, wildness) } : {}),
    ...(dice.chance(0.1) ? { deletionTimestamp: '2026-11-21T00:00:00Z', finalizers: ['example.com/hold'] } : {}),
    ...(dice.chance(0.5) ? { creationTimestamp: dice.pick(['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']) } : {}),
    ...(dice.chance(0.2) ? { managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }] } : {}),
  };
  return {
    ...body,
    apiVersion: apiVersionOf(group, version),
    kind,
    metadata: dice.chance(wildness / 2) ? dice.pick(HOSTILE) : metadata,
  };
}

function labelsOf(dice: Dice, wildness: number): unknown {
  const value = (): unknown => (dice.chance(wildness) ? dice.pick(HOSTILE) : dice.pick(['shop', 'platform', 'apps']));
  return Object.fromEntries(dice.some(LABELS, 0, 3).map((key) => [key, value()]));
}

function annotationsOf(dice: Dice, wildness: number): unknown {
  const key = 'external-dns.alpha.kubernetes.io/hostname';
  return {
    canary: CANARY,
    ...(dice.chance(0.5) ? { [key]: dice.chance(wildness) ? dice.pick(HOSTILE) : dice.pick(HOSTILE_HOSTS) } : {}),
  };
}

const HOSTILE_HOSTS: readonly string[] = [
  ...HOSTNAMES,
  'a.com,b.com',
  ' shop.example.com , *',
  ',,',
  'ümlaut.example.com',
];

/** Stands in objects only: it may be in no log line and in no answer. */
export const CANARY = 'canary-5f1d0c';
