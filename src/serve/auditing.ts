import { isSliceOver, laterSlice } from '../cluster/slice.ts';
import type { PolicySet } from '../engine/index.ts';
import { ContinuousAudit, type FindingCount } from '../engine/index.ts';
import type { Filing, KindName, KubeObject, Snapshot } from '#gateway';
import { collectRarely } from './heap.ts';
import type { ReportObjects } from './reportObjects.ts';

/** What the continuous audit works on. */
export interface AuditingParts {
  readonly snapshot: Snapshot;
  /** Whether everything that the documents read has been listed. */
  readonly isReady: () => boolean;
  /** Whether this replica leads: only then there is an audit. */
  readonly isLeader: () => boolean;
  readonly reports: ReportObjects;
  /** Hears of the findings there are, and of how many objects; of none when another replica leads. */
  readonly counted: (counts: readonly FindingCount[], judged: number) => void;
  /** Hears why report objects could not be written. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How often to look for work, and how often to tell of it while there is much, in milliseconds. */
const LOOK_EVERY = 100;
const TELL_EVERY = 250;
/** What only time changes is found by a sweep, in milliseconds. */
const SWEEP_EVERY = 600_000;

/** Keeps a {@link ContinuousAudit} at work in small turns of the event loop while this replica leads. */
export class Auditing {
  readonly #parts: AuditingParts;
  readonly #timer: NodeJS.Timeout;
  #set: PolicySet;
  #audit: ContinuousAudit | undefined;
  #swept = 0;
  #work: Promise<void> | undefined;
  /** Report objects are written beside: what is found does not wait for an API server that is slow to take them. */
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(set: PolicySet, parts: AuditingParts) {
    this.#set = set;
    this.#parts = parts;
    this.#timer = setInterval(() => {
      this.#work ??= this.#look()
        .catch(parts.failed)
        .finally(() => {
          this.#work = undefined;
        });
    }, LOOK_EVERY);
    this.#timer.unref();
  }

  /** An object of the snapshot has come, gone or been replaced; see {@link ContinuousAudit.changed}. */
  changed(kind: KindName, object: KubeObject, filings: readonly Filing[]): void {
    this.#audit?.changed(kind, object, filings);
  }

  /** Other documents are in force. */
  follow(set: PolicySet): void {
    this.#set = set;
    this.#sweep();
  }

  /** What a document has come to; undefined while not everything has been judged. */
  tally(policy: string, document: string): { readonly judged: number; readonly findings: number } | undefined {
    return this.#audit?.isWhole === true ? this.#audit.tally(policy, document) : undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#work;
    await this.#writing;
  }

  #mayWork(): boolean {
    return !this.#isClosed && this.#parts.isLeader();
  }

  async #look(): Promise<void> {
    const { snapshot, isReady, reports, counted, failed } = this.#parts;
    if (!this.#mayWork()) {
      if (this.#audit !== undefined) {
        counted([], 0);
        collectRarely(false);
      }
      this.#audit = undefined;
      reports.forget();
      return;
    }
    if (!isReady()) return;
    if (this.#audit === undefined) {
      this.#audit = new ContinuousAudit(snapshot, this.#set);
      collectRarely(true);
      this.#swept = performance.now();
    } else if (performance.now() - this.#swept > SWEEP_EVERY) {
      this.#sweep();
    }
    const audit = this.#audit;
    audit.lookAtSight();
    const until = performance.now() + TELL_EVERY;
    do await laterSlice(audit.isLate(this.#parts.now()));
    while (this.#slice(audit) && this.#mayWork() && performance.now() < until);
    counted(audit.counts(), audit.judged);
    if (!audit.isWhole) return;
    this.#writing ??= reports
      .write(audit)
      .catch(failed)
      .finally(() => {
        this.#writing = undefined;
      });
  }

  #sweep(): void {
    this.#audit?.sweep(this.#set);
    this.#parts.reports.recheck();
    this.#swept = performance.now();
  }

  /** Whether there is more to do. */
  #slice(audit: ContinuousAudit): boolean {
    const now = this.#parts.now();
    while (audit.step(now)) if (isSliceOver()) return true;
    return false;
  }
}
