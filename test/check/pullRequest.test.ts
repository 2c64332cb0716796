import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import type { CheckOptions } from '../../src/check/index.ts';
import { check, commit, findingsOf, folderOf, git } from '../support/checkRun.ts';

const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: hostnames }
spec:
  action: Deny
  owners:
  - { hostnames: [shop.example.com], namespaces: [team-shop] }
  - { hostnames: [pay.example.com], namespaces: [team-pay] }
  - { hostnames: ["*.example.com"], namespaces: [infra] }
---
apiVersion: gateward.dev/v1alpha1
kind: ReferenceGrantScope
metadata: { name: grants }
spec: { action: Deny, rules: { unused: Disabled, wider-than-used: Disabled } }
---
apiVersion: gateward.dev/v1alpha1
kind: RouteAttachment
metadata: { name: attachment }
spec: { action: Deny }
---
apiVersion: gateward.dev/v1alpha1
kind: BackendReferences
metadata: { name: backends }
spec: { action: Warn, rules: { ref-not-permitted: Deny } }
`;

const namespace = (name: string, labels = ''): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`;

const gateway = (name: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: infra }
spec:
  gatewayClassName: public
  listeners:
  - name: https
    hostname: "*.example.com"
    port: 443
    protocol: HTTPS
    tls: { certificateRefs: [{ name: example }] }
    allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { routes: public } } } }
`;

const route = (at: string, hostname: string, backend = 'name: web, port: 80', parent = 'public'): string => {
  const [own = '', name = ''] = at.split('/');
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${own} }
spec:
  parentRefs: [{ name: ${parent}, namespace: infra }]
  hostnames: [${hostname}]
  rules: [{ backendRefs: [{ ${backend} }] }]
`;
};

const service = (at: string): string => {
  const [own = '', name = ''] = at.split('/');
  return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${own} }\nspec: { ports: [{ port: 80 }] }\n`;
};

const GRANT = `apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: from-shop, namespace: team-pay }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: team-shop }]
  to: [{ group: "", kind: Service, name: api }]
