import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CHANNELS, checkSchema, formatPath, kindOf, parseApiVersion, type Channel, type KindName } from '#gateway';
import { compileRule } from '../../../src/gateway/schema/celRules.ts';
import { PLAIN_PATTERNS, matchesPattern } from '../../../src/gateway/schema/constraints.ts';
import structures from '../../../src/gateway/schema/structures.generated.json' with { type: 'json' };
import { hasShared, sharedPath } from '../../support/shared.ts';

async function problems(
  kind: KindName,
  raw: unknown,
  { version = 'v1', channel = 'standard', old }: { version?: string; channel?: Channel; old?: unknown } = {},
): Promise<readonly string[]> {
  const found = await checkSchema(kind, version, channel, raw, old);
  return found.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

function route(spec: object): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop' },
    spec,
  };
}

function gateway(listeners: readonly object[], spec: object = {}): object {
  return { ...route({ gatewayClassName: 'c', listeners, ...spec }), kind: 'Gateway' };
}

const HTTP = { name: 'http', port: 80, protocol: 'HTTP' };

/** A route of this `metadata`, besides its name. */
function withMetadata(metadata: object): object {
  return { ...route({}), metadata: { name: 'web', ...metadata } };
}

const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' };
/** What a label is refused for. */
const NAME =
  "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function labels(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, '']));
}

function headerOf(value: string): object {
  return { rules: [{ matches: [{ headers: [{ name: 'a', value }] }] }] };
}

