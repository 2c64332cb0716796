import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { channelPinning } from '../../policies/channel-pinning/policy.ts';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import type { CheckOptions } from '../../src/check/index.ts';
import { EXAMPLE_POLICIES, check, folderOf, routeText, suffixDocument, type CheckRun } from '../support/checkRun.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';
import type { Manifest } from '../support/review.ts';

const POLICIES = [...EXAMPLE_POLICIES, channelPinning, policyAttachment];
const GROUP = 'gateway.networking.k8s.io';
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const at = (plural: string, version = 'v1', group = GROUP): string => `/apis/${group}/${version}/${plural}`;

const stored = (kind: string, name: string, spec: object, metadata: object = {}, more: object = {}): Manifest => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  ...{ spec },
  ...more,
});

/** How often each finding is told: effect, rule, object. */
function told({ stdout }: CheckRun): readonly string[] {
  const report = z
    .object({
      findings: z.array(
        z.object({
          rule: z.string(),
          effect: z.string(),
          relief: z.string(),
          path: z.string(),
          file: z.string().nullable(),
          object: z.object({ kind: z.string(), name: z.string() }),
        }),
      ),
    })
    .parse(JSON.parse(stdout));
  return report.findings.map(({ effect, relief, rule, object, path, file }) =>
    [effect, relief, rule, `${object.kind}/${object.name}`, path, file ?? 'stored'].join(' '),
  );
}

