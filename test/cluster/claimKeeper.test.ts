import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { KubeObject } from '#gateway';
import { ClaimApi } from '../../src/cluster/claimApi.ts';
import { ClusterClaims } from '../../src/cluster/claimKeeper.ts';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { claimId, type Violation } from '../../src/engine/index.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';

const CLAIMS = '/apis/gateward.dev/v1alpha1/hostnameclaims';

const written = z.looseObject({ metadata: z.looseObject({ name: z.string() }).optional() });

let fake: FakeApiServer;
let api: ApiConnection;
/** The names of the claims that there are. */
const taken = new Set<string>();
/** Method and name of each write. */
let writes: string[];
beforeEach(async () => {
  fake = await fakeApiServer();
  fake.serve(CLAIMS);
  writes = [];
  const real = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  api = {
    ...real,
    send: async (write, signal) => {
      const { metadata, ...rest } = written.parse(write.body);
      const name = metadata?.name ?? write.path.split('/').at(-1) ?? '';
      writes.push(`${write.method} ${name}`);
      // Of what there is another is not made.
      if (write.method === 'POST' && taken.has(name)) fake.fault = status(409);
      // An API server gives what is made a uid.
      const body = { ...rest, metadata: { uid: name, ...metadata } };
      const response = await real.send({ ...write, body }, signal);
      fake.fault = undefined;
      return response;
    },
  };
});
afterEach(async () => {
  taken.clear();
  await api.close();
  await fake.close();
});

interface Claim {
  readonly hostname: string;
  readonly name?: string;
  /** The resourceVersion at which it was made, where that is another than it has. */
  readonly first?: string;
}

/** A claim of another namespace. */
function claim({ hostname, name = hostname, first }: Claim): void {
  taken.add(name);
  fake.put(CLAIMS, {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'HostnameClaim',
    metadata: { name, uid: name },
    spec: {
      hostname,
      layer: 'Route',
      owner: 'other',
      claimant: { kind: 'HTTPRoute', namespace: 'other', name: 'web', uid: 'theirs' },
      uses: 3,
      ...(first === undefined ? {} : { created: { uid: name, resourceVersion: first } }),
    },
  });
}

/** What a document says of a hostname that another holds. */
const said = (hostname: string): Violation => ({
  policy: 'hostname-ownership',
  document: 'doc',
  rule: 'hostname-ownership/held',
  message: hostname,
  path: [],
  severity: 'high',
  action: 'Deny',
  failureMode: 'Fail',
  relief: { kind: 'none' },
  related: [],
  restsOn: [],
  fix: undefined,
  data: {},
  identity: hostname,
  size: undefined,
  about: [],
  aside: [],
});

interface Row {
  readonly name: string;
  readonly claims?: readonly Claim[];
  readonly wanted?: readonly string[];
  readonly overlaps?: boolean;
  readonly dryRun?: boolean;
  readonly prevails?: boolean;
  readonly denies?: boolean;
  /** The uid of the object of the others' claims, and the hostnames that it asks for. */
  readonly stands?: readonly [uid: string, ...hostnames: string[]];
  readonly told: readonly string[];
  readonly pending?: boolean;
  readonly writes: readonly string[];
  /** Claims that were counted for the namespace. */
  readonly counted?: number;
}

const WILD = { hostname: '*.example.com', name: 'example.com.wildcard.0' };
const rows: readonly Row[] = [
  {
    name: 'those that nobody holds are made, by name whatever the order, and counted',
    wanted: ['b.example.com', 'a.example.com', 'c.example.com'],
    told: [],
    writes: ['POST a.example.com', 'POST b.example.com', 'POST c.example.com'],
    counted: 3,
  },
  {
    name: 'what was made before one that is refused is taken back; where its object is not there it is to be waited for',
    claims: [{ hostname: 'b.example.com' }],
    wanted: ['a.example.com', 'b.example.com', 'c.example.com'],
    told: ['b.example.com'],
    pending: true,
    writes: ['POST a.example.com', 'POST b.example.com', 'DELETE a.example.com'],
    counted: 1,
  },
  {
    name: 'where the object stands waiting does not help',
    claims: [{ hostname: 'a.example.com' }],
    stands: ['theirs', 'a.example.com'],
    told: ['a.example.com'],
    writes: ['POST a.example.com'],
  },
  {
    name: 'an object of the same name is another',
    claims: [{ hostname: 'a.example.com' }],
    stands: ['another', 'a.example.com'],
    told: ['a.example.com'],
    pending: true,
    writes: ['POST a.example.com'],
  },
  {
    name: 'an object that asks for another hostname does not stand in the way for long',
    claims: [{ hostname: 'a.example.com' }],
    stands: ['theirs', 'b.example.com'],
    told: ['a.example.com'],
    pending: true,
    writes: ['POST a.example.com'],
  },
  {
    name: 'what is held by another and not denied is told, and not taken over',
    claims: [{ hostname: 'a.example.com' }],
    denies: false,
    told: ['a.example.com'],
    writes: ['POST a.example.com'],
  },
  {
    name: 'who has the right to it takes it over, and what is said is told',
    claims: [{ hostname: 'a.example.com' }],
    prevails: true,
    denies: false,
    told: ['a.example.com'],
    writes: ['POST a.example.com', 'PUT a.example.com'],
  },
  {
    name: 'an older claim that overlaps refuses',
    claims: [WILD],
    overlaps: true,
    told: ['*.example.com'],
    pending: true,
    writes: ['POST a.example.com', 'DELETE a.example.com'],
    counted: 1,
  },
  {
    name: 'or is told of',
    claims: [WILD],
    overlaps: true,
    denies: false,
    told: ['*.example.com'],
    writes: ['POST a.example.com'],
    counted: 1,
  },
  {
    name: 'a younger one does neither: its maker sees this one',
    claims: [{ ...WILD, first: '4000' }],
    overlaps: true,
    told: [],
    writes: ['POST a.example.com'],
    counted: 1,
  },
  {
    name: 'where overlaps do not count nobody looks for them',
    claims: [WILD],
    told: [],
    writes: ['POST a.example.com'],
    counted: 1,
  },
  {
    name: 'a dry run is refused as the write is, and writes nothing',
    claims: [{ hostname: 'a.example.com' }],
    dryRun: true,
    told: ['a.example.com'],
    pending: true,
    writes: [],
  },
  {
    name: 'it takes nothing over',
    claims: [{ hostname: 'a.example.com' }],
    prevails: true,
    denies: false,
    dryRun: true,
    told: ['a.example.com'],
    writes: [],
  },
  { name: 'it makes nothing', dryRun: true, told: [], writes: [] },
  {
    name: 'and is refused by whatever overlaps: it would be the younger',
    claims: [{ ...WILD, first: '4000' }],
    overlaps: true,
    dryRun: true,
    told: ['*.example.com'],
    pending: true,
    writes: [],
  },
];