describe('checkSchema says what the API server says', () => {
  const rows: readonly (readonly [string, KindName, object, readonly string[]])[] = [
    ['nothing of a route that is in order', 'HTTPRoute', route({ hostnames: ['a.example.com'] }), []],
    ['nothing of a status', 'HTTPRoute', { ...route({}), status: { nonsense: 1 } }, []],
    [
      'an unknown field, beside the rest',
      'HTTPRoute',
      { ...route({ hostnames: ['A'], rules: [{ retires: 1 }] }), metadata: { name: 'web', lables: {} } },
      [
        'spec.hostnames[0]: Invalid value: "A": spec.hostnames[0] in body should match \'^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$\'',
        'spec.rules[0].retires: unknown field "spec.rules[0].retires"',
        'metadata.lables: unknown field "metadata.lables"',
      ],
    ],
    [
      'a field of the other channel is unknown',
      'HTTPRoute',
      route({ rules: [{ retry: {} }] }),
      ['spec.rules[0].retry: unknown field "spec.rules[0].retry"'],
    ],
    [
      'a type, and no rules beyond it',
      'HTTPRoute',
      route({ hostnames: ['A'], parentRefs: {} }),
      ['spec.parentRefs: Invalid value: "object": spec.parentRefs in body must be of type array: "object"'],
    ],
    ['a required field', 'Gateway', route({ listeners: [HTTP] }), ['spec.gatewayClassName: Required value']],
    [
      'a value of an enum',
      'HTTPRoute',
      route({ rules: [{ matches: [{ method: 'get' }] }] }),
      [
        'spec.rules[0].matches[0].method: Unsupported value: "get": supported values: "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"',
      ],
    ],
    [
      'too many and too few items',
      'Gateway',
      gateway([], { addresses: Array.from({ length: 17 }, (_, at) => ({ value: `10.0.0.${at}` })) }),
      [
        'spec.listeners: Invalid value: 0: spec.listeners in body should have at least 1 items',
        'spec.addresses: Too many: 17: must have at most 16 items',
      ],
    ],
    [
      'too long a text, and an empty one',
      'HTTPRoute',
      route({ parentRefs: [{ name: '' }, { name: 'a'.repeat(254) }] }),
      [
        'spec.parentRefs[0].name: Invalid value: "": spec.parentRefs[0].name in body should be at least 1 chars long',
        'spec.parentRefs[1].name: Too long: may not be more than 253 bytes',
      ],
    ],
    ['a text of 253 characters', 'HTTPRoute', route({ parentRefs: [{ name: 'a'.repeat(253) }] }), []],
    [
      'the same key twice',
      'Gateway',
      gateway([HTTP, { ...HTTP, port: 81 }]),
      ['spec.listeners[1]: Duplicate value: {"name":"http"}'],
    ],
    [
      'an address that is none (oneOf)',
      'Gateway',
      gateway([HTTP], { addresses: [{ value: '300.0.0.1' }, { value: '::1' }, { type: 'Hostname', value: 'a' }] }),
      [
        'spec.addresses[0]: Invalid value: {"value":"300.0.0.1","type":"IPAddress"}: spec.addresses[0] in body must validate one and only one schema (oneOf)',
      ],
    ],
    [
      'CEL: a filter without its field',
      'HTTPRoute',
      route({ rules: [{ filters: [{ type: 'URLRewrite' }] }] }),
      [
        'spec.rules[0].filters[0]: Invalid value: "object": filter.urlRewrite must be specified for URLRewrite filter.type',
      ],
    ],
    [
      'CEL: Gateways of one name in two namespaces',
      'HTTPRoute',
      route({
        parentRefs: [
          { name: 'edge', namespace: 'a' },
          { name: 'edge', namespace: 'b' },
        ],
        rules: [{ filters: [{ type: 'URLRewrite' }] }],
      }),
      [
        'spec.rules[0].filters[0]: Invalid value: "object": filter.urlRewrite must be specified for URLRewrite filter.type',
      ],
    ],
    [
      'CEL: one Gateway twice',
      'HTTPRoute',
      route({
        parentRefs: [
          { name: 'edge', namespace: 'a' },
          { name: 'edge', namespace: 'a' },
        ],
      }),
      [
        'spec.parentRefs: Invalid value: "array": sectionName must be unique when parentRefs includes 2 or more references to the same parent',
      ],
    ],
    [
      'CEL: durations',
      'HTTPRoute',
      route({ rules: [{ timeouts: { request: '1s', backendRequest: '1500ms' } }] }),
      ['spec.rules[0].timeouts: Invalid value: "object": backendRequest timeout cannot be longer than request timeout'],
    ],
    [
      'CEL: a path, with a default of its type',
      'HTTPRoute',
      route({ rules: [{ matches: [{ path: { value: 'a//b' } }] }] }),
      [
        "spec.rules[0].matches[0].path: Invalid value: \"object\": value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
        "spec.rules[0].matches[0].path: Invalid value: \"object\": must not contain '//' when type one of ['Exact', 'PathPrefix']",
      ],
    ],
    [
      'CEL: integers are exact',
      'Gateway',
      gateway([HTTP, { ...HTTP, name: 'b' }]),
      [
        'spec.listeners: Invalid value: "array": Combination of port, protocol and hostname must be unique for each listener',
      ],
    ],
    [
      'a name that is none',
      'HTTPRoute',
      { ...route({}), metadata: { name: 'Web' } },
      [
        "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      ],
    ],
    ['a name to be generated', 'HTTPRoute', { ...route({}), metadata: { generateName: 'web-' } }, []],
    ['one that ends otherwise', 'HTTPRoute', { ...route({}), metadata: { generateName: 'web', name: '' } }, []],
    ...['Web-', 'web.', 'web_-', '-'].map((generateName): [string, KindName, object, readonly string[]] => [
      `what no name can be generated from: ${generateName}`,
      'HTTPRoute',
      { ...route({}), metadata: { generateName } },
      [
        `metadata.generateName: Invalid value: "${generateName}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      ],
    ]),
    [
      'what a name is generated from that is cut',
      'HTTPRoute',
      { ...route({}), metadata: { generateName: `${'a'.repeat(252)}-` } },
      [],
    ],
    [
      'what no name can be generated from, beside a name',
      'HTTPRoute',
      { ...route({}), metadata: { generateName: 'Web', name: 'web' } },
      [
        "metadata.generateName: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      ],
    ],
    [
      'neither a name nor what one is generated from',
      'HTTPRoute',
      { ...route({}), metadata: { generateName: '' } },
      ['metadata.name: Required value: name or generateName is required'],
    ],
    ['a name of 253 characters', 'HTTPRoute', { ...route({}), metadata: { name: 'a'.repeat(253) } }, []],
    [
      'a name of 254 characters',
      'HTTPRoute',
      { ...route({}), metadata: { name: 'a'.repeat(254) } },
      [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
    ],
    [
      'labels, annotations, finalizers and owners that there may be',
      'HTTPRoute',
      withMetadata({
        namespace: 'a'.repeat(63),
        labels: { a: '', ['a'.repeat(63)]: 'a'.repeat(63), 'example.com/A_b.c': 'A_b.c', empty: null },
        annotations: { 'Example.COM/a': 'any text', a: 'é'.repeat(131_061) },
        finalizers: ['orphan', 'example.com/a'],
        ownerReferences: [
          { ...OWNER, controller: true },
          { ...OWNER, kind: 'Event', apiVersion: 'events.k8s.io/v1', controller: null, blockOwnerDeletion: true },
        ],
      }),
      [],
    ],
    [
      'values of labels that there may not be',
      'HTTPRoute',
      withMetadata({ labels: { a: 'b c', 'b.c/d': '-', long: 'a'.repeat(64), end: 'a\n' } }),
      [
        `metadata.labels.a: Invalid value: "b c": a valid label must be an empty string or ${NAME}`,
        `metadata.labels[b.c/d]: Invalid value: "-": a valid label must be an empty string or ${NAME}`,
        `metadata.labels.long: Invalid value: "${'a'.repeat(64)}": must be no more than 63 bytes`,
        `metadata.labels.end: Invalid value: "a\\n": a valid label must be an empty string or ${NAME}`,
      ],
    ],
    [
      'keys of labels that there may not be',
      'HTTPRoute',
      withMetadata({
        labels: {
          'a b': '',
          '': '',
          'a/': '',
          '/a': '',
          'a/b/c': '',
          'A.b/c': '',
          ['a'.repeat(64)]: '',
          [`${'a'.repeat(254)}/a`]: '',
        },
      }),
      [
        `metadata.labels.a b: Invalid value: "a b": name part must ${NAME}`,
        'metadata.labels.: Invalid value: "": name part must be non-empty',
        'metadata.labels[a/]: Invalid value: "a/": name part must be non-empty',
        'metadata.labels[/a]: Invalid value: "/a": prefix part must be non-empty',
        `metadata.labels[a/b/c]: Invalid value: "a/b/c": a valid label key must ${NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
        "metadata.labels[A.b/c]: Invalid value: \"A.b/c\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        `metadata.labels.${'a'.repeat(64)}: Invalid value: "${'a'.repeat(64)}": name part must be no more than 63 bytes`,
        `metadata.labels[${'a'.repeat(254)}/a]: Invalid value: "${'a'.repeat(254)}/a": prefix part must be no more than 253 bytes`,
      ],
    ],
    [
      'annotations that there may not be: more than 256 KiB of them, too',
      'HTTPRoute',
      withMetadata({ annotations: { 'A b': 'b c', a: 'é'.repeat(131_069) } }),
      [
        `metadata.annotations.A b: Invalid value: "A b": name part must ${NAME}`,
        'metadata.annotations: Too long: may not be more than 262144 bytes',
      ],
    ],
    [
      'finalizers that there may not be',
      'HTTPRoute',
      withMetadata({ finalizers: ['a b', 'orphan', 'foregroundDeletion'] }),
      [
        `metadata.finalizers[0]: Invalid value: "a b": name part must ${NAME}`,
        'metadata.finalizers: Invalid value: ["a b","orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      'owners that there may not be',
      'HTTPRoute',
      withMetadata({
        ownerReferences: [
          { apiVersion: 'apps/' },
          { ...OWNER, apiVersion: 'a/b/c', controller: true },
          { ...OWNER, kind: 'Event', controller: true },
        ],
      }),
      [
        'metadata.ownerReferences[0].apiVersion: Invalid value: "apps/": version must not be empty',
        'metadata.ownerReferences[0].kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences[0].name: Invalid value: "": must not be empty',
        'metadata.ownerReferences[0].uid: Invalid value: "": must not be empty',
        'metadata.ownerReferences[1].apiVersion: Invalid value: "a/b/c": version must not be empty',
        'metadata.ownerReferences[2]: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"b","controller":true}: /v1, Kind=Event is disallowed from being an owner',
        'metadata.ownerReferences: Invalid value: [{"apiVersion":"apps/","kind":"","name":"","uid":""},{"apiVersion":"a/b/c","kind":"ConfigMap","name":"a","uid":"b","controller":true},{"apiVersion":"v1","kind":"Event","name":"a","uid":"b","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and Event/a',
      ],
    ],
    [
      'owners of another shape',
      'HTTPRoute',
      withMetadata({ ownerReferences: [{ ...OWNER, name: 5, controler: true }] }),
      [
        'metadata.ownerReferences[0].name: Invalid value: "integer": metadata.ownerReferences[0].name in body must be of type string: "integer"',
        'metadata.ownerReferences[0].controler: unknown field "metadata.ownerReferences[0].controler"',
      ],
    ],
    [
      'a namespace that there cannot be',
      'HTTPRoute',
      withMetadata({ namespace: 'Team.Shop' }),
      [
        'metadata.namespace: Invalid value: "Team.Shop": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and must start and end with an alphanumeric character',
      ],
    ],
    [
      'one of what has none',
      'GatewayClass',
      { ...route({ controllerName: 'a.b/c' }), kind: 'GatewayClass', metadata: { name: 'c', namespace: 'Team.Shop' } },
      [],
    ],
    [
      'one that is a name of more labels',
      'HTTPRoute',
      withMetadata({ namespace: 'team.shop' }),
      ['metadata.namespace: Invalid value: "team.shop": must not contain dots'],
    ],
    [
      'one that is too long',
      'HTTPRoute',
      withMetadata({ namespace: 'a'.repeat(64) }),
      [`metadata.namespace: Invalid value: "${'a'.repeat(64)}": must be no more than 63 bytes`],
    ],
    [
      'a label, beside a rule of spec',
      'HTTPRoute',
      { ...withMetadata({ labels: { a: '-' } }), spec: { rules: [{ filters: [{ type: 'URLRewrite' }] }] } },
      [
        `metadata.labels.a: Invalid value: "-": a valid label must be an empty string or ${NAME}`,
        'spec.rules[0].filters[0]: Invalid value: "object": filter.urlRewrite must be specified for URLRewrite filter.type',
      ],
    ],
    [
      'a type, beside an unknown field',
      'HTTPRoute',
      route({ parentRefs: {}, retires: 1 }),
      [
        'spec.parentRefs: Invalid value: "object": spec.parentRefs in body must be of type array: "object"',
        'spec.retires: unknown field "spec.retires"',
      ],
    ],
    [
      'a rule, beside an unknown field',
      'HTTPRoute',
      route({ rules: [{ filters: [{ type: 'URLRewrite' }], retires: 1 }] }),
      [
        'spec.rules[0].filters[0]: Invalid value: "object": filter.urlRewrite must be specified for URLRewrite filter.type',
        'spec.rules[0].retires: unknown field "spec.rules[0].retires"',
      ],
    ],
    [
      'numbers below and above a range',
      'Gateway',
      gateway([
        { ...HTTP, port: 0 },
        { ...HTTP, name: 'b', port: 65536 },
      ]),
      [
        'spec.listeners[0].port: Invalid value: 0: spec.listeners[0].port in body should be greater than or equal to 1',
        'spec.listeners[1].port: Invalid value: 65536: spec.listeners[1].port in body should be less than or equal to 65535',
      ],
    ],
    ['as many keys of a map as it may have', 'Gateway', gateway([HTTP], { infrastructure: { labels: labels(8) } }), []],
    [
      'one more',
      'Gateway',
      gateway([HTTP], { infrastructure: { labels: labels(9) } }),
      ['spec.infrastructure.labels: Too many: 9: must have at most 8 items'],
    ],
    ['characters are counted, not what JavaScript counts', 'HTTPRoute', route(headerOf('\u{1f600}'.repeat(4096))), []],
    [
      'one more of them',
      'HTTPRoute',
      route(headerOf('\u{1f600}'.repeat(4097))),
      ['spec.rules[0].matches[0].headers[0].value: Too long: may not be more than 4096 bytes'],
    ],
    [
      'labels named as JavaScript names things',
      'Gateway',
      gateway([HTTP], { infrastructure: { labels: { constructor: 'a', toString: 'b' } } }),
      [],
    ],
  ];
  test.each(rows)('%s', async (_name, kind, raw, expected) => {
    expect(await problems(kind, raw)).toEqual(expected);
  });

  test('a version that the channel does not have, and a kind that is not ours', async () => {
    expect(await problems('TCPRoute', route({}), { version: 'v1alpha2' })).toEqual([
      'apiVersion: no matches for kind "TCPRoute" in version "gateway.networking.k8s.io/v1alpha2" of the standard channel',
    ]);
    expect(await problems('Service', { spec: 1 })).toEqual([]);
  });

  test('of a change what a name is generated from is not looked at, finalizers are', async () => {
    const raw = withMetadata({ generateName: 'A', finalizers: ['a b'] });
    const generateName = `metadata.generateName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`;
    const finalizer = `metadata.finalizers[0]: Invalid value: "a b": name part must ${NAME}`;
    expect(await problems('HTTPRoute', raw)).toEqual([generateName, finalizer]);
    expect(await problems('HTTPRoute', raw, { old: route({}) })).toEqual([finalizer]);
  });

  test('a rule about a change', async () => {
    const classOf = (controllerName: string): object => ({ ...route({ controllerName }), kind: 'GatewayClass' });
    expect(await problems('GatewayClass', classOf('a.b/c'))).toEqual([]);
    expect(await problems('GatewayClass', classOf('a.b/c'), { old: classOf('a.b/c') })).toEqual([]);
    expect(await problems('GatewayClass', classOf('a.b/c'), { old: classOf('a.b/d') })).toEqual([
      'spec.controllerName: Invalid value: "string": Value is immutable',
    ]);
  });

  test('the functions that Kubernetes adds to CEL', async () => {
    const hostnames = ['10.0.0.1'];
    const tls = { ...route({ hostnames, rules: [{ backendRefs: [{ name: 'a', port: 1 }] }] }), kind: 'TLSRoute' };
    expect(await problems('TLSRoute', tls)).toEqual([
      'spec.hostnames: Invalid value: "array": Hostnames cannot contain an IP',
    ]);
    const xBackend = (name: string): object => ({
      ...route({ type: 'ExternalHostname', externalHostname: { hostname: 'a.example.com' }, port: { port: 1, name } }),
      apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
      kind: 'XBackend',
    });
    const options = { version: 'v1alpha1', channel: 'experimental' } as const;
    expect(await problems('XBackend', xBackend('http'), options)).toEqual([]);
    expect(await problems('XBackend', xBackend('-http'), options)).toEqual([
      'spec.port.name: Invalid value: "string": Name must be a valid DNS label',
    ]);
  });

  test('a pattern does not backtrack', async () => {
    const set = [{ name: 'a', value: `${'a'.repeat(4000)}\u0001` }];
    const raw = route({ rules: [{ filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set } }] }] });
    expect(await problems('HTTPRoute', raw)).toEqual([]);
    expect(await problems('HTTPRoute', raw, { channel: 'experimental' })).toHaveLength(1);
  });
});

test('what is not matched by RE2 itself is matched as RE2 does, and stands in a schema', () => {
  const used = structures.nodes.map((node) => Reflect.get(node, 'pattern'));
  expect([...PLAIN_PATTERNS].filter((pattern) => !used.includes(pattern))).toEqual([]);
  const letters = fc.constantFrom(
    ...Array.from('aaazZ09--..**_/%:~!'),
    ' ',
    '\n',
    '\r',
    '\u2028',
    'ı',
    'ſ',
    'é',
    '\ud83d',
    '😀',
  );
  for (const pattern of PLAIN_PATTERNS) {
    const re2 = RE2JS.compile(pattern);
    const agrees = (text: string): void => {
      expect(matchesPattern(pattern, text)).toBe(re2.matcher(text).find());
    };
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 12 }).map((parts) => parts.join('')),
        agrees,
      ),
    );
    for (const repeated of ['a', '-', 'a-', 'a.', 'a-a.', '%2f', '*.']) {
      for (const end of ['', 'a', '-', '.', '\n']) agrees(`${repeated.repeat(500)}${end}`);
    }
  }
});

