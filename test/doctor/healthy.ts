/** An installation in which nothing is wrong, as a cluster would show it. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import { POLICIES } from '../../policies/index.ts';
import {
  configurationDoor,
  roleDoor,
  type Installation,
  type Replica,
  type ServedKind,
  type WebhookConfiguration,
} from '../../src/cluster/installation.ts';
import type { ClusterDocument } from '../../src/config/index.ts';
import { KINDS, isGatewayKind, lifecycleOf, includesRelease, KIND_NAMES } from '../../src/gateway/index.ts';
import { manifestObjects } from '../../src/report/manifests.ts';
import { issueLeaf, makeAuthority, type Issued } from '../../src/serve/issuing.ts';

export const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 5, 1);
export const HOST = 'gateward.gateward-system.svc';

/** CAs and chains, as PEM texts. */
export interface Certificates {
  readonly ca: Issued;
  readonly other: Issued;
  /** The first one, of the same key, as it was before it was renewed, and as it will be. */
  readonly caBefore: string;
  readonly caToCome: string;
  readonly leaf: string;
  readonly ofOther: string;
  readonly misnamed: string;
  readonly over: string;
  /** Ten days are left of ninety, and of a year. */
  readonly late: string;
}

/** Makes them anew. */
export async function makeCertificates(): Promise<Certificates> {
  const years = { notBefore: NOW - 365 * DAY, notAfter: NOW + 365 * DAY };
  const ca = await makeAuthority('ours', years);
  const other = await makeAuthority('another', years);
  const leaf = async (by: Issued, host: string, from: number, to: number): Promise<string> =>
    (await issueLeaf(by, [host], { notBefore: NOW + from * DAY, notAfter: NOW + to * DAY })).cert;
  return {
    ca,
    other,
    caBefore: await sameAuthority(ca, -730, -1),
    caToCome: await sameAuthority(ca, 1, 365),
    leaf: await leaf(ca, HOST, -30, 60),
    ofOther: await leaf(other, HOST, -30, 60),
    misnamed: await leaf(ca, 'printer.example.com', -30, 60),
    over: await leaf(ca, HOST, -90, -1),
    late: await leaf(ca, HOST, -80, 10),
  };
}

/** A CA of the same name and key, good between two days from now. */
async function sameAuthority({ cert, key }: Issued, from: number, to: number): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const ca = new x509.X509Certificate(cert);
  const [pkcs8 = new ArrayBuffer()] = x509.PemConverter.decode(key);
  const same = await x509.X509CertificateGenerator.create({
    subject: ca.subjectName,
    issuer: ca.subjectName,
    publicKey: ca.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    notBefore: new Date(NOW + from * DAY),
    notAfter: new Date(NOW + to * DAY),
    extensions: ca.extensions,
  });
  return `${same.toString('pem')}\n`;
}

/** A document of the cluster, in force as it stands. */
export function document(kind: string, name: string, spec: unknown, status?: unknown): ClusterDocument {
  const inForce = { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] };
  const metadata = { name, generation: 1 };
  const value = { apiVersion: 'gateward.dev/v1alpha1', kind, metadata, spec, status: status ?? inForce };
  return { origin: `${kind} ${name} of the cluster`, value, locate: undefined, kind, name, uid: name, generation: 1 };
}

/** Both configurations, as they are generated. */
export function configurations(
  caBundle: string,
  profile: 'enforce' | 'warn' = 'enforce',
): {
  readonly validating: WebhookConfiguration;
  readonly mutating: WebhookConfiguration;
} {
  const base64 = Buffer.from(caBundle).toString('base64');
  const [mutating, validating] = manifestObjects('webhooks', { policies: POLICIES, profile, caBundle: base64 });
  return { validating: configurationDoor.parse(validating), mutating: configurationDoor.parse(mutating) };
}

function servedKinds(): readonly ServedKind[] {
  const release = { bundle: 'v1.6.1', channel: 'standard' as const };
  return KIND_NAMES.filter(isGatewayKind).flatMap((kind) => {
    const { group, plural, scope } = KINDS[kind];
    const versions = Object.entries(lifecycleOf(group, kind)?.versions ?? {})
      .filter(([, { served }]) => includesRelease(served, release))
      .map(([version]) => version);
    return versions.length === 0 ? [] : [{ group, kind, plural, scope, versions, release: { value: release } }];
  });
}

/** A pod that answers as it should. */
export function replica(name: string, chain: string): Replica {
  const metrics = {
    'gateward_certificate_expiry_timestamp_seconds{certificate="serving"}': (NOW + 60 * DAY) / 1000,
    'gateward_snapshot_age_seconds{kind="HTTPRoute"}': 3,
    'gateward_snapshot_whole{kind="HTTPRoute"}': 1,
  };
  return {
    name: `pod ${name}`,
    certificate: { value: chain },
    ready: { value: { status: 200, text: 'ok\n' } },
    metrics: { value: new Map(Object.entries(metrics)) },
  };
}

/** The whole of it. */
export function healthy({ ca, leaf }: Certificates): Installation {
  const { validating, mutating } = configurations(ca.cert);
  const rulesOf = (wanted: string) =>
    manifestObjects('rbac', { policies: POLICIES }).flatMap((object) =>
      z.object({ kind: z.string() }).parse(object).kind === wanted ? roleDoor.parse(object).rules : [],
    );
  const ports = new Map([
    ['webhook', 8443],
    ['metrics', 9090],
  ]);
  return {
    server: 'https://cluster',
    namespace: 'gateward-system',
    now: NOW,
    validating: { value: [validating] },
    mutating: { value: [mutating] },
    service: { value: { ports: [{ name: 'webhook', port: 443 }] } },
    endpoints: {
      value: ['gateward-1', 'gateward-2'].map((pod, at) => ({ address: `10.0.0.${at}`, ready: true, pod, ports })),
    },
    workload: { value: { replicas: 2, args: ['serve', '--policies-from-cluster'], secrets: ['gateward-tls'] } },
    lease: { value: { holder: 'gateward-1', durationSeconds: 15, renewed: NOW - 4000 } },
    authority: { value: undefined },
    keyPair: { value: leaf },
    replicas: [replica('gateward-1', leaf), replica('gateward-2', leaf)],
    kinds: { value: servedKinds() },
    safeUpgrades: { value: true },
    documents: {
      value: [
        document('ListenerSafety', 'listeners', { action: 'Deny' }),
        document('DefaultFilters', 'filters', {
          mode: 'Mutate',
          filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['X-Forwarded-User'] } }],
        }),
      ],
    },
    policyFiles: { value: undefined },
    access: { value: { cluster: rulesOf('ClusterRole'), namespaced: rulesOf('Role') } },
    answer: { answer: 'denied' },
  };
}
