import { describe, expect, test } from 'vitest';
import { formatPath, normalise, type KindName, type Normalised } from '#gateway';

const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'shop' },
};
const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'infra' },
};
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

function listener(fields: object): object {
  return {
    ...gateway,
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP', ...fields }] },
  };
}

/** `path: message` of each problem. */
function problemsOf(normalised: Normalised): readonly string[] {
  return normalised.ok ? [] : normalised.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

function objectOf(normalised: Normalised): unknown {
  if (!normalised.ok) throw new Error(problemsOf(normalised).join('\n'));
  return normalised.object;
}

describe('normalise refuses what is not of the shape', () => {
  const rows: readonly (readonly [string, KindName, unknown, readonly string[]])[] = [
    ['A23: null', 'HTTPRoute', null, [': is not a HTTPRoute: a YAML or JSON object is needed']],
    ['A23: a list', 'HTTPRoute', [route], [': is not a HTTPRoute: a YAML or JSON object is needed']],
    ['another kind', 'HTTPRoute', gateway, ['kind: Invalid value: must be HTTPRoute']],
    [
      'another group',
      'HTTPRoute',
      { ...route, apiVersion: 'example.com/v1', spec: {} },
      ['apiVersion: Invalid value: must be of the group "gateway.networking.k8s.io"'],
    ],
    [
      'a numeric apiVersion',
      'Namespace',
      { ...namespace, apiVersion: 1 },
      ['apiVersion: Invalid value: must be of the group ""'],
    ],
    ['A23: metadata null', 'HTTPRoute', { ...route, metadata: null, spec: {} }, ['metadata: Required value']],
    ['A23: spec missing', 'HTTPRoute', route, ['spec: Required value']],
    ['A23: spec null', 'HTTPRoute', { ...route, spec: null }, ['spec: Required value']],
    [
      'A23: spec a list',
      'HTTPRoute',
      { ...route, spec: [] },
      ['spec: Invalid value: "array": spec in body must be of type object: "array"'],
    ],
    [
      'A23: rules an object, hostnames a text',
      'HTTPRoute',
      { ...route, spec: { rules: {}, hostnames: 'a' } },
      [
        'spec.rules: Invalid value: "object": spec.rules in body must be of type array: "object"',
        'spec.hostnames: Invalid value: "string": spec.hostnames in body must be of type array: "string"',
      ],
    ],
    [
      'A23: a null in a list',
      'HTTPRoute',
      { ...route, spec: { parentRefs: [null] } },
      ['spec.parentRefs[0]: Invalid value: "null": spec.parentRefs[0] in body must be of type object: "null"'],
    ],
    [
      'A23: a numeric name',
      'HTTPRoute',
      { ...route, metadata: { name: 5 }, spec: {} },
      ['metadata.name: Invalid value: "integer": metadata.name in body must be of type string: "integer"'],
    ],
    [
      'A23: a numeric name of a parent',
      'HTTPRoute',
      { ...route, spec: { parentRefs: [{ name: 5 }] } },
      [
        'spec.parentRefs[0].name: Invalid value: "integer": spec.parentRefs[0].name in body must be of type string: "integer"',
      ],
    ],
    [
      'a parent without a name',
      'HTTPRoute',
      { ...route, spec: { parentRefs: [{}] } },
      ['spec.parentRefs[0].name: Required value'],
    ],
    [
      'no name and no generateName',
      'HTTPRoute',
      { ...route, metadata: { namespace: 'shop' }, spec: {} },
      ['metadata.name: Required value: name or generateName is required'],
    ],
    [
      'empty name and generateName',
      'Namespace',
      { ...namespace, metadata: { name: '', generateName: '' } },
      ['metadata.name: Required value: name or generateName is required'],
    ],
    [
      'a numeric label',
      'Namespace',
      { ...namespace, metadata: { name: 'shop', labels: { tier: 1 } } },
      [
        'metadata.labels.tier: Invalid value: "integer": metadata.labels.tier in body must be of type string: "integer"',
      ],
    ],
    [
      'A21: a port as text',
      'Gateway',
      listener({ port: '80' }),
      [
        'spec.listeners[0].port: Invalid value: "string": spec.listeners[0].port in body must be of type integer: "string"',
      ],
    ],
    [
      'A21: a port with a fraction',
      'Gateway',
      listener({ port: 80.5 }),
      [
        'spec.listeners[0].port: Invalid value: "number": spec.listeners[0].port in body must be of type integer: "number"',
      ],
    ],
    [
      'A21: a port of 1e400',
      'Gateway',
      listener({ port: Infinity }),
      [
        'spec.listeners[0].port: Invalid value: Infinity: spec.listeners[0].port in body must be an integer of at most 2^53 - 1 in size',
      ],
    ],
    [
      'A21: a port above 2^53',
      'Gateway',
      listener({ port: 2 ** 53 }),
      [
        'spec.listeners[0].port: Invalid value: 9007199254740992: spec.listeners[0].port in body must be an integer of at most 2^53 - 1 in size',
      ],
    ],
    [
      'A21: a port of 65536',
      'Gateway',
      listener({ port: 65536 }),
      [
        'spec.listeners[0].port: Invalid value: 65536: spec.listeners[0].port in body should be less than or equal to 65535',
      ],
    ],
    [
      'A21: a port of -0',
      'Gateway',
      listener({ port: -0 }),
      ['spec.listeners[0].port: Invalid value: 0: spec.listeners[0].port in body should be greater than or equal to 1'],
    ],
    [
      'a CRD whose versions are a map',
      'CustomResourceDefinition',
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'a.b' },
        spec: { group: 'b', names: { kind: 'A', plural: 'a' }, versions: {} },
      },
      ['spec.versions: Invalid value: "object": spec.versions in body must be of type array: "object"'],
    ],
  ];
  test.each(rows)('%s', (_name, kind, raw, problems) => {
    expect(problemsOf(normalise(kind, raw))).toEqual(problems);
  });

  test('the valid neighbours pass', () => {
    expect(normalise('Gateway', listener({ port: 65535 })).ok).toBe(true);
    expect(normalise('Gateway', listener({ port: 80 })).ok).toBe(true);
    expect(normalise('HTTPRoute', { ...route, spec: { rules: [], hostnames: ['a'] } }).ok).toBe(true);
  });

  test('A23: a null in spec is pruned, or refused where none can come from', () => {
    const raw = {
      ...route,
      metadata: { ...route.metadata, creationTimestamp: null },
      spec: { parentRefs: null },
    };
    expect(problemsOf(normalise('HTTPRoute', raw))).toEqual([]);
    expect(problemsOf(normalise('HTTPRoute', raw, 'refuse'))).toEqual([
      'spec.parentRefs: Invalid value: "null": spec.parentRefs in body must be of type array: "null"',
    ]);
  });

  test('a status that is not of its shape counts as none', () => {
    const spec = { rules: [], parentRefs: [{ name: 1 }] };
    const raw = { ...route, spec, status: { parents: null } };
    expect(problemsOf(normalise('HTTPRoute', raw))).toEqual([
      'spec.parentRefs[0].name: Invalid value: "integer": spec.parentRefs[0].name in body must be of type string: "integer"',
    ]);
    expect(normalise('HTTPRoute', { ...raw, spec: { rules: [] } })).toEqual({
      ok: true,
      object: { ...route, spec: { rules: [] } },
    });
  });

  test('A20: the number of problems is bounded', () => {
    const raw = { ...route, spec: { hostnames: Array.from({ length: 4096 }, () => 1) } };
    expect(problemsOf(normalise('HTTPRoute', raw))).toHaveLength(50);
  });
});

