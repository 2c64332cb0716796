import type { ClaimKeeper, Holding } from '../cluster/claimKeeper.ts';
import type { ClaimResult, Metrics } from '../telemetry/index.ts';

/** A keeper that counts what comes of its work; dry runs hold nothing and are not counted. */
export function countedClaims(keeper: ClaimKeeper, metrics: Pick<Metrics, 'claims'>): ClaimKeeper {
  return {
    hold: async (request) => {
      const count = (result: ClaimResult): void => {
        if (!request.dryRun) metrics.claims(result);
      };
      try {
        const holding = await keeper.hold(request);
        count(resultOf(holding));
        return holding;
      } catch (error) {
        count('failed');
        throw error;
      }
    },
  };
}

function resultOf({ violations, pending }: Holding): ClaimResult {
  if (pending) return 'pending';
  return violations.length > 0 ? 'contested' : 'held';
}
