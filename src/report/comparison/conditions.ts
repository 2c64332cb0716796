import type { Condition, StoredCondition } from '#gateway';

/**
 * What a comparison of a prediction with what a controller wrote comes to. `waiting`: the controller has said nothing, or `Unknown`, and has
 * had less than {@link GRACE} for it. `stale`: what it said is about an older generation. `uncertain`: the prediction rests on what is not in
 * sight. Only `differs` counts.
 */
export type ComparisonVerdict = 'agrees' | 'uncertain' | 'stale' | 'waiting' | 'differs';

/** A condition, predicted beside actual. */
export interface ComparedCondition {
  readonly type: string;
  readonly verdict: ComparisonVerdict;
  readonly predicted: Condition;
  /** What the controller wrote; undefined when it wrote none. */
  readonly actual: StoredCondition | undefined;
}

/** What a comparison must know beside the two sides. */
export interface ComparisonGround {
  /** The object's `metadata.generation`. */
  readonly generation: number | undefined;
  /** When everything that the status is about was there, in milliseconds since the epoch. */
  readonly since: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the prediction of a condition rests on what is not in sight. */
  readonly isUncertain: (type: string) => boolean;
  /** Further reasons that are as right as the predicted one, by condition. */
  readonly reasons?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** How long a controller may take until its silence is a difference, in milliseconds; controllers write within seconds. */
const GRACE = 60_000;

const COMPARED = ['Accepted', 'ResolvedRefs', 'Programmed', 'Conflicted'];
/** Its reasons tell how far the data plane is, which objects do not show (gw: GatewayConditionProgrammed, ListenerConditionProgrammed). */
const STATUS_ONLY = 'Programmed';
/** Conditions of negative polarity may be left out while they are False. */
const NEGATIVE = 'Conflicted';

/** The conditions that are compared, in the order of the prediction. */
export function compareConditions(
  predicted: readonly Condition[],
  actual: readonly StoredCondition[] | undefined,
  ground: ComparisonGround,
): readonly ComparedCondition[] {
  return predicted
    .filter(({ type }) => COMPARED.includes(type))
    .map((expected) => {
      const found = actual?.find(({ type }) => type === expected.type);
      return { type: expected.type, verdict: verdictOf(expected, found, ground), predicted: expected, actual: found };
    });
}

/** The verdict on silence: it is a difference once the controller has had its time. */
function silence({ since, now }: ComparisonGround): 'waiting' | 'differs' {
  return now - since > GRACE ? 'differs' : 'waiting';
}

/** Whether a status was written about an older generation of its object. */
export function isStale({ observedGeneration }: StoredCondition, generation: number | undefined): boolean {
  return observedGeneration !== undefined && generation !== undefined && observedGeneration < generation;
}

/** The worst of several verdicts. */
export function worst(verdicts: readonly ComparisonVerdict[]): ComparisonVerdict {
  const order: readonly ComparisonVerdict[] = ['differs', 'waiting', 'stale', 'uncertain'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'agrees';
}

function verdictOf(
  predicted: Condition,
  actual: StoredCondition | undefined,
  ground: ComparisonGround,
): ComparisonVerdict {
  if (actual !== undefined && isStale(actual, ground.generation)) return 'stale';
  const isUncertain = predicted.status === 'Unknown' || ground.isUncertain(predicted.type);
  if (actual === undefined) {
    if (predicted.type === NEGATIVE && predicted.status === 'False') return 'agrees';
    return isUncertain ? 'uncertain' : silence(ground);
  }
  if (isSame(predicted, actual, ground)) return 'agrees';
  if (isUncertain) return 'uncertain';
  if (actual.status !== 'Unknown') return 'differs';
  // The CRDs' own defaults are Unknown, from 1970.
  const changed = Date.parse(actual.lastTransitionTime ?? '');
  return silence({ ...ground, since: Math.max(ground.since, Number.isNaN(changed) ? 0 : changed) });
}

function isSame(predicted: Condition, actual: StoredCondition, { reasons }: ComparisonGround): boolean {
  if (predicted.status !== actual.status) return false;
  if (predicted.type === STATUS_ONLY || predicted.reason === actual.reason) return true;
  return reasons?.get(predicted.type)?.has(actual.reason) ?? false;
}
