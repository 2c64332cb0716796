import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BUNDLES,
  CHANNELS,
  KINDS,
  LIFECYCLE_KINDS,
  checkSchema,
  formatPath,
  lifecycleOf,
  releasesOfField,
  type FieldNode,
} from '#gateway';
import { GATEWAY_KINDS } from '../../policies/channel-pinning/kinds.ts';
import { parseRange, type Bound } from '../../policies/channel-pinning/pin.ts';
import { channelPinning } from '../../policies/channel-pinning/policy.ts';
import { evaluate, policySet, standing } from '../../src/engine/index.ts';
import { subjectOf, type Operation } from '#policy';
import type { SchemaNode } from '../../src/gateway/schema/schemaNode.ts';
import shapes from '../../src/gateway/schema/shapes.generated.json' with { type: 'json' };
import { Store } from '../../src/cluster/store.ts';
import { checkedObject, policyTable } from '../support/policyTable.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

const GROUP = 'gateway.networking.k8s.io';
const X_GROUP = 'gateway.networking.x-k8s.io';
const CHANNEL = `${GROUP}/channel`;
const BUNDLE = `${GROUP}/bundle-version`;
const CHANNEL_PATH = `metadata.annotations[${CHANNEL}]`;
const BUNDLE_PATH = `metadata.annotations[${BUNDLE}]`;

const PIN = { name: 'production', spec: { action: 'Deny', channel: 'standard', bundle: 'v1.6.1' } };

function pin(spec: object): readonly { readonly name: string; readonly spec: unknown }[] {
  return [{ name: 'production', spec: { ...PIN.spec, ...spec } }];
}

function object(kind: string, version: string, spec: object, group = GROUP): object {
  return { apiVersion: `${group}/${version}`, kind, metadata: { name: 'web', namespace: 'shop' }, spec };
}

const RETRY = object('HTTPRoute', 'v1', { rules: [{}, { retry: { attempts: 3 } }] });

const AUTH_ALLOW = ['type=ExternalAuth', 'externalAuth.backendRef'].map((path) => ({
  path: `spec.rules[].filters[].${path}`,
}));
const ofRoute = (entry: object): object => ({ kind: 'HTTPRoute', ...entry });
const auth = (protocol: string): object =>
  object('HTTPRoute', 'v1', {
    rules: [
      { filters: [{ type: 'ExternalAuth', externalAuth: { protocol, backendRef: { name: 'auth', port: 80 } } }] },
    ],
  });

interface CrdParts {
  readonly kind?: string;
  readonly plural?: string;
  readonly group?: string;
  readonly channel?: string | null;
  readonly bundle?: string | null;
  readonly versions?: readonly string[];
  readonly fields?: readonly string[];
  readonly status?: object;
}

/** A CRD with these fields in its `spec`. v1.6.0 is a bundle whose schemas are not known, so that any schema goes. */
function crd(parts: CrdParts = {}): object {
  const { kind = 'HTTPRoute', plural = 'httproutes', group = GROUP, channel = 'standard', bundle = 'v1.6.0' } = parts;
  const { versions = ['v1'], fields = ['hostnames'], status } = parts;
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'array' }]));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: {
        ...(channel === null ? {} : { [CHANNEL]: channel }),
        ...(bundle === null ? {} : { [BUNDLE]: bundle }),
      },
    },
    spec: {
      group,
      names: { kind, plural },
      versions: versions.map((name, at) => ({
        name,
        served: true,
        storage: at === 0,
        schema: { openAPIV3Schema: { properties: { spec: { properties } } } },
      })),
    },
    ...(status === undefined ? {} : { status }),
  };
}

const GATEWAYS = { kind: 'Gateway', plural: 'gateways' };
const IN_THE_CLUSTER = 'experimental only since v1.2.1';

