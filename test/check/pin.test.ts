import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { channelPinning } from '../../policies/channel-pinning/policy.ts';
import type { CheckOptions } from '../../src/check/index.ts';
import { FORMATS } from '../../src/report/format.ts';
import { EXAMPLE_POLICIES, check, folderOf, suffixDocument, type CheckRun } from '../support/checkRun.ts';
import { fakeApiServer, type FakeApiServer } from '../support/fakeApiServer.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';

const GROUP = 'gateway.networking.k8s.io';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const at = (plural: string): string => `/apis/${GROUP}/v1/${plural}`;

const crd = (kind: string, plural: string, storedVersions: readonly string[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${plural}.${GROUP}`,
    annotations: { [`${GROUP}/channel`]: 'experimental', [`${GROUP}/bundle-version`]: 'v1.6.9' },
  },
  spec: { group: GROUP, names: { kind, plural }, versions: [{ name: 'v1', served: true, storage: true }] },
  status: { storedVersions },
});

const object = (kind: string, name: string, spec: object, written = 'v1') => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: {
    name,
    namespace: 'shop',
    managedFields: [
      { manager: 'kubectl', operation: 'Apply', apiVersion: `${GROUP}/v1beta1`, time: '2025-01-01T00:00:00Z' },
      { manager: 'kubectl', operation: 'Apply', apiVersion: `${GROUP}/${written}`, time: '2026-01-01T00:00:00Z' },
      {
        manager: 'c',
        operation: 'Update',
        apiVersion: `${GROUP}/v1`,
        time: '2026-02-01T00:00:00Z',
        subresource: 'status',
      },
    ],
  },
  spec,
});

let server: FakeApiServer;
beforeEach(async () => {
  server = await fakeApiServer();
  for (const path of [CRDS, ...['httproutes', 'grpcroutes', 'referencegrants', 'tcproutes'].map(at)])
    server.serve(path);
  server.put(CRDS, crd('HTTPRoute', 'httproutes', ['v1']));
  server.put(CRDS, crd('GRPCRoute', 'grpcroutes', ['v1alpha2', 'v1']));
  server.put(CRDS, {
    ...crd('Other', 'others', ['v1alpha1']),
    spec: { ...crd('Other', 'others', []).spec, group: 'example.com' },
  });
  server.put(at('httproutes'), object('HTTPRoute', 'plain', { rules: [{}] }));
  server.put(
    at('httproutes'),
    object('HTTPRoute', 'retried', { rules: [{}, { retry: { attempts: 1 } }, { retry: {} }] }),
  );
  const redirect = { type: 'RequestRedirect', requestRedirect: { statusCode: 308 } };
  server.put(at('httproutes'), object('HTTPRoute', 'moved', { rules: [{ filters: [redirect] }] }));
  server.put(at('tcproutes'), object('TCPRoute', 'db', { rules: [{ backendRefs: [{ name: 'db', port: 1 }] }] }));
  server.put(at('referencegrants'), object('ReferenceGrant', 'old', { from: [], to: [] }, 'v1beta1'));
  server.put(at('referencegrants'), object('ReferenceGrant', 'new', { from: [], to: [] }));
});
afterEach(() => server.close());

async function run(
  pin: string,
  options: Partial<CheckOptions> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<CheckRun> {
  using folder = folderOf({ kubeconfig: kubeconfigFor(server.url), ...files });
  const cluster = { kubeconfig: `${folder.path}/kubeconfig`, context: undefined };
  // Standard input is no terminal in CI, and is not to be waited for.
  const more = { policies: [...EXAMPLE_POLICIES, channelPinning], stdin: 'a: [' };
  return await check(folder.path, { pin, cluster, ...options }, more);
}

describe('check --cluster --pin', () => {
  test('tells of every stored object what the planned release lacks, and sums it up', async () => {
    expect(await run('standard@v1.4.1')).toEqual({
      code: 1,
      stderr: '',
      stdout: `deny  channel-pinning/crd-not-upgradable  CustomResourceDefinition grpcroutes.gateway.networking.k8s.io
  status.storedVersions of the CRD of GRPCRoute names v1alpha2, which standard v1.4.1 does not have; its CRD will be refused. Write the objects again in v1 and take v1alpha2 out of status.storedVersions first
deny  channel-pinning/value-not-in-channel  HTTPRoute shop/moved
  spec.rules[0].filters[0].requestRedirect.statusCode: spec.rules[].filters[].requestRedirect.statusCode of HTTPRoute does not take 308 in standard v1.4.1 (standard since v1.5.1); use another value, or allow it in ChannelPin planned
deny  channel-pinning/field-not-in-channel  HTTPRoute shop/retried
  spec.rules[1].retry: HTTPRoute has no spec.rules[].retry in standard v1.4.1 (experimental only since v1.2.1); the API server drops it without a word. Leave it out, or allow it in ChannelPin planned
deny  channel-pinning/field-not-in-channel  HTTPRoute shop/retried
  spec.rules[2].retry: HTTPRoute has no spec.rules[].retry in standard v1.4.1 (experimental only since v1.2.1); the API server drops it without a word. Leave it out, or allow it in ChannelPin planned
deny  channel-pinning/version-not-served  ReferenceGrant shop/new
  ReferenceGrant gateway.networking.k8s.io/v1 is not served by standard v1.4.1 (served: standard since v1.5.1); use gateway.networking.k8s.io/v1beta1
  fix: set apiVersion to gateway.networking.k8s.io/v1beta1
deny  channel-pinning/kind-not-in-channel  TCPRoute shop/db
  kind TCPRoute is not in standard v1.4.1 (standard since v1.6.1, experimental since v1.0.0); leave the object out, or allow the kind in ChannelPin planned

planned: standard v1.4.1, in place of experimental v1.6.9: 5 objects would break
  GRPCRoute v1alpha2                                               crd-not-upgradable    1 object
  HTTPRoute spec.rules[].retry                                     field-not-in-channel  1 object  (experimental only since v1.2.1)
  TCPRoute                                                         kind-not-in-channel   1 object  (standard since v1.6.1, experimental since v1.0.0)
  HTTPRoute spec.rules[].filters[].requestRedirect.statusCode 308  value-not-in-channel  1 object  (standard since v1.5.1)
  ReferenceGrant gateway.networking.k8s.io/v1                      version-not-served    1 object  (standard since v1.5.1)

see https://gateward.dev/rules/channel-pinning

6 denied in 9 objects
`,
    });
  });

  test('says when nothing breaks, and holds the installed CRDs against no range', async () => {
    server.remove(CRDS, '', `grpcroutes.${GROUP}`);
    expect(await run('experimental@v1.6.1')).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'planned: experimental v1.6.1, in place of experimental v1.6.9: nothing that it lacks is used\n\nnothing to report in 8 objects\n',
    });
  });

  test('re-pins the documents that are given, with what they allow and whom they mean', async () => {
    const pinned = `apiVersion: gateward.dev/v1alpha1
kind: ChannelPin
metadata: { name: production }
spec:
  action: Warn
  channel: experimental
  bundle: v1.6.1
  crds: { versions: ">=1.6.0 <1.7.0" }
  allow: [{ kind: TCPRoute }]
  match: { kinds: [{ group: ${GROUP}, kind: TCPRoute }, { group: ${GROUP}, kind: HTTPRoute }] }
`;
    const { code, stdout } = await run(
      'standard@v1.5.0',
      { policies: ['p'], output: ['json'] },
      { 'p/a.yaml': pinned },
    );
    const report = z
      .object({ plan: z.unknown(), findings: z.array(z.object({ effect: z.string(), document: z.string() })) })
      .parse(JSON.parse(stdout));
    expect({ code, ...report }).toEqual({
      code: 0,
      plan: {
        channel: 'standard',
        bundle: 'v1.5.1',
        installed: ['experimental v1.6.9'],
        objects: 1,
        lacked: [
          {
            rule: 'channel-pinning/field-not-in-channel',
            kind: 'HTTPRoute',
            what: 'spec.rules[].retry',
            where: 'experimental only since v1.2.1',
            objects: 1,
          },
        ],
      },
      findings: [
        { effect: 'warn', document: 'production' },
        { effect: 'warn', document: 'production' },
      ],
    });
  });

  test.each(FORMATS)('-o %s tells of objects that are in no file', async (format) => {
    const { code, stdout, stderr } = await run('standard@v1.4.1', { output: [format] });
    const told = stdout.replace(/<script>[^]*<\/script>/, '');
    expect([code, told.includes('retried'), told.includes('undefined'), stderr]).toEqual([1, true, false, '']);
  });

  test('with paths it is the manifests that are judged, in the cluster that is there', async () => {
    const files = {
      'm/a.yaml': JSON.stringify({ ...object('HTTPRoute', 'retried', { rules: [{ retry: { attempts: 1 } }] }) }),
      'm/b.yaml': JSON.stringify({ ...object('HTTPRoute', 'fresh', { rules: [{ retry: { attempts: 1 } }] }) }),
    };
    const { code, stdout } = await run('standard@v1.6.1', { paths: ['m'] }, files);
    expect([code, stdout.split('\n').filter((line) => /^m\/|^planned/.test(line))]).toEqual([
      1,
      [
        'm/a.yaml:1:521  deny  channel-pinning/field-not-in-channel  HTTPRoute shop/retried',
        'm/b.yaml:1:519  deny  channel-pinning/field-not-in-channel  HTTPRoute shop/fresh',
        'planned: standard v1.6.1, in place of experimental v1.6.9: 2 objects would break',
      ],
    ]);
  });
});

describe('--pin over files', () => {
  const files = {
    'm/a.yaml': `apiVersion: ${GROUP}/v1\nkind: HTTPRoute\nmetadata: { name: a }\nspec: { useDefaultGateways: All }\n`,
    'p/a.yaml': suffixDocument('{ action: Deny }'),
  };
  const over = async (options: Partial<CheckOptions>): Promise<CheckRun> => {
    using folder = folderOf(files);
    return await check(folder.path, options, { policies: [...EXAMPLE_POLICIES, channelPinning] });
  };

  test('needs no documents and no cluster', async () => {
    const { code, stdout } = await over({ paths: ['m'], pin: 'standard@1.6.1' });
    expect([code, stdout.split('\n').slice(-7)]).toEqual([
      1,
      [
        'planned: standard v1.6.1: 1 object would break',
        '  HTTPRoute spec.useDefaultGateways  field-not-in-channel  1 object  (experimental only since v1.4.1)',
        '',
        'see https://gateward.dev/rules/channel-pinning',
        '',
        '1 denied in 1 object',
        '',
      ],
    ]);
  });

  test('the other documents hold beside it', async () => {
    const { stdout } = await over({ paths: ['m'], pin: 'experimental@v1.3.0', policies: ['p'] });
    expect(stdout).toContain('  HTTPRoute spec.useDefaultGateways  field-not-in-channel  1 object');
  });

  const bundles = 'Bundles: v1.0.0, v1.1.0, v1.2.1, v1.3.0, v1.4.1, v1.5.1, v1.6.1';
  test.each([
    ['standrd@v1.6.1', 'standard@v1.6.1'],
    ['Experimental@v1.5.1', 'experimental@v1.5.1'],
    ['standard', 'standard@v1.6.1'],
    ['experimental@', 'experimental@v1.6.1'],
    ['v1.4.1', 'standard@v1.4.1'],
    ['standard@v1.4', 'standard@v1.4.1'],
    ['standard@v1.7.0', 'standard@v1.6.1'],
    ['standard@v2.0.0', 'standard@v1.6.1'],
    ['standard@v0.8.1', 'standard@v1.0.0'],
    ['standard@v1.6.0-rc.1', 'standard@v1.6.1'],
    ['standard@monthly-2026.05', 'standard@v1.6.1'],
    ['standard@v0.0.0-dev', 'standard@v1.0.0'],
    ['v1.5.1@standard', 'standard@v1.5.1'],
    ['', 'standard@v1.6.1'],
  ])('%j is refused: did you mean %s?', async (pin, nearest) => {
    expect(await over({ paths: ['m'], pin })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: --pin takes a channel and a bundle, not "${pin}"; did you mean ${nearest}? ${bundles}\n`,
    });
  });

  test.each([
    [{ fix: true }, '--fix'],
    [{ old: 'm' }, '--old'],
  ])('%j goes with paths only', async (options, name) => {
    const cluster = { kubeconfig: 'none', context: undefined };
    expect(await over({ pin: 'standard@v1.6.1', cluster, ...options })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${name} needs paths: without them the stored objects are judged\n`,
    });
  });
});