describe('normalise fills in what the API server fills in', () => {
  test('an HTTPRoute without rules', () => {
    const raw = { ...route, spec: { parentRefs: [{ name: 'public' }], hostnames: null } };
    expect(objectOf(normalise('HTTPRoute', raw))).toEqual({
      ...route,
      spec: {
        parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }],
        rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
      },
    });
    expect(raw.spec.hostnames).toBe(null);
  });

  test('the rules of an HTTPRoute', () => {
    const rule = {
      matches: [{ headers: [{ name: 'a', value: 'b' }], queryParams: [{ name: 'c', value: 'd' }] }],
      filters: [
        { type: 'RequestRedirect', requestRedirect: {} },
        { type: 'RequestMirror', requestMirror: { backendRef: { name: 'm' }, fraction: { numerator: 1 } } },
      ],
      backendRefs: [{ name: 'web', port: 80 }],
    };
    expect(objectOf(normalise('HTTPRoute', { ...route, spec: { rules: [rule] } }))).toEqual({
      ...route,
      spec: {
        rules: [
          {
            matches: [
              {
                path: { type: 'PathPrefix', value: '/' },
                headers: [{ type: 'Exact', name: 'a', value: 'b' }],
                queryParams: [{ type: 'Exact', name: 'c', value: 'd' }],
              },
            ],
            filters: [
              { type: 'RequestRedirect', requestRedirect: { statusCode: 302 } },
              {
                type: 'RequestMirror',
                requestMirror: {
                  backendRef: { group: '', kind: 'Service', name: 'm' },
                  fraction: { numerator: 1, denominator: 100 },
                },
              },
            ],
            backendRefs: [{ group: '', kind: 'Service', weight: 1, name: 'web', port: 80 }],
          },
        ],
      },
    });
  });

  test('a listener, and no status', () => {
    const tls = { certificateRefs: [{ name: 'cert' }] };
    expect(objectOf(normalise('Gateway', listener({ protocol: 'TLS', tls })))).toEqual({
      ...gateway,
      spec: {
        gatewayClassName: 'c',
        listeners: [
          {
            name: 'http',
            port: 80,
            protocol: 'TLS',
            tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'cert' }] },
            allowedRoutes: { namespaces: { from: 'Same' } },
          },
        ],
      },
    });
  });

  test('the selector without from, beside its default', () => {
    const allowedRoutes = { namespaces: { selector: {} }, kinds: [{ kind: 'HTTPRoute' }] };
    expect(objectOf(normalise('Gateway', listener({ allowedRoutes })))).toMatchObject({
      spec: {
        listeners: [
          {
            allowedRoutes: {
              namespaces: { from: 'Same', selector: {} },
              kinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
            },
          },
        ],
      },
    });
  });

  test('the name of a Namespace, whatever its label says', () => {
    const named = { name: 'shop', labels: { a: 'b', 'kubernetes.io/metadata.name': 'shop' } };
    const raw = { ...namespace, metadata: { name: 'shop', labels: { a: 'b', 'kubernetes.io/metadata.name': 'x' } } };
    expect(objectOf(normalise('Namespace', raw))).toEqual({ ...namespace, metadata: named });
    expect(objectOf(normalise('Namespace', namespace))).toEqual({
      ...namespace,
      metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } },
    });
  });

  test('a null label is the empty text', () => {
    const raw = { ...route, metadata: { name: 'web', labels: { a: null }, annotations: null }, spec: { rules: [] } };
    expect(objectOf(normalise('HTTPRoute', raw))).toEqual({
      ...route,
      metadata: { name: 'web', labels: { a: '' } },
      spec: { rules: [] },
    });
  });

  test('a name that is still to be generated', () => {
    const raw = { ...route, metadata: { generateName: 'web-' }, spec: { rules: [] } };
    expect(objectOf(normalise('HTTPRoute', raw))).toEqual({ ...raw, metadata: { generateName: 'web-', name: '' } });
  });

  test('a feature as bundles v1.0 and v1.1 wrote it', () => {
    const raw = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'c' },
      spec: { controllerName: 'example.com/c' },
      status: { supportedFeatures: ['HTTPRoute', { name: 'Gateway' }] },
    };
    expect(objectOf(normalise('GatewayClass', raw))).toMatchObject({
      status: { supportedFeatures: [{ name: 'HTTPRoute' }, { name: 'Gateway' }] },
    });
  });

  test('what older bundles let pass: a grant without spec, a TLSRoute v1 without hostnames, fields that are gone', () => {
    const grant = {
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: 'g', namespace: 'a' },
    };
    expect(objectOf(normalise('ReferenceGrant', grant))).toEqual({ ...grant, spec: { from: [], to: [] } });
    const tls = { ...route, kind: 'TLSRoute', spec: { rules: [{ backendRefs: [{ name: 'db' }] }] } };
    expect(objectOf(normalise('TLSRoute', tls))).toMatchObject({
      spec: { rules: [{ backendRefs: [{ group: '', kind: 'Service', weight: 1, name: 'db' }] }] },
    });
    const validation = { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] };
    expect(objectOf(normalise('Gateway', listener({ tls: { frontendValidation: validation } })))).toMatchObject({
      spec: { listeners: [{ tls: { mode: 'Terminate', frontendValidation: validation } }] },
    });
    expect(
      problemsOf(normalise('Gateway', listener({ tls: { frontendValidation: { caCertificateRefs: 1 } } }))),
    ).toEqual([
      'spec.listeners[0].tls.frontendValidation.caCertificateRefs: Invalid value: "integer": spec.listeners[0].tls.frontendValidation.caCertificateRefs in body must be of type array: "integer"',
    ]);
  });

  test('A30: every served version has the same defaults', () => {
    const spec = { parentRefs: [{ name: 'a' }], rules: [{ backendRefs: [{ name: 'b' }] }] };
    const v1 = objectOf(normalise('HTTPRoute', { ...route, spec }));
    const v1beta1 = objectOf(
      normalise('HTTPRoute', { ...route, apiVersion: 'gateway.networking.k8s.io/v1beta1', spec }),
    );
    expect(v1beta1).toEqual({ ...Object(v1), apiVersion: 'gateway.networking.k8s.io/v1beta1' });
  });
});

