/** Hostname claims on a real API server: of several writers at once one wins, whatever replica they reach. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { claimRound, doubled, FIRST_COME, orphans, startClaimRig, wanting, type ClaimRig } from './claimRig.ts';
import { describeWithCluster } from './describe.ts';
import { deny, startStubWebhook, type StubWebhook } from './stubWebhook.ts';

const ROUNDS = 40;
/** Every write to a claim is in the audit log. */
const AUDIT = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - { level: Metadata, verbs: [create, update, patch, delete], resources: [{ group: gateward.dev, resources: [hostnameclaims] }] }
  - level: None
`;
const claim = z.object({
  hostname: z.string(),
  layer: z.string(),
  owner: z.string(),
  uses: z.number(),
  claimant: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
});

describeWithCluster('hostname claims', () => {
  let rig: ClaimRig;
  /** A webhook beside Gateward that refuses what is labelled so: what Gateward has admitted then never lands. */
  let refusing: StubWebhook;

  beforeAll(async () => {
    rig = await startClaimRig(FIRST_COME, { grace: 3, auditPolicy: AUDIT });
    refusing = await startStubWebhook();
    refusing.answer(deny({ code: 403, message: 'refused elsewhere' }));
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'elsewhere' },
      webhooks: [
        {
          name: 'elsewhere.example.org',
          clientConfig: { url: refusing.url, caBundle: refusing.caBundle },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          objectSelector: { matchLabels: { refused: 'elsewhere' } },
          rules: [
            {
              apiGroups: ['gateway.networking.k8s.io'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['httproutes'],
            },
          ],
        },
      ],
    };
    await rig.cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(configuration) });
  });
  afterAll(async () => {
    await refusing.stop();
    await rig.stop();
  });

  const held = async (hostname: string): Promise<readonly z.infer<typeof claim>[]> =>
    (await rig.claims()).map(({ spec }) => claim.parse(spec)).filter((spec) => spec.hostname === hostname);

  test('F21 P23 one of sixteen creators wins, whatever replica they reach: names, wildcards with names below, listeners', async () => {
    const winners: number[] = [];
    const others = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { written } = await claimRound(rig, round);
      winners.push(written.filter(({ status }) => status === 201).length);
      for (const { status, retryAfter } of written) {
        if (status !== 201) others.add(`${status}${retryAfter === undefined ? '' : ` after ${retryAfter} s`}`);
      }
    }
    expect(winners).toEqual(Array.from({ length: ROUNDS }, () => 1));
    expect(await doubled(rig)).toEqual([]);
    expect([...others].filter((answer) => answer !== '403' && answer !== '429 after 1 s')).toEqual([]);
    expect(await orphans(rig)).toEqual([]);
    expect((await rig.claims()).length).toBe(ROUNDS);
  });

  test('P15 objects of one owner share a hostname, and each use is a change of the one claim', async () => {
    const answers = await Promise.all(
      ['owner', 'owner', 'owner-too', 'owner-too'].map((team, at) =>
        rig.create(wanting(team, `shared-${at}`, 'owned.example.net')),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await held('owned.example.net')).map(({ layer }) => layer)).toEqual(['Route']);
  });

  test('A48 a dry run has the verdict of the write, and writes nothing', async () => {
    const [team = '', rival = ''] = rig.teams;
    const written = async (): Promise<number> =>
      (await readFile(rig.cluster.auditLog ?? '', 'utf8')).split('\n').filter((line) => line !== '').length;
    const before = await written();
    const dry = (namespace: string): Promise<number> =>
      rig.create(wanting(namespace, 'dry', 'dry.example.org'), '?dryRun=All').then(({ status }) => status);
    expect(await dry(team)).toBe(201);
    expect([await held('dry.example.org'), (await written()) - before]).toEqual([[], 0]);
    expect((await rig.create(wanting(rival, 'wet', 'dry.example.org'))).status).toBe(201);
    expect([await dry(team), (await held('dry.example.org')).length]).toEqual([403, 1]);
  });

  test('F24 P22 a write that fails after admission is waited for, and its claim taken away after the grace', async () => {
    const [team = '', rival = ''] = rig.teams;
    const route = wanting(team, 'refused', 'refused.example.org');
    const lost = await rig.create({ ...route, metadata: { ...route.metadata, labels: { refused: 'elsewhere' } } });
    expect([lost.status, lost.message.includes('refused elsewhere')]).toEqual([403, true]);
    expect((await held('refused.example.org')).map(({ owner, claimant }) => [owner, claimant])).toEqual([
      [team, { kind: 'HTTPRoute', namespace: team, name: 'refused' }],
    ]);
    const early = await rig.create(wanting(rival, 'patient', 'refused.example.org'));
    expect([early.status, early.retryAfter]).toEqual([429, '1']);
    // kubectl comes back for as long as it is told to.
    while ((await rig.create(wanting(rival, 'patient', 'refused.example.org'))).status !== 201) await pause(500);
    expect((await held('refused.example.org')).map(({ owner }) => owner)).toEqual([rival]);
  });

  test('a hostname is free for others once its object is gone', async () => {
    const [team = '', rival = ''] = rig.teams;
    const route = wanting(team, 'moves', 'moves.example.org');
    expect((await rig.create(route)).status).toBe(201);
    expect((await rig.create(wanting(rival, 'moves', 'moves.example.org'))).status).toBe(403);
    expect((await rig.remove(route)).status).toBe(200);
    while ((await rig.create(wanting(rival, 'moves', 'moves.example.org'))).status !== 201) await pause(500);
    expect((await held('moves.example.org')).map(({ owner }) => owner)).toEqual([rival]);
  });

  test('a claim whose object stands is kept, however old', async () => {
    const before = (await held('r0.example.org')).length;
    await pause(12_000);
    expect([before, (await held('r0.example.org')).length]).toEqual([1, 1]);
  });
});
