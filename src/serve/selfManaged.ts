import type { Configuration, HeldSecret, Trust } from '../cluster/trust.ts';
import { OperatorError, errorText } from '../errors.ts';
import type { TrustState } from '../telemetry/index.ts';
import {
  MARGIN,
  bundleOf,
  nextStep,
  readAuthorities,
  signingOf,
  writeAuthorities,
  type Authority,
  type AuthorityPace,
  type Signing,
} from './authorities.ts';
import type { KeyPair } from './certificate.ts';
import { issueLeaf, makeAuthority, type Issued } from './issuing.ts';
import { poll } from './poll.ts';
import type { Source } from './reloading.ts';

const SECOND = 1000;
const DAY = 86_400_000;

/** A year for a CA, a day for a leaf. */
export const AUTHORITY_PACE: AuthorityPace = { authority: 365 * DAY, leaf: DAY, settle: 15 * SECOND };

/** What a certificate of our own making needs. */
export interface SelfManagedParts {
  readonly trust: Trust;
  /** The Secret, as it is told to people: `namespace/name`. */
  readonly secret: string;
  /** DNS names and IP addresses by which webhooks are called. */
  readonly hosts: readonly string[];
  /** Only one replica changes what there is already; should two believe to be it, the slower one's writes are refused. */
  readonly isLeader: () => boolean;
  readonly pace: AuthorityPace;
  /** How long between two looks, in milliseconds: what was overwritten is mended within it. */
  readonly every: number;
  readonly now: () => number;
  readonly told: (event: 'trusted' | 'stepped' | 'signed', fields: Readonly<Record<string, string>>) => void;
  /** Hears why a look failed, once for each new reason. */
  readonly failed: (problem: string) => void;
}

/** Annotation of the Secret that asks for another CA before its time. */
const ROTATE = 'gateward.dev/rotate';
const AUTHORITIES = 'authorities.json';
const BUNDLE = 'ca.crt';
/** How long a look may take. */
const LONGEST_ROUND = 20 * SECOND;

/** A leaf in memory, and which CA has signed it when. */
interface Leaf {
  readonly pair: Issued;
  readonly authority: string;
  readonly renewAt: number;
}

/**
 * A CA in one Secret, and leaves that each replica signs for itself and never writes. Every step is one write that is refused when something
 * has changed since it was read, and each look begins with the configurations: so a replica that was asleep cannot bring back an old bundle.
 * A leaf is signed only right after the CA was read, and so ends before that CA is trusted no more.
 */
export class SelfManaged {
  readonly #parts: SelfManagedParts;
  readonly #mismatches = new Map<Configuration['type'], boolean>();
  readonly #repairs = new Map<Configuration['type'], number>();
  #authorityEnds = 0;
  #leaf: Leaf;
  /** The bundle that every configuration has, and since when, on the clock of `performance.now()`. */
  #trusted: { readonly bundle: string; readonly since: number } | undefined;
  #problem: string | undefined;
  #stop: () => void = () => undefined;

  private constructor(parts: SelfManagedParts, leaf: Leaf) {
    this.#parts = parts;
    this.#leaf = leaf;
  }