policyTable(channelPinning, {
  documents: [PIN],
  valid: [
    { name: 'a route of the pinned release', object: object('HTTPRoute', 'v1', { rules: [{ timeouts: {} }] }) },
    { name: 'an older version that is still served', object: object('HTTPRoute', 'v1beta1', { rules: [] }) },
    {
      name: 'an experimental field in the experimental channel',
      documents: pin({ channel: 'experimental' }),
      object: RETRY,
    },
    {
      name: 'a field that no bundle knows',
      object: object('HTTPRoute', 'v1', { retries: 1, rules: [{ retires: 1 }] }),
    },
    {
      name: 'an absent value of an experimental field',
      object: object('HTTPRoute', 'v1', { rules: [{ retry: null }] }),
    },
    {
      name: 'an experimental field in status',
      object: {
        ...object('GatewayClass', 'v1', { controllerName: 'a/b' }),
        metadata: { name: 'c' },
        status: { supportedFeatures: [{ name: 'x' }] },
      },
      documents: pin({ bundle: 'v1.0.0' }),
    },
    {
      name: 'an allowed field',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[].retry' }] }),
      object: RETRY,
    },
    {
      name: 'an allowed field, written without brackets, and what is below it',
      documents: pin({ allow: [{ group: GROUP, path: 'spec.rules' }] }),
      object: RETRY,
    },
    {
      name: 'an allowed field at one index',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[1].retry' }] }),
      object: RETRY,
    },
    {
      name: 'an allowed field in one that the release has nothing of',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[].retry.attempts' }] }),
      object: RETRY,
    },
    {
      name: 'an allowed value of a field in one that the release has nothing of',
      documents: pin({
        allow: [...AUTH_ALLOW, { path: 'spec.rules[].filters[].externalAuth.protocol=HTTP' }].map(ofRoute),
      }),
      object: auth('HTTP'),
    },
    {
      name: 'any value of a field that is no enum in the release, beside an allowed one',
      documents: pin({
        bundle: 'v1.5.1',
        allow: [{ kind: 'BackendTLSPolicy', path: 'spec.validation.wellKnownCACertificates=System' }],
      }),
      object: object('BackendTLSPolicy', 'v1', {
        targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
        validation: { hostname: 'web.example', wellKnownCACertificates: 'vendor.example/Own' },
      }),
    },
    {
      name: 'two allowed values of a field in one that the release has nothing of',
      documents: pin({
        allow: [
          ...AUTH_ALLOW,
          { path: 'spec.rules[].filters[].externalAuth.protocol=GRPC' },
          { path: 'spec.rules[].filters[].externalAuth.protocol=HTTP' },
        ].map(ofRoute),
      }),
      object: auth('HTTP'),
    },
    {
      name: 'an allowed kind',
      documents: pin({ allow: [{ group: X_GROUP, kind: 'XBackend' }] }),
      object: object('XBackend', 'v1alpha1', { type: 'ExternalHostname', port: { port: 80 } }, X_GROUP),
    },
    {
      name: 'an allowed group',
      documents: pin({ allow: [{ group: X_GROUP }] }),
      object: object('XBackend', 'v1alpha1', { type: 'ExternalHostname', port: { port: 80 } }, X_GROUP),
    },
    {
      name: 'an allowed value',
      documents: pin({ bundle: 'v1.4.1', allow: [{ kind: 'HTTPRoute', path: 'spec.rules[].filters[].type=CORS' }] }),
      object: object('HTTPRoute', 'v1', { rules: [{ filters: [{ type: 'CORS' }] }] }),
    },
    {
      name: 'another patch of a known minor',
      documents: pin({ bundle: '1.5.0' }),
      object: object('ListenerSet', 'v1', { parentRef: { name: 'a' }, listeners: [] }),
    },
    { name: 'a deletion of what is not in the channel', skipped: true, operation: 'DELETE', object: RETRY },
    { name: 'a CRD of the pinned channel and minor', object: crd() },
    { name: 'a CRD of another group', object: crd({ group: 'example.com', channel: null, bundle: null }) },
    { name: 'a deletion of a CRD of another group', operation: 'DELETE', object: crd({ group: 'example.com' }) },
    {
      name: 'crd-version: a range over minors',
      documents: pin({ crds: { versions: '>=1.5.1 <1.7.0' } }),
      object: crd(),
    },
    {
      name: 'crd-version: a candidate that the range names',
      documents: pin({ crds: { versions: '>=1.6.0-rc.1 <1.7.0' } }),
      object: crd({ bundle: 'v1.6.0-rc.2' }),
    },
    {
      name: 'crd-version: a monthly bundle that the range names',
      documents: pin({ crds: { versions: '>=1.6.0 <1.7.0 || monthly-2026.05' } }),
      object: crd({ bundle: 'monthly-2026.05' }),
    },
    {
      name: 'crd-channel: the CRD of a kind that is allowed, beside the others',
      documents: pin({ allow: [{ group: X_GROUP, kind: 'XMesh' }] }),
      object: crd({ kind: 'XMesh', plural: 'xmeshes', group: X_GROUP, channel: 'experimental' }),
      state: [crd(GATEWAYS)],
    },
    {
      name: 'crd-mixed: the CRD of a kind that is allowed, in the company of this one',
      documents: pin({ allow: [{ group: X_GROUP, kind: 'XMesh' }] }),
      object: crd(),
      state: [crd({ kind: 'XMesh', plural: 'xmeshes', group: X_GROUP, channel: 'experimental' })],
    },
    {
      name: 'crd-schema: a kind that a patch which is not known may have',
      object: crd({ kind: 'XBackend', plural: 'xbackends', group: X_GROUP }),
    },
    {
      name: 'crd-mixed: other groups do not count',
      object: crd(),
      state: [crd({ group: 'example.com', bundle: 'v1.0.0' }), crd(GATEWAYS)],
    },
    { name: 'crd-downgrade: an upgrade', object: crd({ bundle: 'v1.6.3' }), oldObject: crd({ bundle: 'v1.6.0-rc.1' }) },
    {
      name: 'crd-stored-version: a stored version that stays',
      object: crd({ versions: ['v1', 'v1beta1'] }),
      oldObject: crd({ versions: ['v1', 'v1beta1'], status: { storedVersions: ['v1beta1'] } }),
    },
    {
      name: 'crd-stored-version: a stored version that was gone before',
      object: crd({ versions: ['v1'] }),
      oldObject: crd({ versions: ['v1'], status: { storedVersions: ['v1beta1', 'v1'] } }),
    },
    {
      name: 'crd-not-upgradable: stored in a version that the release has, served or not',
      object: crd({ kind: 'TLSRoute', plural: 'tlsroutes', status: { storedVersions: ['v1alpha2', 'v1'] } }),
    },
    {
      name: 'crd-not-upgradable: a kind that the release does not have keeps its CRD',
      documents: pin({ bundle: 'v1.0.0', crds: { versions: '>=1.0.0' } }),
      object: crd({ kind: 'GRPCRoute', plural: 'grpcroutes', status: { storedVersions: ['v1alpha2'] } }),
    },
    {
      name: 'crd-not-upgradable: a kind that is allowed as a whole',
      documents: pin({ allow: [{ kind: 'GRPCRoute' }] }),
      object: crd({ kind: 'GRPCRoute', plural: 'grpcroutes', status: { storedVersions: ['v1alpha2'] } }),
    },
    {
      name: 'crd-fields-in-use: a field goes that nobody uses',
      object: crd(),
      oldObject: crd({ fields: ['hostnames', 'useDefaultGateways'] }),
      state: [object('HTTPRoute', 'v1', { hostnames: ['a.example.com'] })],
    },
    {
      name: 'crd-fields-in-use: what another kind uses',
      object: crd(),
      oldObject: crd({ fields: ['hostnames', 'useDefaultGateways'] }),
      state: [object('TLSRoute', 'v1', { hostnames: ['a.example.com'], rules: [], useDefaultGateways: 'All' })],
    },
    {
      name: 'crd-in-use: a kind without objects',
      operation: 'DELETE',
      object: crd(),
      state: [object('TLSRoute', 'v1', { hostnames: ['a.example.com'], rules: [] })],
    },
    {
      name: 'crd-in-use: a kind that is not known',
      operation: 'DELETE',
      object: crd({ kind: 'Future', plural: 'futures' }),
    },
    ...GATEWAY_KINDS.map((kind) => ({
      name: `crd-in-use: no object of kind ${kind}`,
      operation: 'DELETE' as const,
      object: crd({ kind, plural: KINDS[kind].plural, group: KINDS[kind].group }),
    })),
  ],
  invalid: [
    {
      name: 'kind-not-in-channel: an experimental kind',
      object: object('XBackend', 'v1alpha1', { type: 'ExternalHostname', port: { port: 80 } }, X_GROUP),
      expect: [
        {
          rule: 'kind-not-in-channel',
          path: 'kind',
          message:
            'kind XBackend is not in standard v1.6.1 (experimental only since v1.6.1); leave the object out, or allow the kind in ChannelPin production',
        },
      ],
    },
    {
      name: 'kind-not-in-channel: a kind that came later',
      documents: pin({ bundle: 'v1.5.1' }),
      object: object('TCPRoute', 'v1', { rules: [] }),
      expect: [
        {
          rule: 'kind-not-in-channel',
          path: 'kind',
          message:
            'kind TCPRoute is not in standard v1.5.1 (standard since v1.6.1, experimental since v1.0.0); leave the object out, or allow the kind in ChannelPin production',
        },
      ],
    },
    {
      name: 'kind-not-in-channel: a kind that went',
      documents: pin({ channel: 'experimental' }),
      object: object('BackendLBPolicy', 'v1alpha2', { targetRefs: [] }),
      expect: [
        {
          rule: 'kind-not-in-channel',
          path: 'kind',
          message:
            'kind BackendLBPolicy is not in experimental v1.6.1 (experimental only from v1.1.0 to v1.2.1); leave the object out, or allow the kind in ChannelPin production',
        },
      ],
    },
    {
      name: 'version-not-served: GRPCRoute v1alpha2, gone in v1.2',
      documents: pin({ bundle: 'v1.2.1' }),
      object: object('GRPCRoute', 'v1alpha2', { rules: [] }),
      expect: [
        {
          rule: 'version-not-served',
          path: 'apiVersion',
          message: `GRPCRoute ${GROUP}/v1alpha2 is not served by standard v1.2.1 (served: experimental only from v1.0.0 to v1.1.0); use ${GROUP}/v1`,
        },
      ],
    },
    {
      name: 'version-not-served: ReferenceGrant v1 before it came, and a field beside it',
      documents: pin({ bundle: 'v1.4.1' }),
      object: object('ReferenceGrant', 'v1', { from: [], to: [] }),
      expect: [
        {
          rule: 'version-not-served',
          path: 'apiVersion',
          message: `ReferenceGrant ${GROUP}/v1 is not served by standard v1.4.1 (served: standard since v1.5.1); use ${GROUP}/v1beta1`,
        },
      ],
    },
    {
      name: 'version-not-served: a version that no bundle has',
      object: object('HTTPRoute', 'v2', { rules: [] }),
      expect: [
        {
          rule: 'version-not-served',
          path: 'apiVersion',
          message: `HTTPRoute ${GROUP}/v2 is not served by standard v1.6.1 (served: no bundle up to v1.6.1); use ${GROUP}/v1`,
        },
      ],
    },
    {
      name: 'field-not-in-channel: where it begins',
      object: RETRY,
      expect: [
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[1].retry',
          message: `spec.rules[1].retry: HTTPRoute has no spec.rules[].retry in standard v1.6.1 (${IN_THE_CLUSTER}); the API server drops it without a word. Leave it out, or allow it in ChannelPin production`,
        },
      ],
    },
    {
      name: 'field-not-in-channel: beside an allowed field in one that the release has nothing of, and at another index',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[0].retry.attempts' }] }),
      object: object('HTTPRoute', 'v1', {
        rules: [{ retry: { attempts: 3, codes: [500] } }, { retry: { attempts: 3 } }],
      }),
      expect: [
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[0].retry.codes',
          message: `spec.rules[0].retry.codes: HTTPRoute has no spec.rules[].retry.codes in standard v1.6.1 (${IN_THE_CLUSTER}); the API server drops it without a word. Leave it out, or allow it in ChannelPin production`,
        },
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[1].retry.attempts',
          message: `spec.rules[1].retry.attempts: HTTPRoute has no spec.rules[].retry.attempts in standard v1.6.1 (${IN_THE_CLUSTER}); the API server drops it without a word. Leave it out, or allow it in ChannelPin production`,
        },
      ],
    },
    {
      name: 'value-not-in-channel: another value than the allowed one, in a field that the release has nothing of',
      documents: pin({
        allow: [...AUTH_ALLOW, { path: 'spec.rules[].filters[].externalAuth.protocol=HTTP' }].map(ofRoute),
      }),
      object: auth('GRPC'),
      expect: [
        {
          rule: 'value-not-in-channel',
          path: 'spec.rules[0].filters[0].externalAuth.protocol',
          message:
            'spec.rules[0].filters[0].externalAuth.protocol: spec.rules[].filters[].externalAuth.protocol of HTTPRoute does not take GRPC in standard v1.6.1 (experimental only since v1.4.1); use another value, or allow it in ChannelPin production',
        },
      ],
    },
    {
      name: 'field-not-in-channel: an exception for another index, and for another kind',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[0].retry' }, { kind: 'GRPCRoute' }] }),
      object: RETRY,
      expect: [
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[1].retry',
          message: `spec.rules[1].retry: HTTPRoute has no spec.rules[].retry in standard v1.6.1 (${IN_THE_CLUSTER}); the API server drops it without a word. Leave it out, or allow it in ChannelPin production`,
        },
      ],
    },
    {
      name: 'field-not-in-channel: a field that graduates later, and its value',
      documents: pin({ bundle: 'v1.4.1' }),
      object: object('HTTPRoute', 'v1', {
        rules: [{ filters: [{ type: 'CORS', cors: { allowOrigins: ['https://a.example.com'] } }] }],
      }),
      expect: [
        {
          rule: 'value-not-in-channel',
          path: 'spec.rules[0].filters[0].type',
          message:
            'spec.rules[0].filters[0].type: spec.rules[].filters[].type of HTTPRoute does not take CORS in standard v1.4.1 (standard since v1.5.1, experimental since v1.3.0); use another value, or allow it in ChannelPin production',
        },
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[0].filters[0].cors',
          message:
            'spec.rules[0].filters[0].cors: HTTPRoute has no spec.rules[].filters[].cors in standard v1.4.1 (standard since v1.5.1, experimental since v1.3.0); the API server drops it without a word. Leave it out, or allow it in ChannelPin production',
        },
      ],
    },
    {
      name: 'an allowed value is not its field with another value',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[].filters[].type=CORS' }] }),
      object: object('HTTPRoute', 'v1', { rules: [{ filters: [{ type: 'ExternalAuth' }] }] }),
      expect: [
        {
          rule: 'value-not-in-channel',
          path: 'spec.rules[0].filters[0].type',
          message:
            'spec.rules[0].filters[0].type: spec.rules[].filters[].type of HTTPRoute does not take ExternalAuth in standard v1.6.1 (experimental only since v1.4.1); use another value, or allow it in ChannelPin production',
        },
      ],
    },
    {
      name: 'an UPDATE that keeps the field and adds another',
      object: object('HTTPRoute', 'v1', { useDefaultGateways: 'All', rules: [{ retry: { attempts: 3 } }] }),
      oldObject: RETRY,
      expect: [
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[0].retry',
          relief: 'ratcheted',
          message: `spec.rules[0].retry: HTTPRoute has no spec.rules[].retry in standard v1.6.1 (${IN_THE_CLUSTER}); the API server drops it without a word. Leave it out, or allow it in ChannelPin production`,
        },
        {
          rule: 'field-not-in-channel',
          path: 'spec.useDefaultGateways',
          message:
            'spec.useDefaultGateways: HTTPRoute has no spec.useDefaultGateways in standard v1.6.1 (experimental only since v1.4.1); the API server drops it without a word. Leave it out, or allow it in ChannelPin production',
        },
      ],
    },
    {
      name: 'crd-channel: no annotations at all',
      object: crd({ channel: null, bundle: null }),
      expect: [
        {
          rule: 'crd-channel',
          path: CHANNEL_PATH,
          message: `${CHANNEL_PATH} of the CRD of HTTPRoute says nothing, and ChannelPin production pins standard; install the CRD of the standard channel, or leave it out where that has none`,
        },
        {
          rule: 'crd-version',
          path: BUNDLE_PATH,
          message: `${BUNDLE_PATH} of the CRD of HTTPRoute says nothing, which is not among the versions >=1.6.0 <1.7.0 of ChannelPin production; install a bundle of these, or widen crds.versions`,
        },
      ],
    },
    {
      name: 'crd-channel: the CRD of a kind that is allowed, which says nothing',
      documents: pin({ allow: [{ group: X_GROUP, kind: 'XMesh' }] }),
      object: crd({ kind: 'XMesh', plural: 'xmeshes', group: X_GROUP, channel: null }),
      state: [crd(GATEWAYS)],
      expect: [
        {
          rule: 'crd-channel',
          path: CHANNEL_PATH,
          message: `${CHANNEL_PATH} of the CRD of XMesh says nothing, and ChannelPin production pins standard; install the CRD of the standard channel, or leave it out where that has none`,
        },
      ],
    },
    {
      name: 'crd-version: nothing, which is no release to mix with others',
      object: crd({ bundle: null }),
      state: [crd(GATEWAYS)],
      expect: [
        {
          rule: 'crd-version',
          path: BUNDLE_PATH,
          message: `${BUNDLE_PATH} of the CRD of HTTPRoute says nothing, which is not among the versions >=1.6.0 <1.7.0 of ChannelPin production; install a bundle of these, or widen crds.versions`,
        },
      ],
    },
    {
      name: 'an experimental field, where another group is allowed',
      documents: pin({ allow: [{ group: X_GROUP }] }),
      object: RETRY,
      expect: [
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[1].retry',
          message:
            'spec.rules[1].retry: HTTPRoute has no spec.rules[].retry in standard v1.6.1 (experimental only since v1.2.1); the API server drops it without a word. Leave it out, or allow it in ChannelPin production',
        },
      ],
    },
    {
      name: 'a version that is not served, and a field that would go with it',
      object: object('GRPCRoute', 'v1alpha2', { rules: [{ sessionPersistence: { sessionName: 'a' } }] }),
      expect: [
        {
          rule: 'version-not-served',
          path: 'apiVersion',
          message:
            'GRPCRoute gateway.networking.k8s.io/v1alpha2 is not served by standard v1.6.1 (served: experimental only from v1.0.0 to v1.1.0); use gateway.networking.k8s.io/v1',
        },
        {
          rule: 'field-not-in-channel',
          path: 'spec.rules[0].sessionPersistence',
          message:
            'spec.rules[0].sessionPersistence: GRPCRoute has no spec.rules[].sessionPersistence in standard v1.6.1 (experimental only since v1.1.0); the API server drops it without a word. Leave it out, or allow it in ChannelPin production',
        },
      ],
      fixes: [],
    },
    {
      name: 'crd-channel: an allowed field does not open the CRD',
      documents: pin({ allow: [{ kind: 'HTTPRoute', path: 'spec.rules[].retry' }] }),
      object: crd({ channel: 'experimental' }),
      expect: [
        {
          rule: 'crd-channel',
          path: CHANNEL_PATH,
          message: `${CHANNEL_PATH} of the CRD of HTTPRoute says "experimental", and ChannelPin production pins standard; install the CRD of the standard channel, or leave it out where that has none`,
        },
      ],
    },
    {
      name: 'crd-channel: standard where experimental is pinned',
      documents: pin({ channel: 'experimental' }),
      object: crd(),
      expect: [
        {
          rule: 'crd-channel',
          path: CHANNEL_PATH,
          message: `${CHANNEL_PATH} of the CRD of HTTPRoute says "standard", and ChannelPin production pins experimental; install the CRD of the experimental channel, or leave it out where that has none`,
        },
      ],
    },
    {
      name: 'crd-version: a candidate of the next minor',
      documents: pin({ crds: { versions: '>=1.5.1 <1.7.0' } }),
      object: crd({ bundle: 'v1.7.0-rc.1' }),
      expect: [
        {
          rule: 'crd-version',
          path: BUNDLE_PATH,
          message: `${BUNDLE_PATH} of the CRD of HTTPRoute says "v1.7.0-rc.1", which is a pre-release that no range names, so not among the versions >=1.5.1 <1.7.0 of ChannelPin production; install a bundle of these, or widen crds.versions`,
        },
      ],
    },
    {
      name: 'crd-schema: a schema that belongs to no release',
      object: crd({ bundle: 'v1.6.1' }),
      expect: [
        {
          rule: 'crd-schema',
          path: 'spec.versions',
          message:
            'spec.versions of the CRD of HTTPRoute is not that of standard v1.6.1, as its annotations say: it is that of no release. Apply the CRD as it was released',
        },
      ],
    },
    {
      name: 'crd-schema: a kind that the release does not have',
      object: crd({ kind: 'XBackend', plural: 'xbackends', group: X_GROUP, bundle: 'v1.6.1' }),
      expect: [
        {
          rule: 'crd-schema',
          path: 'spec.versions',
          message:
            'spec.versions of the CRD of XBackend is not that of standard v1.6.1, as its annotations say: standard v1.6.1 has no XBackend. Apply the CRD as it was released',
        },
      ],
    },
    {
      name: 'crd-mixed: warns at most, though the document denies',
      object: crd(),
      state: [
        crd({ ...GATEWAYS, bundle: 'v1.6.2' }),
        crd({ kind: 'XMesh', plural: 'xmeshes', group: X_GROUP, channel: 'experimental' }),
        crd({ kind: 'TLSRoute', plural: 'tlsroutes' }),
      ],
      expect: [
        {
          rule: 'crd-mixed',
          path: BUNDLE_PATH,
          action: 'Warn',
          message:
            'the CRD of HTTPRoute is of standard v1.6.0, beside Gateway of standard v1.6.2, XMesh of experimental v1.6.0; bring all CRDs of both groups to one bundle and channel',
        },
      ],
    },
    {
      name: 'crd-downgrade',
      object: crd({ bundle: 'v1.6.0' }),
      oldObject: crd({ bundle: 'v1.6.2' }),
      expect: [
        {
          rule: 'crd-downgrade',
          path: BUNDLE_PATH,
          message: `${BUNDLE_PATH} of the CRD of HTTPRoute goes back from v1.6.2 to v1.6.0; objects may hold what the older bundle has not. Keep v1.6.2, or a later one`,
        },
      ],
    },
    {
      name: 'crd-stored-version',
      object: crd({ versions: ['v1'] }),
      oldObject: crd({
        versions: ['v1', 'v1beta1', 'v1alpha2'],
        status: { storedVersions: ['v1alpha2', 'v1beta1', 'v1'] },
      }),
      expect: [
        {
          rule: 'crd-stored-version',
          path: 'spec.versions',
          message:
            'spec.versions of the CRD of HTTPRoute no longer has v1alpha2, v1beta1, in which objects are stored; write them again in another version and take it out of status.storedVersions first',
        },
      ],
    },
    {
      name: 'crd-not-upgradable: stored in a version that the release has lost',
      object: crd({ kind: 'GRPCRoute', plural: 'grpcroutes', status: { storedVersions: ['v1alpha2', 'v1'] } }),
      expect: [
        {
          rule: 'crd-not-upgradable',
          path: 'status.storedVersions',
          message:
            'status.storedVersions of the CRD of GRPCRoute names v1alpha2, which standard v1.6.1 does not have; its CRD will be refused. Write the objects again in v1 and take v1alpha2 out of status.storedVersions first',
        },
      ],
    },
    {
      name: 'crd-fields-in-use: objects are counted',
      object: crd(),
      oldObject: crd({ channel: 'experimental', fields: ['hostnames', 'useDefaultGateways'] }),
      state: [
        object('HTTPRoute', 'v1', { useDefaultGateways: 'All' }),
        {
          ...object('HTTPRoute', 'v1', { useDefaultGateways: 'All', hostnames: [] }),
          metadata: { name: 'api', namespace: 'pay' },
        },
        { ...object('HTTPRoute', 'v1', {}), metadata: { name: 'other', namespace: 'pay' } },
      ],
      expect: [
        {
          rule: 'crd-fields-in-use',
          path: 'spec.versions',
          message:
            'spec.versions of the CRD of HTTPRoute drops what is in use by 2 objects: spec.useDefaultGateways (2). Take it out of there first, or keep the CRD',
        },
      ],
    },
    {
      name: 'crd-fields-in-use: objects are named where the document says so',
      documents: pin({ disclose: 'Objects' }),
      object: crd(),
      oldObject: crd({ channel: 'experimental', fields: ['hostnames', 'useDefaultGateways'] }),
      state: [object('HTTPRoute', 'v1', { useDefaultGateways: 'All' })],
      expect: [
        {
          rule: 'crd-fields-in-use',
          path: 'spec.versions',
          message:
            'spec.versions of the CRD of HTTPRoute drops what is in use by 1 object (HTTPRoute shop/web): spec.useDefaultGateways (1). Take it out of there first, or keep the CRD',
        },
      ],
    },
    {
      name: 'crd-in-use',
      operation: 'DELETE',
      documents: pin({ disclose: 'Objects' }),
      object: crd(),
      state: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
        ...object('HTTPRoute', 'v1', {}),
        metadata: { name, namespace: 'shop' },
      })),
      expect: [
        {
          rule: 'crd-in-use',
          path: '',
          message:
            'the CRD of HTTPRoute takes 6 objects (HTTPRoute shop/a, HTTPRoute shop/b, HTTPRoute shop/c, HTTPRoute shop/d, HTTPRoute shop/e and 1 more) with it when it goes. Delete what is to go first, or keep the CRD',
        },
      ],
    },
  ],
  patched: [
    {
      name: 'another version of the same schema',
      documents: pin({ bundle: 'v1.2.1' }),
      object: object('GRPCRoute', 'v1alpha2', { rules: [] }),
      patch: [{ op: 'replace', path: '/apiVersion', value: `${GROUP}/v1` }],
    },
  ],
  refused: [
    {
      name: 'no channel',
      documents: [{ name: 'a', spec: {} }],
      issues: [{ path: 'spec.channel', message: 'is required: standard | experimental' }],
    },
    ...['v1.7.0', 'v0.8.1', 'monthly-2026.05', 'latest'].map((bundle) => ({
      name: `the bundle ${bundle}`,
      documents: pin({ bundle }),
      issues: [
        {
          path: 'spec.bundle',
          message: `"${bundle}" is not a bundle that this version of Gateward knows; pin one of v1.0.0, v1.1.0, v1.2.1, v1.3.0, v1.4.1, v1.5.1, v1.6.1`,
        },
      ],
    })),
    ...['', 'newest', '>=1.5.1 ||', 'monthly'].map((versions) => ({
      name: `the range "${versions}"`,
      documents: pin({ crds: { versions } }),
      issues: [{ path: 'spec.crds.versions', message: `"${versions}" is not a SemVer range, as ">=1.5.1 <1.7.0"` }],
    })),
    {
      name: 'exceptions for what does not exist',
      documents: pin({
        allow: [
          { kind: 'HTTPRout' },
          { group: 'example.com' },
          { kind: 'HTTPRoute', path: 'spec.rules[].retries' },
          { kind: 'HTTPRoute', path: 'spec.rules[].retry.attempts' },
          { group: X_GROUP, kind: 'HTTPRoute' },
          { group: 'gateway.networking.k8s.oi', kind: 'HTTPRoute' },
          { kind: 'HTTPRoute', path: 'spec.rules[].filters[].type=CROS' },
          { kind: 'HTTPRoute', path: 'spec.rules[].filters[].type=CORS' },
          { kind: 'HTTPRoute', path: 'spec.rules[].retry=3' },
          // An enum to v1.4, a pattern since.
          { kind: 'BackendTLSPolicy', path: 'spec.validation.wellKnownCACertificates=example.com/ours' },
        ],
      }),
      issues: [
        { path: 'spec.allow[0].kind', message: 'no Gateway API bundle has this kind in this group' },
        { path: 'spec.allow[1].group', message: 'no Gateway API bundle has this group' },
        { path: 'spec.allow[2].path', message: 'no Gateway API bundle has this field in HTTPRoute' },
        { path: 'spec.allow[4].kind', message: 'no Gateway API bundle has this kind in this group' },
        { path: 'spec.allow[5].group', message: 'no Gateway API bundle has this group' },
        { path: 'spec.allow[6].path', message: 'no Gateway API bundle has this value of the field in HTTPRoute' },
        { path: 'spec.allow[8].path', message: 'no Gateway API bundle has this value of the field in HTTPRoute' },
      ],
    },
    {
      name: 'an exception for nothing',
      documents: pin({ allow: [{ path: 'spec' }] }),
      issues: [{ path: 'spec.allow[0].kind', message: 'name a kind, or a group' }],
    },
  ],
});

