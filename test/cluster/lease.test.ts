import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Lease } from '../../src/cluster/lease.ts';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { fakeApiServer } from '../support/fakeApiServer.ts';

const PACE = { duration: 1500, renewDeadline: 1000, retry: 100 };

it('F17 a lease that was renewed while somebody asked for it has not stood still since then', async () => {
  const fake = await fakeApiServer();
  fake.serve('/apis/coordination.k8s.io/v1/leases');
  const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
  let isCut = false;
  const cut: ApiConnection = {
    ...api,
    get: (...asked) => (isCut ? Promise.reject(new Error('cut off')) : api.get(...asked)),
  };
  let delay = 900;
  const slow: ApiConnection = {
    ...api,
    get: async (...asked) => {
      await pause(delay);
      delay = 0;
      return api.get(...asked);
    },
  };
  const lease = (holder: string, over: ApiConnection): Lease =>
    new Lease(over, { namespace: 'default', name: 'one', holder, now: Date.now, told: () => undefined }, PACE);
  const leader = lease('leader', cut);
  while (!leader.isLeader) await pause(10);
  const other = lease('other', slow);
  await pause(800);
  isCut = true;
  const leads = (): string => {
    const leading = Object.entries({ leader, other }).filter(([, { isLeader }]) => isLeader);
    return leading.map(([name]) => name).join(' and ');
  };
  for (let seen = leads(); seen !== 'other'; seen = leads()) {
    expect(seen).not.toBe('leader and other');
    await pause(10);
  }
  await Promise.all([leader.stop(), other.stop()]);
  await api.close();
  await fake.close();
});
