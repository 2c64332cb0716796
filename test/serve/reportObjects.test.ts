import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connection, type ApiConnection } from '../../src/cluster/liveConnection.ts';
import { listCollection } from '../../src/cluster/liveList.ts';
import { Store } from '../../src/cluster/store.ts';
import { ContinuousAudit } from '../../src/engine/index.ts';
import { ReportObjects } from '../../src/serve/reportObjects.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';
import { httpRoute } from '../support/review.ts';
import { toySet } from '../support/toyPolicy.ts';
import { admitted } from '../support/world.ts';

const NOW = Date.UTC(2026, 10, 21);
const API = '/apis/openreports.io/v1alpha1';
const REPORTS = `${API}/reports`;
const OLD_API = '/apis/wgpolicyk8s.io/v1alpha2';
const OLD_REPORTS = `${OLD_API}/policyreports`;

let fake: FakeApiServer;
let api: ApiConnection;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  fake = await fakeApiServer();
  fake.discover('openreports.io', 'v1alpha1', []);
  fake.serve(REPORTS);
  fake.serve(`${API}/clusterreports`);
  api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
});
afterEach(async () => {
  await api.close();
  await fake.close();
  vi.useRealTimers();
});

interface Reporting {
  readonly forget: () => void;
  readonly recheck: () => void;
  /** What becomes of writes: refused, or carried out with the answer lost. */
  fault: 'refused' | 'lost' | undefined;
  /** Gives the route of the cluster a hostname, and writes what is found. */
  readonly look: (hostname?: string) => Promise<void>;
}

function reporting(): Reporting {
  const store = new Store('all');
  const audit = new ContinuousAudit(store, toySet({ strict: { action: 'Deny' } }));
  store.watch((...change) => {
    audit.changed(...change);
  });
  const send: ApiConnection['send'] = async (...write) => {
    if (made.fault === 'refused') throw new Error('refused');
    const response = await api.send(...write);
    if (made.fault === 'lost') throw new Error('lost');
    return response;
  };
  const failed = (error: unknown): void => {
    expect(error).toEqual(new Error(made.fault));
  };
  const reports = new ReportObjects({ connection: { ...api, send }, mayWrite: () => true, failed, now: () => NOW });
  let now = NOW;
  const made: Reporting = {
    fault: undefined,
    forget: () => {
      reports.forget();
    },
    recheck: () => {
      reports.recheck();
    },
    look: async (hostname) => {
      const route = hostname === undefined ? undefined : admitted(httpRoute(hostname));
      if (route !== undefined) store.put(route.kind, route.object);
      now += 1000;
      while (audit.step(now));
      await reports.write(audit);
    },
  };
  return made;
}

/** The reports that the API server has. */
async function reported(path = REPORTS): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  const reports = { path, apiVersion: '', kind: '' };
  await listCollection(api, reports, (item) => items.push(item), AbortSignal.timeout(10_000));
  return items;
}

const FORBIDDEN = [{ results: [{ rule: 'toy/forbidden' }] }];
const UNLABELLED = [{ results: [{ rule: 'toy/unlabelled' }] }];