/** What the documents say of a subject: `rule path` of each finding, and errors. */
function judge(
  spec: object,
  operation: Operation,
  raw: unknown,
  rawOld?: unknown,
  store = new Store('all'),
): readonly string[] {
  const { bound, issues } = channelPinning.bind([{ name: 'production', spec: { ...PIN.spec, ...spec } }]);
  expect(issues).toEqual([]);
  const { kind, object: checked } = checkedObject(raw);
  const old = rawOld === undefined ? undefined : checkedObject(rawOld).object;
  const namespace = checked.metadata.namespace ?? '';
  const parts = { kind, operation, object: checked, oldObject: old, raw, rawOld, namespace };
  const subject = subjectOf({ ...parts, subresource: '', requester: undefined });
  const { violations, errors } = evaluate(subject, store, policySet(bound, []), 0);
  return [
    ...violations.map(({ rule, path, relief }) => `${rule} ${formatPath(path)} ${relief.kind}`),
    ...errors.map(({ reason }) => `error: ${reason}`),
  ];
}

/** v1 of the routes below HTTP has rules that v1alpha2 has not (config/crd of v1.6.1). */
describe('another version is a fix where it takes the object', () => {
  const rules = [{ backendRefs: [{ name: 'db', port: 1 }] }];
  const hostnames = ['a.example.com', '*.b.example.com'];
  test.each([
    ['TCPRoute', { rules }, true],
    ['TCPRoute', { rules: [...rules, ...rules] }, false],
    ['TCPRoute', { rules: [] }, false],
    ['UDPRoute', { rules }, true],
    ['UDPRoute', { rules: [...rules, ...rules] }, false],
    ['TLSRoute', { hostnames, rules }, true],
    ['TLSRoute', { hostnames, rules: [...rules, ...rules] }, false],
    ['TLSRoute', { hostnames: [], rules }, false],
    ['TLSRoute', { rules }, false],
    ['TLSRoute', { hostnames: [...hostnames, '10.0.0.1'], rules }, false],
    ['TLSRoute', { hostnames: ['10.0.0.1.example.com', '10.0.0'], rules }, true],
  ])('%s %j: %s', async (kind, spec, isFixed) => {
    const raw = object(kind, 'v1alpha2', spec);
    const { bound } = channelPinning.bind([PIN]);
    const subject = standing(checkedObject(raw).kind, checkedObject(raw).object);
    const { violations } = evaluate({ ...subject, raw }, new Store('all'), policySet(bound, []), 0);
    expect(violations.map(({ rule, fix }) => [rule, fix?.edits.length])).toEqual([
      ['channel-pinning/version-not-served', isFixed ? 1 : 0],
    ]);
    const refused = await checkSchema(subject.kind, 'v1', 'standard', { ...raw, apiVersion: `${GROUP}/v1` });
    expect(refused.length === 0).toBe(isFixed);
  });
});