  /** Signs a first leaf, making the CA when there is none. Throws {@link OperatorError} when the Secret is not there or holds something else. */
  static async start(parts: SelfManagedParts): Promise<SelfManaged> {
    const managed = new SelfManaged(parts, { pair: { cert: '', key: '' }, authority: '', renewAt: 0 });
    // Another replica may be faster in making the CA.
    while (managed.#leaf.authority === '') await managed.look();
    managed.#stop = poll(
      parts.every,
      async () => {
        await managed.look();
        managed.#problem = undefined;
      },
      (error) => {
        const problem = errorText(error);
        if (problem !== managed.#problem) parts.failed(problem);
        managed.#problem = problem;
      },
    );
    return managed;
  }

  /** The leaf as it is now. */
  get pairs(): Source<KeyPair> {
    const load = (): Promise<KeyPair> => {
      const from = `the certificate that was signed with the CA in Secret ${this.#parts.secret}`;
      return Promise.resolve({ ...this.#leaf.pair, from: { cert: from, key: from } });
    };
    return { fingerprint: () => Promise.resolve(this.#leaf.pair.cert), load };
  }

  /** Why the last look failed; undefined when it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** What metrics show of it. */
  get state(): TrustState {
    return { authorityEnds: this.#authorityEnds, mismatches: this.#mismatches, repairs: this.#repairs };
  }

  close(): void {
    this.#stop();
  }

  /** Looks at everything once, and does what is due. */
  async look(): Promise<void> {
    const { trust, isLeader } = this.#parts;
    const signal = AbortSignal.timeout(LONGEST_ROUND);
    const configurations = await trust.configurations(signal);
    const { held, authorities: found } = await this.#read(signal);
    this.#see(configurations, found);
    const isFirst = signingOf(found) === undefined;
    const authorities = isFirst || isLeader() ? await this.#step(held, found, signal) : found;
    if (authorities === undefined) return;
    if (isLeader()) await this.#assert(configurations, bundleOf(authorities), signal);
    const signing = signingOf(authorities);
    if (signing !== undefined) await this.#sign(signing);
  }

  async #read(signal: AbortSignal): Promise<{ readonly held: HeldSecret; readonly authorities: readonly Authority[] }> {
    const { trust, secret } = this.#parts;
    const held = await trust.secret(signal);
    if (held === undefined) {
      const problem = 'there is no such Secret; deploy/components/self-managed has it, empty';
      throw new OperatorError('serve/certificate', { file: `Secret ${secret}`, problem });
    }
    try {
      return { held, authorities: readAuthorities(held.data.get(AUTHORITIES)) };
    } catch (error) {
      const problem = `${AUTHORITIES} is not what Gateward wrote; take the key out, and a new CA begins`;
      throw new OperatorError('serve/certificate', { file: `Secret ${secret}`, problem }, error);
    }
  }

  /** Notes whether all that there is trusts what should be trusted, and since when. */
  #see(configurations: readonly Configuration[], authorities: readonly Authority[]): void {
    const bundle = bundleOf(authorities);
    const isTrusted = configurations.every(({ bundles }) => [...bundles.values()].every((other) => other === bundle));
    if (!isTrusted) this.#trusted = undefined;
    else if (this.#trusted?.bundle !== bundle) this.#trusted = { bundle, since: performance.now() };
    this.#mismatches.clear();
    const served = this.#leaf.authority;
    if (served === '') return;
    for (const { type, bundles } of configurations) {
      this.#mismatches.set(type, ![...bundles.values()].every((other) => other.includes(served)));
    }
  }

  /** The CAs after what is due of them; undefined when somebody else was faster. */
  async #step(
    held: HeldSecret,
    authorities: readonly Authority[],
    signal: AbortSignal,
  ): Promise<readonly Authority[] | undefined> {
    const { trust, now, pace, told } = this.#parts;
    const time = now();
    const next = await nextStep(
      authorities,
      {
        now: time,
        trustedFor: this.#trusted === undefined ? undefined : performance.now() - this.#trusted.since,
        isAskedFor: held.annotations.has(ROTATE),
        make: (notAfter) =>
          makeAuthority(`Gateward CA ${new Date(time).toISOString()}`, { notBefore: time - MARGIN, notAfter }),
      },
      pace,
    );
    if (next === undefined) return authorities;
    const data = new Map([...held.data, [AUTHORITIES, writeAuthorities(next)], [BUNDLE, bundleOf(next)]]);
    if (!(await trust.keep(held, data, ROTATE, signal))) return undefined;
    told('stepped', { authorities: next.map(({ role }) => role).join(', ') });
    return next;
  }

  async #assert(configurations: readonly Configuration[], bundle: string, signal: AbortSignal): Promise<void> {
    const { trust, told } = this.#parts;
    for (const configuration of configurations) {
      const { type, bundles } = configuration;
      if ([...bundles.values()].every((other) => other === bundle)) continue;
      if (!(await trust.trust(configuration, bundle, signal))) continue;
      this.#repairs.set(type, (this.#repairs.get(type) ?? 0) + 1);
      told('trusted', { configuration: type });
    }
  }

  async #sign(signing: Signing): Promise<void> {
    const { hosts, pace, now, told } = this.#parts;
    const time = now();
    this.#authorityEnds = signing.ends;
    if (this.#leaf.authority === signing.cert && time < this.#leaf.renewAt) return;
    const ends = Math.min(time + pace.leaf, signing.ends);
    const pair = await issueLeaf(signing, hosts, { notBefore: time - MARGIN, notAfter: ends });
    this.#leaf = { pair, authority: signing.cert, renewAt: time + ((ends - time) * 2) / 3 };
    told('signed', { until: new Date(ends).toISOString() });
  }
}
