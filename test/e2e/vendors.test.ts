/** The audit of a running server sees kinds of vendors: as soon as they are served, and as soon as it may. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { moduleFolder } from './binaries.ts';
import { freePort, startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { gateward, startGateward, type Gateward } from './gateward.ts';
import { NAMESPACE, kubeconfigIn, kubectl } from './installation.ts';

const USER = `system:serviceaccount:${NAMESPACE}:gateward`;
const SECURITY = 'gateway.envoyproxy.io/SecurityPolicy';
const DOCUMENTS = `
apiVersion: gateward.dev/v1alpha1
kind: PolicyAttachment
metadata: { name: targets }
spec: { action: Warn, kinds: [{ group: gateway.envoyproxy.io, kind: SecurityPolicy }] }
`;
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'securitypolicies.gateway.envoyproxy.io' },
  spec: {
    group: 'gateway.envoyproxy.io',
    scope: 'Namespaced',
    names: { kind: 'SecurityPolicy', plural: 'securitypolicies', singular: 'securitypolicy' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const POLICY = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: { name: auth, namespace: team }
spec: { targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: web } }
`;
const GATEWAY = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, namespace: team }
spec: { gatewayClassName: any, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;
const reports = z.object({
  items: z.array(
    z.object({
      results: z.array(
        z.looseObject({ rule: z.string(), resources: z.array(z.looseObject({ kind: z.string(), name: z.string() })) }),
      ),
    }),
  ),
});

vi.setConfig({ testTimeout: 600_000 });

describeWithCluster('the audit of kinds of vendors', () => {
  let cluster: Cluster;
  let server: Gateward;
  let port: number;
  let documents: string;

  const apply = (text: string): Promise<string> => kubectl(cluster, ['apply', '-f', '-'], text);
  const becomes = async <T>(ask: () => Promise<T>, wanted: T): Promise<void> => {
    let value: unknown;
    for (let tries = 0; tries < 600 && JSON.stringify(value) !== JSON.stringify(wanted); tries += 1) {
      await sleep(100);
      value = await ask().catch((error: unknown) => error);
    }
    expect(value).toEqual(wanted);
  };
  const ready = async (): Promise<string> => {
    const { status, text } = await server.ready();
    return `${status} ${text}`;
  };
  /** What the metrics say: the findings, objects that are seen, and whether that is all. */
  const measured = async (): Promise<readonly (string | undefined)[]> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return [
      'gateward_findings{policy="policy-attachment",action="Warn"}',
      'gateward_snapshot_objects{kind="VendorPolicy"}',
      'gateward_snapshot_whole{kind="VendorPolicy"}',
    ].map((series) =>
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.slice(series.length + 1),
    );
  };
  const reported = async (): Promise<readonly unknown[]> => {
    const text = await kubectl(cluster, ['get', 'reports.openreports.io', '-n', 'team', '-o', 'json']);
    return reports
      .parse(JSON.parse(text))
      .items.flatMap(({ results }) =>
        results.map(({ rule, resources }) => [rule, ...resources.map(({ kind, name }) => `${kind} ${name}`)]),
      );
  };
  /** Problems with the kind that were logged. */
  const logged = (): Promise<readonly string[]> => {
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.includes(SECURITY));
    return Promise.resolve(lines.map((line) => z.looseObject({ problem: z.string() }).parse(JSON.parse(line)).problem));
  };

  const ABSENT = 'the cluster serves no group gateway.envoyproxy.io';
  const FORBIDDEN =
    'may not list and watch securitypolicies.gateway.envoyproxy.io: gateward manifests rbac --policies DIR prints that right';

  beforeAll(async () => {
    cluster = await startCluster({ users: { [USER]: [] } });
    await installCrds(cluster, 'standard');
    const openreports = join(await moduleFolder('reports', 'github.com/openreports/reports-api'), 'config/crd');
    await kubectl(cluster, ['apply', '--server-side', '-f', openreports]);
    await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    for (const name of [NAMESPACE, 'team']) await kubectl(cluster, ['create', 'namespace', name]);
    const rights = await gateward('manifests', 'rbac');
    await apply(rights.stdout);
    documents = join(cluster.dir, 'documents.yaml');
    await writeFile(documents, DOCUMENTS);
    port = await freePort();
    const flags = ['--kubeconfig', await kubeconfigIn(cluster, USER), '--metrics-port', String(port)];
    server = await startGateward(cluster, DOCUMENTS, flags);
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  test('Gateward is ready while they are not served, and says so', async () => {
    await becomes(ready, `200 ok\n${SECURITY} not seen: ${ABSENT}\n`);
    await becomes(measured, ['0', '0', '1']);
  });

  test('and ready while it may not list them', async () => {
    await apply(JSON.stringify(CRD));
    await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=60s', `crd/${CRD.metadata.name}`]);
    await becomes(() => apply(POLICY), 'securitypolicy.gateway.envoyproxy.io/auth created\n');
    await becomes(ready, `200 ok\n${SECURITY} not seen: ${FORBIDDEN}\n`);
    await becomes(logged, [ABSENT, FORBIDDEN]);
    await becomes(measured, ['0', '0', '0']);
  });

  test('once it may, what attaches to nothing is a finding, until its target comes', async () => {
    const rights = await gateward('manifests', 'rbac', '--policies', documents);
    await apply(rights.stdout);
    await becomes(measured, ['1', '1', '1']);
    await becomes(reported, [['policy-attachment/target-not-found', 'SecurityPolicy auth']]);
    await becomes(ready, '200 ok\n');
    await apply(GATEWAY);
    await becomes(measured, ['0', '1', '1']);
    await becomes(reported, []);
    await kubectl(cluster, ['delete', 'gateway', 'web', '-n', 'team']);
    await becomes(measured, ['1', '1', '1']);
  });

  test('when they are served no more, what was found of them goes', async () => {
    await kubectl(cluster, ['delete', 'crd', CRD.metadata.name]);
    await becomes(measured, ['0', '0', '1']);
    await becomes(reported, []);
    await becomes(ready, `200 ok\n${SECURITY} not seen: ${ABSENT}\n`);
    await becomes(logged, [ABSENT, FORBIDDEN, ABSENT]);
  });
});
