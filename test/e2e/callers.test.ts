/** Caller authentication with a real API server: how it is told to show a client certificate to webhooks, and that Gateward insists on it. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCa, type TestCa } from '../support/certificates.ts';
import { httpRoute, reviewOf } from '../support/review.ts';
import { freePort, startCluster, type Cluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { describeWithCluster } from './describe.ts';
import { startGateward, type Gateward } from './gateward.ts';

const POLICIES = `
apiVersion: gateward.dev/v1alpha1
kind: HostnameOwnership
metadata: { name: public-hostnames }
spec:
  action: Deny
  owners:
    - { hostnames: ["pay.example.com"], namespaces: [team-pay] }
`;

const route = (name: string): string =>
  JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'team-shop' },
    spec: { parentRefs: [{ name: 'public' }], hostnames: ['pay.example.com'] },
  });

/** As certs/README.md shows it; the name of the user is where the webhook is called, `host:port` or `*`. */
async function admissionConfiguration(dir: string, user: string, ca: TestCa, name: string): Promise<string> {
  const { cert, key } = await ca.issue(name);
  await writeFile(join(dir, 'webhook-client.crt'), cert);
  await writeFile(join(dir, 'webhook-client.key'), key, { mode: 0o600 });
  await writeFile(
    join(dir, 'webhook-client.kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      users: [
        {
          name: user,
          user: { 'client-certificate': 'webhook-client.crt', 'client-key': 'webhook-client.key' },
        },
      ],
    }),
  );
  const plugin = (kind: string): object => ({
    name: `${kind}AdmissionWebhook`,
    configuration: {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'WebhookAdmissionConfiguration',
      // Without a folder it is refused.
      kubeConfigFile: join(dir, 'webhook-client.kubeconfig'),
    },
  });
  const file = join(dir, 'admission.yaml');
  const plugins = [plugin('Validating'), plugin('Mutating')];
  await writeFile(
    file,
    JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins }),
  );
  return file;
}

function post(url: string, ca: string, identity: object): Promise<number | undefined> {
  const body = JSON.stringify(reviewOf('CREATE', httpRoute('pay.example.com')));
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(`${url}/validate`, { method: 'POST', headers, ca, agent: new Agent(identity), ...identity });
    call.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject);
    call.end(body);
  });
}

describeWithCluster('an API server that shows who it is', () => {
  let cluster: Cluster;
  let server: Gateward;
  let callers: TestCa;
  let port: number;

  beforeAll(async () => {
    callers = await testCa('webhook callers');
    port = await freePort();
    cluster = await startCluster({
      extraArgs: async (dir) => [
        `--admission-control-config-file=${await admissionConfiguration(dir, `127.0.0.1:${port}`, callers, 'kube-apiserver')}`,
      ],
    });
    await installCrds(cluster, 'standard');
    await cluster.kubectl(['create', 'namespace', 'team-shop']);
    const file = join(cluster.dir, 'callers.crt');
    await writeFile(file, callers.pem);
    server = await startGateward(cluster, POLICIES, [
      ...['--port', String(port)],
      ...['--client-ca', file, '--client-name', 'kube-apiserver'],
    ]);
    await server.register();
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  test('A1 is answered: the hostname of another team is denied', async () => {
    const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { stdin: route('hijack') });
    expect({ code, said: /hostname-ownership\/not-owned/.exec(stderr)?.[0] ?? stderr }).toEqual({
      code: 1,
      said: 'hostname-ownership/not-owned',
    });
  });

  test('A1 is the only one who is: nobody without a certificate, of another CA, or of another name', async () => {
    const ca = readFileSync(server.ca, 'utf8');
    const foreign = await testCa('somebody');
    const identities = [
      {},
      await foreign.issue('kube-apiserver'),
      await callers.issue('some-pod'),
      await callers.issue('kube-apiserver'),
    ];
    const statuses = [];
    for (const identity of identities) statuses.push(await post(server.url, ca, identity));
    expect(statuses).toEqual([401, 401, 401, 200]);
  });

  test('A1 without its certificate its calls fail, and failurePolicy decides', async () => {
    const elsewhere = await startGateward(cluster, POLICIES, [
      ...['--client-ca', join(cluster.dir, 'callers.crt')],
      ...['--client-name', 'kube-apiserver'],
    ]);
    try {
      await elsewhere.register();
      const refused = 'failed calling webhook "validate.gateward.dev"';
      for (let attempt = 0; ; attempt += 1) {
        const { stderr } = await cluster.kubectl(['apply', '-f', '-'], { stdin: route('hijack') });
        if (stderr.includes(refused) || attempt === 100) {
          expect(stderr).toContain(refused);
          expect(stderr).toContain('the server has asked for the client to provide credentials');
          break;
        }
      }
    } finally {
      await elsewhere.stop();
    }
  });
});
