import { errorText } from '../errors.ts';
import type { Proof } from '../cluster/proofRequest.ts';
import type { CanaryOutcome, CanaryState } from '../telemetry/index.ts';
import { poll } from './poll.ts';

/** What a canary is made of. */
export interface CanaryParts {
  /** Creates, in a dry run, an object that Gateward refuses; rejects when nothing answers. */
  readonly attempt: (signal: AbortSignal) => Promise<Proof>;
  /** Only one replica tries. */
  readonly isLeader: () => boolean;
  /** Between two tries, in milliseconds; the first one comes after as long, when those who call have heard of a new pod. */
  readonly every: number;
  /** Hears of an outcome that is not the one before, with what the API server says of it. */
  readonly told: (outcome: CanaryOutcome, message: string) => void;
}

/** How long one try may take, in milliseconds: with the pause before it less than a minute. */
const LONGEST_TRY = 20_000;

/**
 * Asks the API server again and again for what Gateward is to refuse: webhook configurations that are deleted, changed or not believed are
 * seen from nowhere else, as nobody calls then.
 */
export class Canary {
  readonly #parts: CanaryParts;
  readonly #counts = new Map<CanaryOutcome, number>();
  readonly #closing = new AbortController();
  readonly #stop: () => void;
  #last: CanaryOutcome | undefined;
  #admitted: boolean | undefined;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
    this.#stop = poll(
      parts.every,
      () => this.#look(),
      // The look has no way to fail.
      () => undefined,
    );
  }

  /** What metrics show of it. */
  get state(): CanaryState {
    return { counts: this.#counts, admitted: this.#parts.isLeader() ? this.#admitted : undefined };
  }

  close(): void {
    this.#stop();
    this.#closing.abort();
  }

  async #look(): Promise<void> {
    const { isLeader, told } = this.#parts;
    if (!isLeader()) {
      this.#last = undefined;
      this.#admitted = undefined;
      return;
    }
    const { outcome, message } = await this.#try();
    if (this.#closing.signal.aborted) return;
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    if (outcome === 'admitted') this.#admitted = true;
    else if (outcome === 'denied' || outcome === 'failed') this.#admitted = false;
    if (outcome !== this.#last) told(outcome, message);
    this.#last = outcome;
  }

  async #try(): Promise<{ readonly outcome: CanaryOutcome; readonly message: string }> {
    try {
      return await this.#parts.attempt(AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_TRY)]));
    } catch (error) {
      return { outcome: 'unreachable', message: errorText(error) };
    }
  }
}