describe('what cannot be seen is not taken for absent', () => {
  test.each([
    ['deletes a CRD', 'DELETE', crd(), undefined],
    ['drops a field', 'UPDATE', crd(), crd({ fields: ['hostnames', 'useDefaultGateways'] })],
  ] as const)('a change that %s', (_name, operation, raw, rawOld) => {
    const errors = ['error: objects of kind HTTPRoute are out of sight'];
    expect(judge({}, operation, raw, rawOld, new Store('none'))).toEqual(errors);
    expect(judge({}, operation, raw, rawOld, new Store('some'))).toEqual([]);
  });
});

describe('what a CRD drops of what objects have', () => {
  const withSpec = (properties: object): object => {
    const schema = { openAPIV3Schema: { properties: { spec: { properties } } } };
    const { spec, ...rest } = { spec: {}, ...crd({ bundle: null }) };
    return { ...rest, spec: { ...spec, versions: [{ name: 'v1', served: true, storage: true, schema }] } };
  };
  const one = { properties: { a: {} } };
  const both = { properties: { a: {}, b: {} } };
  test.each<[string, object, object, object, boolean]>([
    ['a value of an enum', { enum: ['a', 'b'] }, { enum: ['a'] }, { x: 'b' }, true],
    ['another value of it', { enum: ['a', 'b'] }, { enum: ['a'] }, { x: 'a' }, false],
    ['a number of an enum', { enum: [1, 2] }, { enum: [1] }, { x: 2 }, true],
    ['true of an enum', { enum: [true, false] }, { enum: [false] }, { x: true }, true],
    ['a value of what was no enum', { type: 'string' }, { enum: ['a'] }, { x: 'b' }, true],
    ['a value of what is an enum no more', { enum: ['a', 'b'] }, { type: 'string' }, { x: 'b' }, false],
    ['a field', both, one, { x: { b: 1 } }, true],
    ['another field', both, one, { x: { a: 1 } }, false],
    ['a field of items', { items: both }, { items: one }, { x: [{ a: 1 }, { b: 1 }] }, true],
    ['another field of items', { items: both }, { items: one }, { x: [{ a: 1 }] }, false],
    ['a field of a map', { additionalProperties: both }, { additionalProperties: one }, { x: { k: { b: 1 } } }, true],
    [
      'another field of a map',
      { additionalProperties: both },
      { additionalProperties: one },
      { x: { k: { a: 1 } } },
      false,
    ],
    [
      'a field named as JavaScript names things',
      { properties: { constructor: {} } },
      {},
      { x: { constructor: 1 } },
      true,
    ],
    ['no such field', { properties: { constructor: {} } }, {}, { x: { a: 1 } }, false],
  ])('%s', (_name, before, after, spec, isUsed) => {
    const store = new Store('all');
    store.put('HTTPRoute', checkedObject(object('HTTPRoute', 'v1', spec)).object);
    const found = judge({}, 'UPDATE', withSpec({ x: after }), withSpec({ x: before }), store);
    expect(found.filter((line) => line.includes('fields-in-use'))).toEqual(
      isUsed ? ['channel-pinning/crd-fields-in-use spec.versions none'] : [],
    );
  });
});