`;

/** A route whose hostname is not its namespace's. */
const BAD = route('team-shop/bad', 'other.example.com', 'name: api, namespace: team-pay, port: 80');

/** What two teams have on one Gateway: the shop also sends to a Service of the other team. */
const MAIN = {
  'policies/all.yaml': DOCUMENTS,
  'm/namespaces.yaml': [namespace('team-shop', 'routes: public'), namespace('team-pay', 'routes: public')].join(
    '---\n',
  ),
  'm/infra/gateway.yaml': gateway('public'),
  'm/shop/route.yaml': route('team-shop/shop', 'shop.example.com', 'name: api, namespace: team-pay, port: 80'),
  'm/pay/route.yaml': route('team-pay/pay', 'pay.example.com'),
  'm/pay/services.yaml': [service('team-pay/web'), service('team-pay/api')].join('---\n'),
  'm/pay/grant.yaml': GRANT,
};

interface Row {
  readonly name: string;
  /** What main has besides, or in place of, {@link MAIN}. */
  readonly main?: Readonly<Record<string, string>>;
  /** What the pull request writes; undefined: it removes the file. */
  readonly change: Readonly<Record<string, string | undefined>>;
  readonly moves?: Readonly<Record<string, string>>;
  /** Default `m`. */
  readonly paths?: readonly string[];
  readonly code: number;
  readonly findings: readonly string[];
  readonly hints?: string;
}

const ROWS: readonly Row[] = [
  { name: 'nothing changes', change: {}, code: 0, findings: [] },
  {
    name: 'a grant goes that a route still needs',
    change: { 'm/pay/grant.yaml': undefined },
    code: 0,
    findings: [
      // Another grant may be out of sight.
      'm/shop/route.yaml:7:27 warn? backend-references/ref-not-permitted HTTPRoute team-shop/shop spec.rules[0].backendRefs[0]',
      'main:m/pay/grant.yaml:1:1 warn? reference-grants/in-use ReferenceGrant team-pay/from-shop ',
    ],
  },
  {
    name: 'a grant goes with the route that needed it',
    change: { 'm/pay/grant.yaml': undefined, 'm/shop/route.yaml': undefined },
    code: 0,
    findings: [],
  },
  {
    name: 'a grant is written anew under another name',
    change: { 'm/pay/grant.yaml': GRANT.replace('from-shop', 'shop-to-api') },
    code: 0,
    findings: [],
  },
  {
    name: 'a grant is narrowed to another Service',
    change: { 'm/pay/grant.yaml': GRANT.replace('name: api', 'name: web') },
    code: 0,
    findings: [
      'm/pay/grant.yaml:4:1 warn? reference-grants/in-use ReferenceGrant team-pay/from-shop spec',
      'm/shop/route.yaml:7:27 warn? backend-references/ref-not-permitted HTTPRoute team-shop/shop spec.rules[0].backendRefs[0]',
    ],
  },
  {
    name: 'a hostname moves to a team that does not own it',
    change: {
      'm/shop/route.yaml': undefined,
      'm/pay/shop.yaml': route('team-pay/shop', 'shop.example.com'),
      'm/pay/grant.yaml': undefined,
    },
    code: 1,
    findings: ['m/pay/shop.yaml:6:15 deny hostname-ownership/not-owned HTTPRoute team-pay/shop spec.hostnames[0]'],
  },
  {
    name: 'a hostname moves together with its line in the documents',
    change: {
      'policies/all.yaml': DOCUMENTS.replace(
        'hostnames: [shop.example.com], namespaces: [team-shop]',
        'hostnames: [shop.example.com], namespaces: [team-pay]',
      ),
      'm/shop/route.yaml': undefined,
      'm/pay/shop.yaml': route('team-pay/shop', 'shop.example.com'),
      'm/pay/grant.yaml': undefined,
    },
    code: 0,
    findings: [],
  },
  {
    name: 'a hostname moves, but its former route stays',
    change: {
      'policies/all.yaml': DOCUMENTS.replace(
        'hostnames: [shop.example.com], namespaces: [team-shop]',
        'hostnames: [shop.example.com], namespaces: [team-pay]',
      ),
      'm/pay/shop.yaml': route('team-pay/shop', 'shop.example.com'),
    },
    code: 1,
    findings: [
      'm/pay/shop.yaml:6:15 warn hostname-ownership/conflict HTTPRoute team-pay/shop spec.hostnames[0]',
      'm/shop/route.yaml:6:15 deny hostname-ownership/conflict HTTPRoute team-shop/shop spec.hostnames[0]',
      'm/shop/route.yaml:6:15 warn hostname-ownership/not-owned HTTPRoute team-shop/shop spec.hostnames[0]',
    ],
  },
  {
    name: 'a Gateway is renamed, and a route forgotten',
    change: {
      'm/infra/gateway.yaml': gateway('shared'),
      'm/pay/route.yaml': route('team-pay/pay', 'pay.example.com', 'name: web, port: 80', 'shared'),
    },
    code: 1,
    findings: [
      'm/shop/route.yaml:5:16 deny route-attachment/parent-not-found HTTPRoute team-shop/shop spec.parentRefs[0]',
    ],
  },
  {
    name: 'a Namespace loses the label by which its routes are admitted',
    change: { 'm/namespaces.yaml': [namespace('team-shop'), namespace('team-pay', 'routes: public')].join('---\n') },
    code: 1,
    findings: [
      'm/shop/route.yaml:5:16 deny route-attachment/not-allowed-by-listeners HTTPRoute team-shop/shop spec.parentRefs[0]',
    ],
  },
  {
    name: 'a Namespace that never had the label keeps its old fault',
    main: { 'm/namespaces.yaml': [namespace('team-shop'), namespace('team-pay', 'routes: public')].join('---\n') },
    change: {
      'm/shop/route.yaml': route('team-shop/shop', 'shop.example.com', 'name: api, namespace: team-pay, port: 81'),
    },
    code: 0,
    findings: [
      'm/shop/route.yaml:5:16 warn route-attachment/not-allowed-by-listeners HTTPRoute team-shop/shop spec.parentRefs[0]',
      'm/shop/route.yaml:7:27 warn backend-references/port-not-found HTTPRoute team-shop/shop spec.rules[0].backendRefs[0]',
    ],
  },
  {
    name: 'files move without change',
    main: { 'm/shop/bad.yaml': BAD },
    change: {},
    moves: { 'm/shop': 'm/teams/shop' },
    code: 0,
    findings: [
      'm/teams/shop/bad.yaml:6:15 warn hostname-ownership/not-owned HTTPRoute team-shop/bad spec.hostnames[0]',
    ],
  },
  {
    name: 'a file moves into the paths that are checked',
    main: { 'old/bad.yaml': BAD },
    change: {},
    moves: { 'old/bad.yaml': 'm/shop/bad.yaml' },
    code: 0,
    findings: ['m/shop/bad.yaml:6:15 warn hostname-ownership/not-owned HTTPRoute team-shop/bad spec.hostnames[0]'],
  },
  {
    name: 'an object is renamed: to the cluster it is a new one',
    main: { 'm/shop/bad.yaml': BAD },
    change: { 'm/shop/bad.yaml': BAD.replace('name: bad', 'name: worse') },
    code: 1,
    findings: ['m/shop/bad.yaml:6:15 deny hostname-ownership/not-owned HTTPRoute team-shop/worse spec.hostnames[0]'],
  },
  {
    name: 'a route goes',
    change: { 'm/pay/route.yaml': undefined },
    code: 0,
    findings: [],
  },
  {
    name: 'a path that did not exist',
    change: { 'n/route.yaml': BAD },
    paths: ['n'],
    code: 1,
    findings: [
      'n/route.yaml:6:15 deny hostname-ownership/not-owned HTTPRoute team-shop/bad spec.hostnames[0]',
      'n/route.yaml:5:16 warn? route-attachment/parent-not-found HTTPRoute team-shop/bad spec.parentRefs[0]',
      'n/route.yaml:7:27 warn? backend-references/ref-not-permitted HTTPRoute team-shop/bad spec.rules[0].backendRefs[0]',
    ],
    hints: 'hint: n did not exist at main: all in it counts as new\n',
  },
  {
    name: 'a path that did not exist, into which files have moved',
    main: { 'old/bad.yaml': BAD },
    change: {},
    moves: { 'old/bad.yaml': 'n/bad.yaml' },
    paths: ['n'],
    code: 0,
    findings: [
      'n/bad.yaml:6:15 warn hostname-ownership/not-owned HTTPRoute team-shop/bad spec.hostnames[0]',
      'n/bad.yaml:5:16 warn route-attachment/parent-not-found HTTPRoute team-shop/bad spec.parentRefs[0]',
      'n/bad.yaml:7:27 warn backend-references/ref-not-permitted HTTPRoute team-shop/bad spec.rules[0].backendRefs[0]',
    ],
  },
  {
    name: 'a Helm chart beside the manifests is passed over, then and now',
    main: { 'm/chart/Chart.yaml': 'name: chart\n', 'm/chart/templates/route.yaml': '{{ if .x }}\na: b\n{{ end }}\n' },
    change: {},
    code: 0,
    findings: [],
    hints:
      'hint: m/chart/templates holds Helm templates, which were passed over: helm template m/chart | gateward check -\n',
  },
];

function write(folder: string, files: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }
}

describe('a pull request against main', () => {
  test.each(ROWS.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    using folder = folderOf({ ...MAIN, ...row.main });
    commit(folder.path);
    git(folder.path, 'switch', '-qc', 'change');
    write(folder.path, row.change);
    for (const [from, to] of Object.entries(row.moves ?? {})) {
      mkdirSync(dirname(join(folder.path, to)), { recursive: true });
      renameSync(join(folder.path, from), join(folder.path, to));
    }
    git(folder.path, 'add', '--all');
    git(folder.path, 'commit', '--allow-empty', '-qm', 'Change');
    const options = { policies: ['policies'], paths: row.paths ?? ['m'], old: 'main', output: ['json'] };
    const run = await check(folder.path, options, { policies: POLICIES });
    expect([run.code, run.stderr, findingsOf(run)]).toEqual([row.code, row.hints ?? '', row.findings]);
  });
});

/** Makes the commit on main have a submodule, whatever stands in it. */
function withSubmodule(folder: string, path: string): void {
  git(folder, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},${path}`);
  git(folder, 'commit', '-qm', 'Add a submodule');
}

