import { expect, test, vi } from 'vitest';
import { covers } from '#gateway';
import { listHosts } from '../../src/report/hosts/index.ts';
import { httpRoute } from '../support/review.ts';
import { storeOf } from '../support/world.ts';

vi.mock('#gateway', { spy: true });

const ALL = { namespace: undefined, owner: undefined, unowned: false, conflicts: false };

test('a wildcard is compared with no hostname that it does not cover', () => {
  const objects = Array.from({ length: 100 }, (_, at) => [
    httpRoute(`*.d${at}.example.com`, { name: `wide-${at}` }),
    httpRoute(`a.d${at}.example.com`, { name: `narrow-${at}` }),
  ]).flat();
  vi.mocked(covers).mockClear();
  expect(listHosts(storeOf(objects), undefined, ALL, 0).length).toBe(200);
  expect(vi.mocked(covers).mock.calls.length).toBeLessThan(1000);
});