/** The holes of the safe-upgrades policy that Gateway API ships: what it lets pass, or refuses for no reason. */
describe('what safe-upgrades misses', () => {
  const version = (bundle: string): readonly string[] =>
    judge({ crds: { versions: '>=1.5.1 <1.7.0' } }, 'CREATE', crd({ bundle }));
  const outside = [`channel-pinning/crd-version ${BUNDLE_PATH} none`];
  const lying = 'channel-pinning/crd-schema spec.versions none';
  test.each([
    ['v0.8.1', outside],
    ['v1.0.0', [...outside, lying]],
    ['v1.0.0-rc1', outside],
    ['v1.4.1', [...outside, lying]],
    ['1.4.1', [...outside, lying]],
    ['v1.4.1+vendor', [...outside, lying]],
    [' v1.4.1', [...outside, lying]],
    ['v1.5.0', outside],
    ['1.5.0', outside],
    ['v1.6.0', []],
    ['v1.6.9', []],
    ['v1.10.0', outside],
    ['v1.100.0', outside],
    ['v9.9.9', outside],
    ['garbage', outside],
    ['monthly-2026.05', outside],
    ['v0.0.0-dev', outside],
  ])('the bundle version %s', (bundle, expected) => {
    expect(version(bundle)).toEqual(expected);
  });

  test('objects and their fields', () => {
    expect(judge({}, 'CREATE', RETRY)).toEqual(['channel-pinning/field-not-in-channel spec.rules[1].retry none']);
  });

  test('the schema behind the annotation', () => {
    expect(judge({}, 'CREATE', crd({ bundle: 'v1.6.1' }))).toEqual(['channel-pinning/crd-schema spec.versions none']);
  });

  test.each([
    ['another schema', ['hostnames', 'rules'], 'none'],
    ['the schema it had', ['hostnames'], 'ratcheted'],
  ])('the schema behind the annotation, over one of no release either: %s', (_name, fields, relief) => {
    const before = crd({ bundle: 'v1.6.1' });
    expect(judge({}, 'UPDATE', crd({ bundle: 'v1.6.1', fields }), before)).toEqual([
      `channel-pinning/crd-schema spec.versions ${relief}`,
    ]);
  });

  test('the group of the experimental kinds, and CREATE of an experimental CRD', () => {
    const mesh = { kind: 'XMesh', plural: 'xmeshes', group: X_GROUP, channel: 'experimental' };
    expect(judge({}, 'CREATE', crd(mesh))).toEqual([`channel-pinning/crd-channel ${CHANNEL_PATH} none`]);
    expect(judge({}, 'CREATE', crd({ channel: 'experimental' }))).toEqual([
      `channel-pinning/crd-channel ${CHANNEL_PATH} none`,
    ]);
  });

  test('deletion and creation anew', () => {
    const store = new Store('all');
    store.put('HTTPRoute', checkedObject(object('HTTPRoute', 'v1', {})).object);
    expect(judge({}, 'DELETE', crd(), undefined, store)).toEqual(['channel-pinning/crd-in-use  none']);
    expect(judge({}, 'CREATE', crd({ bundle: 'v1.5.0' }))).toEqual(outside);
  });

  test('experimental to standard', () => {
    const store = new Store('all');
    store.put('HTTPRoute', checkedObject(object('HTTPRoute', 'v1', { useDefaultGateways: 'All' })).object);
    const old = crd({ channel: 'experimental', fields: ['hostnames', 'useDefaultGateways'] });
    expect(judge({}, 'UPDATE', crd(), old, store)).toEqual(['channel-pinning/crd-fields-in-use spec.versions none']);
  });

  test('versions that objects are stored in', () => {
    const old = crd({ versions: ['v1', 'v1beta1'], status: { storedVersions: ['v1beta1'] } });
    expect(judge({}, 'UPDATE', crd(), old)).toEqual(['channel-pinning/crd-stored-version spec.versions none']);
  });

  test('skew between the CRDs', () => {
    const store = new Store('all');
    store.put('CustomResourceDefinition', checkedObject(crd({ ...GATEWAYS, bundle: 'v1.5.0' })).object);
    expect(judge({}, 'CREATE', crd(), undefined, store)).toEqual([`channel-pinning/crd-mixed ${BUNDLE_PATH} none`]);
  });

  test('an older CRD that is there may still be edited', () => {
    const edited = crd({ bundle: 'v1.5.0', status: { storedVersions: ['v1'] } });
    expect(judge({}, 'UPDATE', edited, crd({ bundle: 'v1.5.0' }))).toEqual([
      `channel-pinning/crd-version ${BUNDLE_PATH} ratcheted`,
    ]);
  });
});

