import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { issueLeaf, makeAuthority, type Issued } from '../../src/serve/issuing.ts';
import { benchReviews } from '../bench/reviews.ts';
import { writeFile } from '../support/certificates.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { startReplica, type Replica } from './replica.ts';
import { Transport } from './transport.ts';

/** Sizes and times of a run. */
export interface Scale {
  /** At least so many reviews in each scenario. */
  readonly reviews: number;
  readonly concurrency: number;
  /** `--max-in-flight` of the replicas; 10 times as many ask at once when it is too many. */
  readonly inFlight: number;
  /** `--shutdown-delay` of the replicas, in seconds. */
  readonly drain: number;
  readonly rollouts: number;
  /** For how many seconds too many ask. */
  readonly overload: number;
  /** The part of its capacity that a replica must go on serving then; 0 where no speed is to be judged. */
  readonly leastServed: number;
}

/** How often readiness is asked for, and how long it takes until everybody knows of a change; in milliseconds. */
const PROBE_EVERY = 500;
const PROPAGATION = 1000;
const DAY = 86_400_000;
/** Timeout of a review, in seconds: that of the generated webhook configuration. */
const TIMEOUT = 5;
const REVIEW_SIZE = 2048;
const root = resolve(import.meta.dirname, '../..');

/** Replicas behind a proxy, certificates in files as in a mounted Secret, and a client as the API server is. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'gateward-faults-'));
  readonly transport: Transport;
  readonly proxy: Proxy;
  /** What the client trusts. */
  bundle = '';
  #authority: Issued;
  readonly #scale: Scale;
  #replicas: Replica[] = [];
  readonly #ending: Promise<number | null>[] = [];
  #isOver = false;

  private constructor(scale: Scale, proxy: Proxy, authority: Issued) {
    this.#scale = scale;
    this.proxy = proxy;
    this.#authority = authority;
    this.transport = new Transport({
      port: () => proxy.port,
      bundle: () => this.bundle,
      bodies: benchReviews(REVIEW_SIZE),
      timeout: TIMEOUT,
    });
  }

  /** Starts so many replicas. */
  static async start(scale: Scale, replicas: number): Promise<Rig> {
    const rig = new Rig(scale, await startProxy(), await newAuthority());
    mkdirSync(join(rig.folder, 'state'));
    rig.bundle = rig.#authority.cert;
    await rig.rotateLeaf();
    rig.#replicas = await Promise.all(Array.from({ length: replicas }, () => rig.#add()));
    rig.proxy.backends = rig.#replicas.map(({ port }) => port);
    void rig.#probe();
    return rig;
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  /** Puts another leaf of the same CA into the files, the certificate first: between the two they do not fit. */
  async rotateLeaf(): Promise<void> {
    const now = Date.now();
    const leaf = await issueLeaf(this.#authority, ['localhost'], { notBefore: now - 3_600_000, notAfter: now + DAY });
    writeFile(this.folder, 'tls.crt', leaf.cert);
    writeFile(this.folder, 'tls.key', leaf.key);
  }

  /** Another CA, as certs/README.md says: trust both, wait, serve the new one, and when all do, trust it alone. */
  async rotateAuthority(): Promise<void> {
    const old = this.#authority;
    this.#authority = await newAuthority();
    this.bundle = old.cert + this.#authority.cert;
    await pause(2000);
    await this.rotateLeaf();
    await pause(4000);
    this.bundle = this.#authority.cert;
  }

  /** Replaces every replica as a Deployment with surge 1 does: the next one is ready before the one before is told to stop. */
  async rollOut(): Promise<void> {
    for (const old of [...this.#replicas]) {
      const added = await this.#add();
      this.#replicas.push(added);
      await pause(PROBE_EVERY + PROPAGATION);
      this.#replicas = this.#replicas.filter((replica) => replica !== old);
      this.#leaving.add(old);
      this.#ending.push(old.stop().finally(() => this.#leaving.delete(old)));
    }
  }

  /** Exit codes of those that were told to stop. */
  async ended(): Promise<readonly (number | null)[]> {
    return Promise.all(this.#ending);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.transport.close();
    await this.ended();
    for (const replica of this.#replicas) replica.kill();
    this.proxy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  readonly #leaving = new Set<Replica>();

  #add(): Promise<Replica> {
    const at = (name: string): string => join(this.folder, name);
    return startReplica([
      ...['--policies', join(root, 'policies/baseline.yaml'), '--state', at('state')],
      ...['--tls-cert', at('tls.crt'), '--tls-key', at('tls.key')],
      ...['--shutdown-delay', String(this.#scale.drain), '--max-in-flight', String(this.#scale.inFlight)],
    ]);
  }

  /** Tells the proxy who is ready, late. */
  async #probe(): Promise<void> {
    while (!this.#isOver) {
      const all = [...this.#replicas, ...this.#leaving];
      const states = await Promise.all(all.map(async (replica) => [replica.port, await replica.status()] as const));
      const ready = states.filter(([, status]) => status === 200).map(([port]) => port);
      setTimeout(() => {
        this.proxy.backends = ready;
      }, PROPAGATION);
      await pause(PROBE_EVERY);
    }
  }
}

async function newAuthority(): Promise<Issued> {
  const now = Date.now();
  return makeAuthority(`Faults CA ${now}`, { notBefore: now - 3_600_000, notAfter: now + DAY });
}

/** Most memory that a process had, in MiB; undefined where that cannot be known. */
export function peakMemory(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
  } catch {
    return undefined;
  }
}