test.each([
  ['a folder around it', ['m'], 'warning: m/sub is a submodule at main: all in it counts as new\n'],
  ['a pattern', ['m/**/*.yaml'], 'warning: m/sub is a submodule at main: all in it counts as new\n'],
  ['itself', ['m/sub'], 'warning: m/sub is a submodule at main: all in it counts as new\n'],
  ['a file in it', ['m/sub/a.yaml'], 'hint: m/sub/a.yaml did not exist at main: all in it counts as new\n'],
  ['a folder beside it', ['m/shop'], ''],
])('a submodule has no past, which is said of %s', async (_name, paths, hint) => {
  using folder = folderOf(MAIN);
  commit(folder.path);
  withSubmodule(folder.path, 'm/sub');
  write(folder.path, { 'm/sub/a.yaml': namespace('sub') });
  const options = { policies: ['policies'], paths, old: 'main', output: ['json'] };
  const run = await check(folder.path, options, { policies: POLICIES });
  expect([run.code, run.stderr]).toEqual([0, hint]);
});

describe('what has no past is refused in one line', () => {
  const cases: readonly (readonly [string, Partial<CheckOptions>, string])[] = [
    [
      'what kustomize renders',
      { paths: [], kustomize: ['m'], old: 'main' },
      '-k has no past at a git revision: render what main holds, and name its directory with --old',
    ],
    ['a review', { paths: [], reviews: ['r.json'], old: 'main' }, 'a review brings its own past: leave out --old'],
    [
      'an unknown revision',
      { paths: ['m'], old: 'absent' },
      '--old absent is neither a directory nor a git revision that can be read here',
    ],
    [
      'what looks like an option',
      { paths: ['m'], old: '--help' },
      '--old --help is neither a directory nor a git revision that can be read here',
    ],
    [
      'a path outside the repository',
      { paths: ['../elsewhere'], old: 'main' },
      '../elsewhere lies outside this git repository, so --old main cannot say what it was',
    ],
    [
      'standard input',
      { paths: ['-'], old: 'main' },
      'standard input has no past at a git revision: name a directory with --old instead of main',
    ],
    [
      'standard input beside a path, or without a word',
      { paths: [], old: 'main' },
      'standard input has no past at a git revision: name a directory with --old instead of main',
    ],
  ];
  test.each(cases)('%s', async (_name, options, message) => {
    using folder = folderOf({ ...prefixed('repository'), 'elsewhere/route.yaml': BAD });
    const repository = join(folder.path, 'repository');
    commit(repository);
    const run = await check(repository, { policies: ['policies'], ...options }, { policies: POLICIES, stdin: '' });
    expect(run).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  test('a clone that is shallow', async () => {
    using folder = folderOf(prefixed('origin'));
    commit(join(folder.path, 'origin'));
    git(join(folder.path, 'origin'), 'commit', '--allow-empty', '-qm', 'More');
    git(folder.path, 'clone', '-q', '--depth=1', `file://${folder.path}/origin`, 'clone');
    const options = { policies: ['policies'], paths: ['m'], old: 'main~1' };
    expect(await check(join(folder.path, 'clone'), options, { policies: POLICIES })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: --old main~1 is neither a directory nor a git revision that can be read here; this clone is shallow: fetch the revision, or clone with history (actions/checkout: fetch-depth: 0)\n',
    });
  });

  test('a folder that is in no repository', async () => {
    using folder = folderOf(MAIN);
    const options = { policies: ['policies'], paths: ['m'], old: 'main' };
    expect(await check(folder.path, options, { policies: POLICIES })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: --old main cannot be read: it is no directory, and this is no git repository\n',
    });
  });
});

test('from a folder below the root, through links', async () => {
  using folder = folderOf({ ...MAIN, 'p/hosts.yaml': DOCUMENTS.split('---')[0] ?? '', 'shared/bad.yaml': BAD });
  symlinkSync('../../shared/bad.yaml', join(folder.path, 'm/infra/linked.yaml'));
  symlinkSync('nowhere.yaml', join(folder.path, 'm/infra/dangling.yaml'));
  commit(folder.path);
  rmSync(join(folder.path, 'm/infra/dangling.yaml'));
  const options = { policies: ['../p'], paths: ['infra', '../m/pay'], old: 'main', output: ['json'] };
  const run = await check(join(folder.path, 'm'), options, { policies: POLICIES });
  expect([run.code, run.stderr, findingsOf(run)]).toEqual([
    0,
    '',
    ['infra/linked.yaml:6:15 warn hostname-ownership/not-owned HTTPRoute team-shop/bad spec.hostnames[0]'],
  ]);
});

function prefixed(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(MAIN).map(([name, text]) => [`${folder}/${name}`, text]));
}
