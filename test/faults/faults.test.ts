/** The faults of `npm run faults` in short: what is lost is counted, how fast it goes is not looked at. */
import { describe, expect, it } from 'vitest';
import type { Scale } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';

const SHORT: Scale = {
  reviews: 1000,
  concurrency: 8,
  drain: 3,
  rollouts: 1,
  inFlight: 64,
  overload: 2,
  leastServed: 0,
};

describe('reviews under faults', () => {
  it.each([
    ['F1 a rolling restart', 'rolling'],
    ['F4 a leaf every second, certificate and key not at once', 'leaves'],
    ['F5 another CA', 'authorities'],
  ])(
    '%s loses none',
    async (_name, scenario) => {
      const { reviews, failed, problems } = await (SCENARIOS[scenario] ?? missing)(SHORT);
      expect({ enough: reviews >= SHORT.reviews, failed, problems }).toEqual({ enough: true, failed: 0, problems: [] });
    },
    300_000,
  );

  it('F2 a killed replica loses at most what it had in hand', async () => {
    const { reviews, problems } = await (SCENARIOS['killing'] ?? missing)(SHORT);
    expect({ enough: reviews >= SHORT.reviews, problems }).toEqual({ enough: true, problems: [] });
  }, 300_000);
});

function missing(): never {
  throw new Error('no such scenario');
}
