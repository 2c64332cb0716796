/** A webhook that records what the API server sends and answers what the test says. It is not Gateward. */
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { Cluster } from './cluster.ts';

/** The request half of an AdmissionReview, as it came. */
interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly object: Record<string, unknown> | null;
  readonly [field: string]: unknown;
}

/** One call of the API server. */
export interface Call {
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
}

/** An answer: the fields of the response (the uid is added), an HTTP status instead, or a torn connection. */
export type Answer =
  | { readonly response: Readonly<Record<string, unknown>> }
  | { readonly httpStatus: number; readonly headers?: Readonly<Record<string, string>> }
  | 'reset';

/** Allows, with more response fields if given. */
export function allow(fields: Readonly<Record<string, unknown>> = {}): Answer {
  return { response: { allowed: true, ...fields } };
}

/** Denies, with this `status` if given. */
export function deny(status?: Readonly<Record<string, unknown>>): Answer {
  return { response: { allowed: false, ...(status && { status }) } };
}

/** Allows, with a JSON Patch. */
export function patch(operations: readonly object[]): Answer {
  return allow({ patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });
}

/** A running stub. */
export interface StubWebhook {
  readonly url: string;
  readonly caBundle: string;
  /** What was asked so far; a test empties it with `calls.length = 0`. */
  readonly calls: Call[];
  /** Answers every call from now on; a function may look at the call and at how many there were, this one included. */
  answer(how: Answer | ((call: Call, count: number) => Answer)): void;
  stop(): Promise<void>;
}

/**
 * Starts a stub on a free loopback port with a certificate of its own; it allows everything until told otherwise. Without `names` the
 * certificate has a common name and no other.
 */
export async function startStubWebhook({ names = true } = {}): Promise<StubWebhook> {
  const { key, cert } = await selfSigned(names);
  const calls: Call[] = [];
  let how: Answer | ((call: Call, count: number) => Answer) = allow();
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    void (async () => {
      let body = '';
      for await (const chunk of incoming.setEncoding('utf8')) body += chunk as string;
      const { pathname, search } = new URL(incoming.url ?? '/', 'https://stub');
      const review = JSON.parse(body) as { apiVersion: string; request: AdmissionRequest };
      const { headers, httpVersion } = incoming;
      const call = { path: pathname, query: search, headers, httpVersion, ...review };
      calls.push(call);
      const answer = typeof how === 'function' ? how(call, calls.length) : how;
      if (answer === 'reset') {
        incoming.socket.destroy();
      } else if ('httpStatus' in answer) {
        outgoing.writeHead(answer.httpStatus, answer.headers).end();
      } else {
        const response = { uid: review.request.uid, ...answer.response };
        outgoing.writeHead(200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ apiVersion: review.apiVersion, kind: 'AdmissionReview', response }));
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    caBundle: Buffer.from(cert).toString('base64'),
    calls,
    answer: (next) => {
      how = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Registers the stub at `/<name>` for HTTPRoutes v1 of one namespace, creates that if it is not there, and waits until
 * the API server calls. `fields` go over those of the webhook. It forgets the calls made so far.
 */
export async function registerStub(
  cluster: Cluster,
  stub: StubWebhook,
  type: 'Mutating' | 'Validating',
  name: string,
  namespace: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const webhook = {
    name: `${name}.stub.example.com`,
    clientConfig: { url: `${stub.url}/${name}`, caBundle: stub.caBundle },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 5,
    rules: [
      {
        apiGroups: ['gateway.networking.k8s.io'],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        resources: ['httproutes'],
      },
    ],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...fields,
  };
  await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: namespace } } });
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const configuration = { apiVersion, kind: `${type}WebhookConfiguration`, metadata: { name }, webhooks: [webhook] };
  const path = `/apis/${apiVersion}/${type.toLowerCase()}webhookconfigurations`;
  const created = await cluster.request(path, { method: 'POST', body: configuration });
  if (created.status !== 201) throw new Error(`${name} was not registered: ${created.body}`);

  const probe = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'probe' },
    spec: {},
  };
  const routes = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes?dryRun=All`;
  const deadline = Date.now() + 10_000;
  while (!stub.calls.some((call) => call.path === `/${name}`)) {
    if (Date.now() > deadline) throw new Error(`${name} is not called`);
    await cluster.request(routes, { method: 'POST', body: probe });
  }
  stub.calls.length = 0;
}

async function selfSigned(hasNames: boolean): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 86_400_000),
    extensions: [
      new BasicConstraintsExtension(true),
      ...(hasNames ? [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])] : []),
    ],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: certificate.toString('pem') };
}