let server: FakeApiServer;
beforeEach(async () => {
  server = await fakeApiServer();
  for (const path of ['/api/v1/namespaces', at('gateways'), at('httproutes')]) server.serve(path);
  server.put('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
});
afterEach(() => server.close());

async function run(files: Readonly<Record<string, string>>, options: Partial<CheckOptions> = {}): Promise<CheckRun> {
  using folder = folderOf({ kubeconfig: kubeconfigFor(server.url), ...files });
  const cluster = { kubeconfig: `${folder.path}/kubeconfig`, context: undefined };
  return await check(folder.path, { output: ['json'], ...options, cluster }, { policies: POLICIES });
}

describe('check --cluster', () => {
  const document = { 'p/a.yaml': suffixDocument('{ action: Deny }') };
  const options = { policies: ['p'], paths: ['m'] };
  const manifest = (hostname: string): Readonly<Record<string, string>> => ({
    ...document,
    'm/web.yaml': routeText('web', hostname),
  });

  test('what a CRD lets nobody change is refused there', async () => {
    server.serve(at('gatewayclasses'));
    server.put(at('gatewayclasses'), {
      apiVersion: `${GROUP}/v1`,
      kind: 'GatewayClass',
      metadata: { name: 'public' },
      spec: { controllerName: 'example.com/a' },
    });
    const classText = `apiVersion: ${GROUP}/v1\nkind: GatewayClass\nmetadata: { name: public }\nspec: { controllerName: example.com/b }\n`;
    const spec = '{ action: Warn, channel: standard, bundle: v1.6.1 }';
    const files = {
      'p/a.yaml': `apiVersion: gateward.dev/v1alpha1\nkind: ChannelPin\nmetadata: { name: pin }\nspec: ${spec}\n`,
    };
    expect(told(await run({ ...files, 'm/class.yaml': classText }, options))).toEqual([
      'deny none manifest/schema GatewayClass/public spec.controllerName m/class.yaml',
    ]);
  });

  test('an absence is a fact there, and what the cluster has is in sight', async () => {
    expect(told(await run(manifest('a.example.com'), options))).toEqual([
      'deny none suffix/no-gateway HTTPRoute/web spec.parentRefs[0].name m/web.yaml',
    ]);
    server.put(at('gateways'), stored('Gateway', 'public', { gatewayClassName: 'a', listeners: [] }));
    const { code, stdout } = await run(manifest('a.example.com'), options);
    expect([code, told({ code, stdout, stderr: '' })]).toEqual([0, []]);
  });

  test('what an object had before only warns, what it gets denies', async () => {
    server.put(at('gateways'), stored('Gateway', 'public', { gatewayClassName: 'a', listeners: [] }));
    server.put(at('httproutes'), stored('HTTPRoute', 'web', { hostnames: ['old.other.com'] }));
    expect(told(await run(manifest('old.other.com'), options))).toEqual([
      'warn ratcheted suffix/foreign HTTPRoute/web spec.hostnames[0] m/web.yaml',
    ]);
    expect(told(await run(manifest('new.other.com'), options))).toEqual([
      'deny none suffix/foreign HTTPRoute/web spec.hostnames[0] m/web.yaml',
    ]);
  });

  test('with --old, what goes is deleted, as far as it stands', async () => {
    server.put(at('httproutes'), stored('HTTPRoute', 'kept', {}, { labels: { keep: 'yes' } }));
    const files = {
      ...document,
      'm/none.yaml': '',
      'old/kept.yaml': routeText('kept', 'a.example.com'),
      'old/gone.yaml': routeText('gone', 'a.example.com', ', labels: { keep: "yes" }'),
    };
    expect(told(await run(files, { ...options, old: 'old' }))).toEqual([
      'deny none suffix/still-used HTTPRoute/kept  old/kept.yaml',
    ]);
  });

  test('objects that name no namespace go where the context says, and -n wins', async () => {
    const kubeconfig = kubeconfigFor(server.url, 'team-shop');
    const files = { ...document, 'm/web.yaml': routeText('web', 'a.other.com'), kubeconfig };
    const namespaces = [];
    for (const namespace of [undefined, 'team-pay']) {
      const { stdout } = await run(files, { ...options, namespace });
      const { findings } = z
        .object({ findings: z.array(z.object({ object: z.object({ namespace: z.string() }) })) })
        .parse(JSON.parse(stdout));
      namespaces.push(findings[0]?.object.namespace);
    }
    expect(namespaces).toEqual(['team-shop', 'team-pay']);
  });

  test('--fix mends in the world of the cluster', async () => {
    server.put(at('gateways'), stored('Gateway', 'public', { gatewayClassName: 'a', listeners: [] }));
    const { code, stdout } = await run(manifest('a.other.com'), { ...options, fix: true, dryRun: true });
    expect([code, stdout]).toEqual([
      0,
      '--- a/m/web.yaml\n+++ b/m/web.yaml\n@@ -4,4 +4,4 @@\n spec:\n   parentRefs: [{ name: public }]\n   hostnames:\n-  - a.other.com\n+  - shop.example.com\n',
    ]);
  });

  describe('labels of what stands', () => {
    const files = {
      'p/a.yaml': suffixDocument('{ action: Warn, label: Require }'),
      'm/web.yaml': routeText('web', 'a.example.com'),
    };
    const put = (metadata: object): void => {
      server.put(at('gateways'), stored('Gateway', 'public', { gatewayClassName: 'a', listeners: [] }));
      server.put(at('httproutes'), stored('HTTPRoute', 'web', {}, metadata));
    };
    const lost = 'warn none suffix/unlabelled HTTPRoute/web metadata.labels m/web.yaml';

    test.each([
      ['one that the manifest does not name stays', {}, []],
      ['one that an earlier apply set goes', { [APPLIED]: '{"metadata":{"labels":{"checked":"yes"}}}' }, [lost]],
      ['one that an earlier apply did not set stays', { [APPLIED]: '{"metadata":{"labels":{"other":"yes"}}}' }, []],
      ['what an earlier apply left is of no use when it is not JSON', { [APPLIED]: '{' }, []],
    ])('%s', async (_name, annotations, findings) => {
      put({ labels: { checked: 'yes' }, annotations });
      expect(told(await run(files, options))).toEqual(findings);
    });
  });

  test('vendors’ policies of one name are told apart', async () => {
    const vendor = 'gateway.envoyproxy.io';
    const spec = { targetRefs: [{ group: GROUP, kind: 'Gateway', name: 'gone' }] };
    const collection = `/apis/${vendor}/v1alpha1/securitypolicies`;
    server.serve(collection);
    server.put(collection, { ...stored('SecurityPolicy', 'auth', spec), apiVersion: `${vendor}/v1alpha1` });
    server.discover(vendor, 'v1alpha1', [
      { name: 'securitypolicies', kind: 'SecurityPolicy' },
      { name: 'securitypolicies/status', kind: 'SecurityPolicy' },
    ]);
    const kinds = `[{ group: ${vendor}, kind: SecurityPolicy }, { group: ${vendor}, kind: BackendTrafficPolicy }]`;
    const manifestOf = (kind: string): string =>
      `apiVersion: ${vendor}/v1alpha1\nkind: ${kind}\nmetadata: { name: auth }\nspec: ${JSON.stringify(spec)}\n`;
    const result = await run(
      {
        'p/a.yaml': `apiVersion: gateward.dev/v1alpha1\nkind: PolicyAttachment\nmetadata: { name: targets }\nspec: { action: Deny, kinds: ${kinds} }\n`,
        'm/a.yaml': manifestOf('SecurityPolicy'),
        'm/b.yaml': manifestOf('BackendTrafficPolicy'),
      },
      options,
    );
    expect([told(result), result.stderr]).toEqual([
      [
        'warn ratcheted policy-attachment/target-not-found SecurityPolicy/auth spec.targetRefs[0] m/a.yaml',
        'deny none policy-attachment/target-not-found BackendTrafficPolicy/auth spec.targetRefs[0] m/b.yaml',
      ],
      `warning: no BackendTrafficPolicy is judged: the cluster serves no BackendTrafficPolicy in ${vendor}\n`,
    ]);
  });

  test('what cannot be looked at is said in one line, with exit code 4', async () => {
    server.fault = status(403);
    expect(await run(manifest('a.example.com'), options)).toEqual({
      code: 4,
      stdout: '',
      stderr: `error: ${server.url}: may not list namespaces\n`,
    });
  });

  test('without paths there is nothing to check', async () => {
    expect(await run(document, { ...options, paths: [] })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: nothing to check: name files or directories, or pipe manifests in; audit --cluster judges what is stored\n',
    });
  });
});