describe('the report of a namespace', () => {
  it('comes when something is found, changes with it, and goes when nothing is left', async () => {
    const { look } = reporting();
    await look('forbidden.example.com');
    expect(await reported()).toMatchObject(FORBIDDEN);
    await look('label.example.com');
    expect(await reported()).toMatchObject(UNLABELLED);
    await look('allowed.example.com');
    expect(await reported()).toEqual([]);
  });

  it('comes back by the next sweep when somebody has taken it away, and one that stands is not written again', async () => {
    const { look, recheck } = reporting();
    await look('forbidden.example.com');
    fake.remove(REPORTS, 'team-shop', 'gateward');
    await look();
    expect(await reported()).toEqual([]);
    recheck();
    await look();
    const standing = await reported();
    expect(standing).toMatchObject(FORBIDDEN);
    recheck();
    await look();
    expect(await reported()).toEqual(standing);
  });

  it('is put right by the next sweep when somebody has changed it', async () => {
    const { look, recheck } = reporting();
    await look('forbidden.example.com');
    const labels = { 'app.kubernetes.io/managed-by': 'gateward' };
    const report = { apiVersion: 'openreports.io/v1alpha1', kind: 'Report' };
    const metadata = { name: 'gateward', namespace: 'team-shop', labels };
    fake.put(REPORTS, { ...report, metadata, results: [] });
    recheck();
    await look();
    expect(await reported()).toMatchObject(FORBIDDEN);
  });

  it('goes when another leader has written it, who led while it was looked for what is there', async () => {
    const { forget, look } = reporting();
    fake.fault = ({ path }) => {
      if (path.startsWith(REPORTS)) forget();
      return false;
    };
    await look('allowed.example.com');
    fake.fault = undefined;
    const labels = { 'app.kubernetes.io/managed-by': 'gateward' };
    const report = { apiVersion: 'openreports.io/v1alpha1', kind: 'Report' };
    fake.put(REPORTS, { ...report, metadata: { name: 'gateward', namespace: 'team-shop', labels } });
    await look();
    expect(await reported()).toEqual([]);
  });

  it.each([
    ['written', 'allowed.example.com', [], 'forbidden.example.com', FORBIDDEN],
    ['removed', 'forbidden.example.com', FORBIDDEN, 'allowed.example.com', []],
  ])('that could not be %s is tried again when it is looked for the API next', async (...row) => {
    const [, before, told, after, toTell] = row;
    const reports = reporting();
    await reports.look(before);
    reports.fault = 'refused';
    await reports.look(after);
    reports.fault = undefined;
    vi.advanceTimersByTime(2000);
    await reports.look();
    expect(await reported()).toMatchObject(told);
    vi.advanceTimersByTime(1);
    await reports.look();
    expect(await reported()).toMatchObject(toTell);
  });

  it('is looked for an API less and less often, at last every 30 s', async () => {
    const { look } = reporting();
    const asked = (): number => fake.asked.filter((path) => path === API).length;
    const seconds: number[] = [];
    for (let second = 0; second < 100; second += 1) {
      const before = asked();
      await look();
      if (asked() > before) seconds.push(second);
      vi.advanceTimersByTime(1000);
    }
    expect(seconds).toEqual([0, 3, 8, 17, 34, 65, 96]);
  });

  it('is not asked for again, where reports may not be listed, before the API is', async () => {
    fake.fault = ({ path }, response) => path === REPORTS && status(403)({ path, watch: false }, response);
    const { look } = reporting();
    const asked = (): number => fake.asked.filter((path) => path.startsWith(`${REPORTS}?`)).length;
    await expect(look('forbidden.example.com')).rejects.toThrow('403');
    vi.advanceTimersByTime(2000);
    await look();
    expect(asked()).toBe(1);
    vi.advanceTimersByTime(1);
    await expect(look()).rejects.toThrow('403');
    fake.fault = undefined;
    vi.advanceTimersByTime(4001);
    await look();
    expect(await reported()).toMatchObject(FORBIDDEN);
  });

  it('is written again when what it told before is found again, and the answer to the write between was lost', async () => {
    const reports = reporting();
    await reports.look('forbidden.example.com');
    reports.fault = 'lost';
    await reports.look('label.example.com');
    expect(await reported()).toMatchObject(UNLABELLED);
    reports.fault = undefined;
    await reports.look('forbidden.example.com');
    expect(await reported()).toMatchObject(FORBIDDEN);
  });

  describe('where both APIs are served', () => {
    /** What is said when somebody asks whether OpenReports is served; undefined: it is. */
    const answering = (code: number | undefined): void => {
      fake.fault = ({ path }, response) =>
        path === API && code !== undefined && status(code)({ path, watch: false }, response);
    };
    beforeEach(() => {
      fake.discover('wgpolicyk8s.io', 'v1alpha2', []);
      fake.serve(OLD_REPORTS);
      fake.serve(`${OLD_API}/clusterpolicyreports`);
    });

    it('is taken away from the API in use before OpenReports came, also when that is refused at first', async () => {
      const foreign = { apiVersion: '', kind: '', metadata: { namespace: 'team-shop', name: 'foreign', labels: {} } };
      fake.put(OLD_REPORTS, foreign);
      answering(404);
      const reports = reporting();
      await reports.look('forbidden.example.com');
      expect([await reported(), await reported(OLD_REPORTS)]).toMatchObject([[], [{}, ...FORBIDDEN]]);
      answering(undefined);
      vi.advanceTimersByTime(2001);
      reports.fault = 'refused';
      await reports.look();
      expect(await reported(OLD_REPORTS)).toHaveLength(2);
      reports.fault = undefined;
      vi.advanceTimersByTime(4001);
      await reports.look();
      expect([await reported(), await reported(OLD_REPORTS)]).toMatchObject([FORBIDDEN, [foreign]]);
    });

    it('stays in OpenReports while its server is away', async () => {
      const reports = reporting();
      await reports.look('forbidden.example.com');
      answering(503);
      vi.advanceTimersByTime(2001);
      await expect(reports.look('label.example.com')).rejects.toThrow(`${API}: 503`);
      answering(undefined);
      vi.advanceTimersByTime(4001);
      await reports.look();
      expect([await reported(), await reported(OLD_REPORTS)]).toMatchObject([UNLABELLED, []]);
    });
  });
});