const crdDocument = z.looseObject({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.looseObject({ names: z.looseObject({ kind: z.string() }) }),
});

/** The CRDs of a release by kind. */
function released(bundle: string, channel: string): ReadonlyMap<string, z.infer<typeof crdDocument>> {
  const folder = sharedPath('gateway-api/crds', bundle, channel);
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const documents = files.flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')));
  const crds = documents.flatMap((document) => crdDocument.safeParse(document).data ?? []);
  return new Map(crds.map((one) => [one.spec.names.kind, one]));
}

test.each([
  '>=1.5.1 <1.7.0',
  '1.6.1',
  '=v1.5.0 || 1.6',
  '^1.2.3',
  '~1.5.1 || >1.6.0-rc.1 <=1.6.2-rc.2',
  '1.5.2-rc.1',
  '>=1.7.0-rc.1',
  '>1.5',
  '*',
  '1.1 - 1.5.2',
  'monthly-2026.05',
  'monthly-2026.05 || <1.2',
])('the bounds of %s hold of releases what the range does', (text) => {
  const range = parseRange(text);
  const numbers = [0, 1, 2, 3];
  const releases = numbers.flatMap((major) =>
    [0, 1, 2, 5, 6, 7].flatMap((minor) => numbers.map((patch) => [major, minor, patch] as const)),
  );
  const isWithin = (release: readonly number[], { operator, version }: Bound): boolean => {
    const at = release.findIndex((part, index) => part !== version[index]);
    if (at < 0) return operator.endsWith('=');
    return operator !== '=' && operator.startsWith('<') === (release[at] ?? 0) < (version[at] ?? 0);
  };
  const told = releases.filter((one) =>
    range?.releases.some((bounds) => bounds.every((bound) => isWithin(one, bound))),
  );
  expect(told).toEqual(releases.filter((one) => range?.includes(`v${one.join('.')}`)));
});