test('every rule of every schema compiles: none is left out', () => {
  const rules = structures.nodes.flatMap((node) => {
    const validations: unknown = Reflect.get(node, 'x-kubernetes-validations');
    return z.array(z.strictObject({ rule: z.string(), message: z.string() })).parse(validations ?? []);
  });
  expect(rules.length).toBeGreaterThan(100);
  for (const { rule } of rules) expect(() => compileRule(rule)).not.toThrow();
});

const expectations = z.object({
  crdRejected: z.array(z.object({ file: z.string(), rejectedOn: z.array(z.enum(CHANNELS)) })),
  crdAccepted: z.array(z.object({ file: z.string(), appliesOn: z.array(z.enum(CHANNELS)) })),
});

const known = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/** `path: message` of everything wrong with the Gateway API objects of a file. */
async function problemsOfFile(file: string, channel: Channel): Promise<readonly string[]> {
  const text = readFileSync(sharedPath('gateway-api', file), 'utf8')
    .replaceAll('{GATEWAY_CLASS_NAME}', 'conformance')
    .replaceAll('{GATEWAY_CONTROLLER_NAME}', 'example.com/controller')
    .replaceAll('PLACEHOLDER_UNUSABLE_ADDRS', '192.0.2.1')
    .replaceAll('PLACEHOLDER_USABLE_ADDRS', '192.0.2.2');
  const found: string[] = [];
  for (const document of loadAll(text)) {
    const head = known.safeParse(document);
    if (!head.success) continue;
    const { group, version } = parseApiVersion(head.data.apiVersion);
    const kind = kindOf(group, head.data.kind);
    if (kind !== undefined) found.push(...(await problems(kind, document, { version, channel })));
  }
  return found;
}

