import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connection } from '../../src/cluster/liveConnection.ts';
import { readInstallation } from '../../src/cluster/liveInstallation.ts';
import { disable, enable } from '../../src/enforcement/enforcement.ts';
import { fakeApiServer, status, type FakeApiServer } from '../support/fakeApiServer.ts';

describe('a server that answers 404 to everything', () => {
  let fake: FakeApiServer;

  beforeEach(async () => {
    fake = await fakeApiServer();
    fake.fault = status(404, 'default backend - 404');
  });
  afterEach(() => fake.close());

  const written: string[] = [];
  const io = { stdout: (text: string): void => void written.push(text) };
  type Connection = ReturnType<typeof connection>;
  const commands: readonly (readonly [string, (api: Connection) => Promise<unknown>])[] = [
    ['enable', (api) => enable(api, { dryRun: false }, io)],
    ['disable', (api) => disable(api, { remove: false }, io)],
    ['disable --remove', (api) => disable(api, { remove: true }, io)],
    [
      'doctor',
      (api) => readInstallation(api, { namespace: 'gateward-system', policies: [], now: 0 }, AbortSignal.timeout(5000)),
    ],
  ];
  it.each(commands)('is no cluster without Gateward for %s', async (_name, run) => {
    const api = connection(fake.url, () => Promise.resolve({ headers: {}, tls: {}, proxy: undefined }));
    try {
      await expect(run(api)).rejects.toMatchObject({
        code: 'cluster/unreachable',
        message: expect.stringContaining('/api/v1: 404 this is no API server of Kubernetes') as unknown,
      });
      expect(written).toEqual([]);
    } finally {
      await api.close();
    }
  });
});