describe('A42 of an object with more findings than are told an UPDATE may keep every one, and gain none', () => {
  const retry = { retry: { attempts: 1 } };
  const session = { sessionPersistence: { sessionName: 'a' } };
  const some = (count: number, rule: object): readonly object[] => Array.from({ length: count }, () => rule);
  const retries = (first: number, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `spec.rules[${first + at}].retry`);
  test.each<[string, readonly object[], readonly object[], number, readonly string[]]>([
    ['the same', some(120, retry), some(120, retry), 100, []],
    ['another field', some(120, retry), [...some(120, retry), session], 101, ['spec.rules[120].sessionPersistence']],
    ['one more of a field', some(120, retry), some(121, retry), 101, ['spec.rules[120].retry']],
    [
      'a field for another',
      some(120, retry),
      [...some(119, retry), session],
      101,
      ['spec.rules[119].sessionPersistence'],
    ],
    ['fewer', [...some(100, retry), ...some(30, session)], [...some(20, retry), ...some(30, session)], 20, []],
    ['more than a hundred', some(1, retry), some(140, retry), 101, retries(1, 100)],
  ])('%s', (_name, before, after, told, denied) => {
    const { bound } = channelPinning.bind([PIN]);
    const [raw, rawOld] = [after, before].map((rules) => object('HTTPRoute', 'v1', { rules }));
    const subject = subjectOf({
      kind: 'HTTPRoute',
      operation: 'UPDATE',
      object: checkedObject(raw).object,
      oldObject: checkedObject(rawOld).object,
      raw,
      rawOld,
      namespace: 'shop',
      subresource: '',
      requester: undefined,
    });
    const { violations } = evaluate(subject, new Store('all'), policySet(bound, []), 0);
    const unkept = violations.filter(({ relief }) => relief.kind === 'none').map(({ path }) => formatPath(path));
    expect([violations.length, unkept]).toEqual([told, denied]);
  });
});