describe('normalise leaves alone', () => {
  test('an object that has everything: the same object comes back', () => {
    const raw = {
      ...route,
      spec: { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [] }] },
      unknown: { deep: [null, 1] },
    };
    expect(objectOf(normalise('HTTPRoute', raw))).toBe(raw);
  });

  test('its argument, and the parts that nothing is added to', () => {
    const filters = Object.freeze([Object.freeze({ type: 'ExtensionRef' })]);
    const raw = Object.freeze({
      ...route,
      spec: Object.freeze({ rules: Object.freeze([Object.freeze({ filters })]) }),
    });
    expect(objectOf(normalise('HTTPRoute', raw))).toHaveProperty('spec.rules[0].filters', filters);
  });

  test('A14, A15: keys named __proto__ and constructor', () => {
    const raw: unknown = JSON.parse(
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","labels":{"__proto__":"x","constructor":"y"}},"__proto__":{"z":1}}',
    );
    const object = objectOf(normalise('Namespace', raw));
    expect(JSON.stringify(object)).toBe(
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","labels":{"__proto__":"x","constructor":"y","kubernetes.io/metadata.name":"a"}},"__proto__":{"z":1}}',
    );
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe('normalise measures how deep an object nests', () => {
  const rows: readonly (readonly [string, KindName, number, boolean])[] = [
    ['A19: the deepest below a field that no schema knows', 'HTTPRoute', 510, true],
    ['A19: one deeper', 'HTTPRoute', 511, false],
    ['A19: the deepest in a kind that is filled the long way', 'Gateway', 510, true],
    ['A19: one deeper there', 'Gateway', 511, false],
    ['A19: far deeper than a stack', 'HTTPRoute', 100_000, false],
  ];
  test.each(rows)('%s', (_name, kind, levels, isTaken) => {
    let deep: unknown = 1;
    for (let level = 0; level < levels; level += 1) deep = { deep };
    const base = kind === 'Gateway' ? gateway : route;
    const normalised = normalise(kind, { ...base, spec: { rules: [], gatewayClassName: 'c', listeners: [], deep } });
    expect(problemsOf(normalised)).toEqual(isTaken ? [] : [': nests deeper than 512 levels']);
  });
});

describe('normalise bounds lists and maps', () => {
  const many = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `n${at}`);
  const labelled = (count: number): unknown => ({
    ...namespace,
    metadata: { name: 'shop', labels: Object.fromEntries(many(count).map((name) => [name, ''])) },
  });
  const ingress = (spec: unknown): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop' },
    spec,
  });
  const paths = (count: number): unknown =>
    ingress({ rules: [{ http: { paths: many(count).map((name) => ({ path: `/${name}` })) } }] });
  const rules = (count: number): unknown => ingress({ rules: many(count).map((host) => ({ host })) });
  const rows: readonly (readonly [string, KindName, unknown, readonly string[]])[] = [
    ['A20: the longest list', 'HTTPRoute', { ...route, spec: { hostnames: many(4096) } }, []],
    [
      'A20: one item more',
      'HTTPRoute',
      { ...route, spec: { hostnames: many(4097) } },
      ['spec.hostnames: Too many: 4097: must have at most 4096 items'],
    ],
    ['A20: the most labels', 'Namespace', labelled(4095), []],
    [
      'A20: more labels',
      'Namespace',
      labelled(4097),
      ['metadata.labels: Too many: 4097: must have at most 4096 items'],
    ],
    ['A20: more paths than Gateway API would take', 'Ingress', paths(4097), []],
    [
      'A20: more paths than an Ingress can hold',
      'Ingress',
      paths(65_537),
      ['spec.rules[0].http.paths: Too many: 65537: must have at most 65536 items'],
    ],
    ['A20: more rules than Gateway API would take', 'Ingress', rules(4097), []],
    [
      'A20: more rules than an Ingress can hold',
      'Ingress',
      rules(65_537),
      ['spec.rules: Too many: 65537: must have at most 65536 items'],
    ],
    ['A20: as many certificates', 'Ingress', ingress({ tls: many(4097).map((host) => ({ hosts: [host] })) }), []],
    ['A20: a certificate for as many hosts', 'Ingress', ingress({ tls: [{ hosts: many(4097) }] }), []],
  ];
  test.each(rows)('%s', (_name, kind, raw, problems) => {
    expect(problemsOf(normalise(kind, raw))).toEqual(problems);
  });
});
