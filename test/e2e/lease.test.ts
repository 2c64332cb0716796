/** Who leads, as the API server's Lease decides it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Lease } from '../../src/cluster/lease.ts';
import { connectCluster, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { describeWithCluster } from './describe.ts';

const PACE = { duration: 1500, renewDeadline: 1000, retry: 100 };
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/';

const stored = z.object({
  metadata: z.object({ labels: z.unknown() }),
  spec: z.object({ holderIdentity: z.string(), leaseDurationSeconds: z.number(), leaseTransitions: z.number() }),
});

describeWithCluster('the lease of the leader', () => {
  let cluster: Cluster;
  let connection: ApiConnection;
  const open: Lease[] = [];

  const lease = (name: string, holder: string, told: string[] = [], over = connection): Lease => {
    const options = { namespace: 'default', name, holder, now: Date.now, told: (line: string) => void told.push(line) };
    const made = new Lease(over, options, PACE);
    open.push(made);
    return made;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (holds()) return;
      await sleep(50);
    }
    throw new Error('waited for 30 s');
  };
  const read = async (name: string): Promise<unknown> =>
    stored.parse(JSON.parse((await cluster.request(`${LEASE}${name}`)).body));
  /** A connection that can be cut: what is asked then never arrives. */
  const cuttable = (): { readonly over: ApiConnection; readonly cut: () => void } => {
    let isCut = false;
    const guard = <T>(ask: () => Promise<T>): Promise<T> => (isCut ? Promise.reject(new Error('cut off')) : ask());
    return {
      over: {
        ...connection,
        get: (path, signal, silence) => guard(() => connection.get(path, signal, silence)),
        send: (write, signal) => guard(() => connection.send(write, signal)),
      },
      cut: () => void (isCut = true),
    };
  };

  beforeAll(async () => {
    cluster = await startCluster();
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig, context: undefined });
  }, 120_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.stop()));
  });
  afterAll(async () => {
    await connection.close();
    await cluster.stop();
  });

  test('one of three leads, and another as soon as it stops', { timeout: 60_000 }, async () => {
    const three = ['a', 'b', 'c'].map((holder) => lease('handover', holder));
    await until(() => three.some(({ isLeader }) => isLeader));
    const first = three.filter(({ isLeader }) => isLeader);
    expect(first).toHaveLength(1);
    await first[0]?.stop();
    expect(await read('handover')).toMatchObject({
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'gateward' } },
      spec: { leaseDurationSeconds: 2 },
    });
    await until(() => three.some(({ isLeader }) => isLeader));
    expect(three.filter(({ isLeader }) => isLeader)).toHaveLength(1);
    expect(first[0]?.isLeader).toBe(false);
  });

  test('a leader that is cut off ends before another begins', { timeout: 60_000 }, async () => {
    const { over, cut } = cuttable();
    const problems: string[] = [];
    const old = lease('cut', 'old', problems, over);
    await until(() => old.isLeader);
    const young = lease('cut', 'young');
    cut();
    let both = 0;
    await until(() => {
      if (old.isLeader && young.isLeader) both += 1;
      return young.isLeader;
    });
    expect({ both, old: old.isLeader, problems }).toEqual({ both: 0, old: false, problems: ['cut off'] });
    expect(await read('cut')).toMatchObject({ spec: { holderIdentity: 'young', leaseTransitions: 1 } });
  });

  test(
    'a clock that is wrong wins nothing: what counts is that the lease stands still',
    { timeout: 60_000 },
    async () => {
      const now = (): number => Date.now() - 25 * 365 * 86_400_000;
      const options = { namespace: 'default', name: 'clock', now, told: () => undefined };
      const slow = new Lease(connection, { ...options, holder: 'slow' }, PACE);
      open.push(slow);
      await until(() => slow.isLeader);
      const other = lease('clock', 'other');
      await sleep(2 * PACE.duration);
      expect({ slow: slow.isLeader, other: other.isLeader }).toEqual({ slow: true, other: false });
    },
  );

  test('who may not read the lease never leads, and says why once', { timeout: 60_000 }, async () => {
    const alice = await connectCluster({ kubeconfig: cluster.kubeconfigOf('alice'), context: undefined });
    try {
      const problems: string[] = [];
      const refused = lease('refused', 'alice', problems, alice);
      await until(() => problems.length > 0);
      await sleep(5 * PACE.retry);
      expect(refused.isLeader).toBe(false);
      expect(problems.map((problem) => problem.replace(/ leases.*/, ''))).toEqual([`${LEASE}refused: 403`]);
    } finally {
      await alice.close();
    }
  });
});