describe.skipIf(!hasShared)('the CRDs as they were released', () => {
  test('each passes a pin of its own release', () => {
    for (const bundle of BUNDLES) {
      for (const channel of CHANNELS) {
        for (const [kind, raw] of released(bundle, channel)) {
          expect([bundle, channel, kind, judge({ bundle, channel }, 'CREATE', raw)]).toEqual([
            bundle,
            channel,
            kind,
            [],
          ]);
        }
      }
    }
  });

  test('a schema of the other channel is told from the annotation, and both steps of an upgrade pass', () => {
    const standard = released('v1.6.1', 'standard').get('HTTPRoute');
    const experimental = released('v1.6.1', 'experimental').get('HTTPRoute');
    const before = released('v1.5.1', 'standard').get('HTTPRoute');
    const lying = { ...experimental, metadata: standard?.['metadata'] };
    expect(judge({}, 'CREATE', lying)).toEqual(['channel-pinning/crd-schema spec.versions none']);
    expect(judge({}, 'UPDATE', standard, before)).toEqual([]);
    const store = new Store('all');
    store.put('HTTPRoute', checkedObject(RETRY).object);
    expect(judge({}, 'UPDATE', standard, before, store)).toEqual([]);
    expect(judge({}, 'UPDATE', standard, experimental, store)).toEqual([
      'channel-pinning/crd-fields-in-use spec.versions none',
    ]);
  });
});

test('no default comes to a field that its parent may be without, so that none betrays an object that did not write it', () => {
  const found: string[] = [];
  const nodes: readonly SchemaNode[] = shapes.nodes;
  const walk = (field: FieldNode, node: SchemaNode | undefined, parents: number, path: string): void => {
    const [releases, fields, values] = typeof field === 'number' ? [field] : field;
    const value = typeof node?.default === 'string' ? node.default : undefined;
    if (node?.default !== undefined && releases !== parents) found.push(path);
    if (value !== undefined && values !== undefined && values[value] !== releases) found.push(`${path}=${value}`);
    for (const [name, child] of Object.entries(fields ?? {})) {
      const at = name === '[]' ? node?.items : name === '{}' ? node?.values : node?.properties?.[name];
      walk(child, at === undefined ? undefined : nodes[at], releases, `${path}.${name}`);
    }
  };
  const roots = new Map(Object.entries(shapes.kinds));
  for (const name of LIFECYCLE_KINDS) {
    const [group = '', kind = ''] = name.split('/');
    const fields = lifecycleOf(group, kind)?.fields ?? 0;
    walk(fields, nodes[roots.get(name) ?? -1], releasesOfField(fields), name);
  }
  expect(found).toEqual([]);
});