it.each(rows.map((row) => [row.name, row] as const))('F21 hostnames: %s', async (_name, row) => {
  const { claims = [], wanted = ['a.example.com'], overlaps = false, dryRun = false, prevails = false } = row;
  const { denies = true, stands, pending = false, counted = 0 } = row;
  for (const one of claims) claim(one);
  const object: KubeObject | undefined = stands && {
    apiVersion: '',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'other', uid: stands[0] },
  };
  const made: string[] = [];
  const counts = { refusal: () => undefined, add: (namespace: string) => void made.push(namespace) };
  const keeper = new ClusterClaims(new ClaimApi(api), () => Promise.resolve(object), counts);
  const holding = await keeper.hold({
    wanted: wanted.map((hostname) => ({
      hostname,
      layer: 'Route',
      overlaps,
      against: (held) =>
        held.claimant.namespace === 'mine' ? undefined : { violations: [said(held.hostname)], prevails, denies },
    })),
    claimant: { kind: 'HTTPRoute', namespace: 'mine', name: 'web', uid: 'mine' },
    dryRun,
    askedBy: () => new Set(stands?.slice(1).map((hostname) => claimId({ hostname, layer: 'Route' }))),
    signal: AbortSignal.timeout(10_000),
  });
  expect({ told: holding.violations.map(({ message }) => message), pending: holding.pending, writes, made }).toEqual({
    told: row.told,
    pending,
    writes: row.writes,
    made: Array.from({ length: counted }, () => 'mine'),
  });
});

it('F21 hostnames: who takes one over is written down as its claimant, once more', async () => {
  claim({ hostname: 'a.example.com' });
  const keeper = new ClusterClaims(new ClaimApi(api), () => Promise.resolve(undefined), {
    refusal: () => undefined,
    add: () => undefined,
  });
  const claimant = { kind: 'HTTPRoute', namespace: 'mine', name: 'web', uid: 'mine' } as const;
  const against = (): { violations: []; prevails: true; denies: false } => ({
    violations: [],
    prevails: true,
    denies: false,
  });
  const signal = AbortSignal.timeout(10_000);
  const wanted = [{ hostname: 'a.example.com', layer: 'Route', overlaps: false, against }] as const;
  await keeper.hold({ wanted, claimant, dryRun: false, askedBy: () => new Set(), signal });
  expect(await new ClaimApi(api).read('a.example.com', signal)).toMatchObject({
    spec: { owner: 'mine', claimant, uses: 4 },
  });
});

it('F21 hostnames: a claim under the name of another is nobody’s', async () => {
  claim({ hostname: 'b.example.com', name: 'a.example.com' });
  const keeper = new ClusterClaims(new ClaimApi(api), () => Promise.resolve(undefined), {
    refusal: () => undefined,
    add: () => undefined,
  });
  const wanted = [{ hostname: 'a.example.com', layer: 'Route', overlaps: false, against: () => undefined }] as const;
  const claimant = { kind: 'HTTPRoute', namespace: 'mine', name: 'web', uid: 'mine' } as const;
  const signal = AbortSignal.timeout(10_000);
  await expect(keeper.hold({ wanted, claimant, dryRun: false, askedBy: () => new Set(), signal })).rejects.toThrow(
    'the claim a.example.com is to another hostname',
  );
});

it('F21 hostnames: where the CRD of claims is not installed, nothing is held, and that is said', async () => {
  fake.fault = status(404, '404 page not found\n');
  const keeper = new ClusterClaims(new ClaimApi(api), () => Promise.resolve(undefined), {
    refusal: () => undefined,
    add: () => undefined,
  });
  const wanted = [{ hostname: 'a.example.com', layer: 'Route', overlaps: false, against: () => undefined }] as const;
  const claimant = { kind: 'HTTPRoute', namespace: 'mine', name: 'web', uid: 'mine' } as const;
  const signal = AbortSignal.timeout(10_000);
  await expect(keeper.hold({ wanted, claimant, dryRun: false, askedBy: () => new Set(), signal })).rejects.toThrow(
    `${CLAIMS}: 404 the CRD of HostnameClaim is not installed`,
  );
});