describe.skipIf(!hasShared)('the corpus of Gateway API', () => {
  const text = hasShared ? readFileSync(sharedPath('gateway-api/conformance/expectations.json'), 'utf8') : '{}';
  const { crdRejected, crdAccepted } = hasShared
    ? expectations.parse(JSON.parse(text))
    : { crdRejected: [], crdAccepted: [] };

  test('every file that the CRDs refuse is refused, in the channels that refuse it and in no other', async () => {
    for (const { file, rejectedOn } of crdRejected) {
      const refusedOn: Channel[] = [];
      for (const channel of CHANNELS) {
        const found = await problemsOfFile(file, channel);
        if (found.some((problem) => !problem.includes(': unknown field '))) refusedOn.push(channel);
      }
      expect([file, ...refusedOn.filter((channel) => rejectedOn.includes(channel))]).toEqual([file, ...rejectedOn]);
    }
  });

  test('every file that the CRDs accept is accepted', async () => {
    for (const { file, appliesOn } of crdAccepted) {
      for (const channel of appliesOn)
        expect([file, channel, await problemsOfFile(file, channel)]).toEqual([file, channel, []]);
    }
  });

  test('every conformance manifest is accepted', async () => {
    const files = readdirSync(sharedPath('gateway-api/conformance'), { recursive: true, encoding: 'utf8' });
    const manifests = files.filter((file) => file.endsWith('.yaml'));
    expect(manifests.length).toBeGreaterThan(100);
    for (const file of manifests) {
      expect([file, await problemsOfFile(`conformance/${file}`, 'experimental')]).toEqual([file, []]);
    }
  });
});
