/** Policy documents that stand in the cluster: in force, refused, mended, gone. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startCluster, type Cluster, type KubectlResult } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { startGateward, type Gateward } from './gateward.ts';

const CRDS = join(resolve(import.meta.dirname, '../..'), 'deploy/base/crds.generated.yaml');

const ownership = (owners: readonly unknown[], claims = 'Disabled'): string =>
  JSON.stringify({
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameOwnership',
    metadata: { name: 'public' },
    spec: { action: 'Deny', claims, owners },
  });
const SHOP = [{ hostnames: ['shop.example.com'], namespaces: ['default'] }];
const PAY = [{ hostnames: ['pay.example.com'], namespaces: ['default'] }];
const BROKEN = [{ hostnames: ['a.*.example.com'], namespaces: ['default'] }];

const exemption = (rule: string): string =>
  JSON.stringify({
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'PolicyExemption',
    metadata: { name: 'pay' },
    spec: {
      policies: [{ kind: 'HostnameOwnership', name: 'public', rules: [rule] }],
      match: { kinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }], names: ['pay'] },
      reason: 'moves in March',
      expires: '2099-01-01T00:00:00Z',
    },
  });

const route = (name: string): string =>
  JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'default' },
    spec: { hostnames: [`${name}.example.com`], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
  });

const stored = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z.object({
    observedGeneration: z.number(),
    conditions: z.array(
      z.looseObject({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }),
    ),
  }),
});

describeWithCluster('policy documents from the cluster', () => {
  let cluster: Cluster;
  let server: Gateward;

  const apply = (object: string, ...flags: readonly string[]): Promise<KubectlResult> =>
    cluster.kubectl(['apply', '-f', '-', ...flags], { stdin: object });
  const isAllowed = async (name: string): Promise<boolean> => (await apply(route(name), '--dry-run=server')).code === 0;
  /** The condition that speaks about the document as it stands. */
  const condition = async (kind: string, name: string): Promise<readonly string[] | undefined> => {
    const { stdout } = await cluster.kubectl(['get', kind, name, '-o', 'json']);
    const parsed = stored.safeParse(stdout === '' ? undefined : JSON.parse(stdout));
    if (!parsed.success || parsed.data.status.observedGeneration !== parsed.data.metadata.generation) return undefined;
    return parsed.data.status.conditions.flatMap(({ type, status, reason, message }) => [
      type,
      status,
      reason,
      message,
    ]);
  };
  const until = async <T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> => {
    let value = await ask();
    for (let attempt = 0; !holds(value) && attempt < 200; attempt += 1) {
      await sleep(100);
      value = await ask();
    }
    return value;
  };
  const becomes = async <T>(ask: () => Promise<T>, wanted: T): Promise<void> => {
    const isWanted = (value: T): boolean => JSON.stringify(value) === JSON.stringify(wanted);
    expect(await until(ask, isWanted)).toEqual(wanted);
  };

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster, 'standard');
    server = await startGateward(cluster, undefined);
    await server.register();
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  test('nothing is allowed by accident while there are none', { timeout: 60_000 }, async () => {
    await becomes(async () => (await server.ready()).text, 'no policy document is in force\n');
    expect(await isAllowed('shop')).toBe(false);
    expect((await cluster.kubectl(['apply', '-f', CRDS])).code).toBe(0);
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
  });

  test('one that is in order is in force, and says so', { timeout: 60_000 }, async () => {
    expect(await apply(ownership(SHOP))).toMatchObject({ code: 0, stderr: '' });
    await becomes(async () => (await server.ready()).text, 'ok\n');
    await becomes(() => isAllowed('shop'), true);
    expect(await isAllowed('pay')).toBe(false);
    await becomes(
      () => condition('hostnameownership', 'public'),
      ['Ready', 'True', 'InForce', 'in force as it stands'],
    );
  });

  test('a broken one is refused at apply, in the words of the file loader', { timeout: 60_000 }, async () => {
    const { code, stderr } = await apply(ownership(BROKEN));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('spec.owners[0].hostnames[0]') as string,
    });
    // This server is not told by whom it is asked.
    expect((await apply(ownership(SHOP, 'Enforce'))).stderr).toBe(
      'The HostnameOwnership "public" is invalid: spec.claims: Enforce needs --client-ca: only a caller that proves to be the API server may have hostnames held (certs/README.md says how)\n',
    );
    const exempt = await apply(exemption('not-ownd'));
    expect({ code: exempt.code, stderr: exempt.stderr }).toEqual({
      code: 1,
      stderr:
        'The PolicyExemption "pay" is invalid: spec.policies[0].rules[0]: HostnameOwnership has no rule "not-ownd"; did you mean "not-owned"?\n',
    });
  });

  test(
    'a broken one that slips in leaves its last good version in force, and is mended',
    { timeout: 60_000 },
    async () => {
      const hooks = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration', 'gateward'];
      await cluster.kubectl(['delete', `${hooks[0] ?? ''},${hooks[1] ?? ''}`, hooks[2] ?? '']);
      expect((await apply(ownership(BROKEN))).code).toBe(0);
      await server.register();
      const [, status, reason, message = ''] =
        (await until(
          () => condition('hostnameownership', 'public'),
          (found) => found?.[1] === 'False',
        )) ?? [];
      expect({ status, reason, lines: message.split('\n').map((line) => line.split(': ')[0]) }).toEqual({
        status: 'False',
        reason: 'Refused',
        lines: ['spec.owners[0].hostnames[0]', 'generation 1, the last one in order, stays in force'],
      });
      expect({ shop: await isAllowed('shop'), pay: await isAllowed('pay') }).toEqual({ shop: true, pay: false });
      expect(await server.ready()).toMatchObject({
        status: 200,
        text: expect.stringContaining(
          'policy document refused: HostnameOwnership public of the cluster: spec.owners',
        ) as string,
      });
      // Labels of a broken document are within reach, with a warning.
      const labelled = await cluster.kubectl(['label', 'hostnameownership', 'public', 'team=edge']);
      expect({ code: labelled.code, isWarned: labelled.stderr.includes('Warning: ') }).toEqual({
        code: 0,
        isWarned: true,
      });
      expect((await apply(ownership(PAY))).code).toBe(0);
      await becomes(() => isAllowed('pay'), true);
      expect(await isAllowed('shop')).toBe(false);
    },
  );

  test('an exemption comes into force and goes', { timeout: 60_000 }, async () => {
    expect((await apply(ownership(SHOP))).code).toBe(0);
    await becomes(() => isAllowed('pay'), false);
    expect((await apply(exemption('unowned'))).code).toBe(0);
    await becomes(() => isAllowed('pay'), true);
    await becomes(() => condition('policyexemption', 'pay'), ['Ready', 'True', 'InForce', 'in force as it stands']);
    expect((await cluster.kubectl(['delete', 'policyexemption', 'pay'])).code).toBe(0);
    await becomes(() => isAllowed('pay'), false);
  });

  test('the last one that is deleted stays in force', { timeout: 60_000 }, async () => {
    expect((await cluster.kubectl(['delete', 'hostnameownership', 'public'])).code).toBe(0);
    await becomes(
      async () => (await server.ready()).text,
      'ok\npolicies not reloaded: no policy documents in the cluster\n',
    );
    expect({ shop: await isAllowed('shop'), pay: await isAllowed('pay') }).toEqual({ shop: true, pay: false });
    // One of another kind makes a set again, and what was deleted ends.
    const backends = { apiVersion: 'gateward.dev/v1alpha1', kind: 'BackendReferences', metadata: { name: 'backends' } };
    expect((await apply(JSON.stringify({ ...backends, spec: { action: 'Audit' } }))).code).toBe(0);
    await becomes(() => isAllowed('pay'), true);
    await becomes(async () => (await server.ready()).text, 'ok\n');
  });
});
