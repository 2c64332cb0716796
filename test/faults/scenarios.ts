import { setTimeout as pause } from 'node:timers/promises';
import { Rig, peakMemory, type Scale } from './rig.ts';
import { load, type Tally } from './transport.ts';

/** What a scenario came to. */
export interface Result {
  readonly name: string;
  readonly reviews: number;
  readonly failed: number;
  readonly retried: number;
  /** What was done, and what else was counted. */
  readonly note: string;
  /** What should not have been; empty when all is well. */
  readonly problems: readonly string[];
}

/** A fault under load. */
export type Scenario = (scale: Scale) => Promise<Result>;

/** Has reviews asked while something is done, at least until that is over. */
async function during(rig: Rig, scale: Scale, what: () => Promise<void>): Promise<void> {
  let isOver = false;
  const asking = load(rig.transport, { ...scale, until: () => isOver });
  await pause(500);
  try {
    await what();
  } finally {
    isOver = true;
    await asking;
  }
}

function result(name: string, tally: Tally, note: string, problems: readonly string[]): Result {
  const { answered, failed, retried, reasons } = tally;
  const why = [...reasons].map(([reason, count]) => `${count} × ${reason}`);
  return { name, reviews: answered + failed, failed, retried, note, problems: [...problems, ...why] };
}

async function withRig(scale: Scale, replicas: number, what: (rig: Rig) => Promise<Result>): Promise<Result> {
  const rig = await Rig.start(scale, replicas);
  try {
    return await what(rig);
  } finally {
    await rig.close();
  }
}

const rolling: Scenario = (scale) =>
  withRig(scale, 3, async (rig) => {
    await during(rig, scale, async () => {
      for (let round = 0; round < scale.rollouts; round += 1) await rig.rollOut();
      await rig.ended();
    });
    const codes = await rig.ended();
    const wrong = codes.filter((code) => code !== 0);
    const note = `${scale.rollouts} rollouts of 3 replicas, drain ${scale.drain} s; ${codes.length} ended by themselves`;
    return result(
      'rolling restarts',
      rig.transport.tally,
      note,
      wrong.length === 0 ? [] : [`exit codes ${wrong.join()}`],
    );
  });

const leaves: Scenario = (scale) =>
  withRig(scale, 3, async (rig) => {
    let rotations = 0;
    const isOver = new AbortController();
    const rotating = (async () => {
      while (!isOver.signal.aborted) {
        await rig.rotateLeaf();
        rotations += 1;
        // New connections are what a rotation can break.
        rig.transport.close();
        await pause(1000);
      }
    })();
    await load(rig.transport, { ...scale, until: () => rotations >= 10 });
    isOver.abort();
    await rotating;
    const { tally } = rig.transport;
    const { handshakes } = tally;
    const unseen = handshakes < rotations ? [`${handshakes} handshakes for ${rotations} leaves`] : [];
    return result('leaf every second', tally, `${rotations} leaves, ${handshakes} handshakes`, unseen);
  });

const authorities: Scenario = (scale) =>
  withRig(scale, 3, async (rig) => {
    await during(rig, scale, () => rig.rotateAuthority());
    const { tally } = rig.transport;
    return result('CA rotation', tally, `both trusted, new leaf, old out; ${tally.handshakes} handshakes`, []);
  });

const killing: Scenario = (scale) =>
  withRig(scale, 3, async (rig) => {
    let most = 0;
    await during(rig, scale, async () => {
      const [victim] = rig.replicas;
      if (victim === undefined) return;
      most = rig.proxy.connectionsTo(victim.port);
      victim.kill();
      await pause(3000);
    });
    const { tally } = rig.transport;
    const { failed, torn } = tally;
    const problems = failed > most || failed > torn ? [`${failed} failed of at most ${most} in flight`] : [];
    tally.reasons.clear();
    return result('SIGKILL of one', tally, `${torn} were in flight, on ${most} connections`, problems);
  });

/** Answers a second, and attempts a second, while so many callers ask at once; all of them connected before. */
async function rates(
  { transport: { tally }, transport }: Rig,
  concurrency: number,
  seconds: number,
): Promise<{ readonly served: number; readonly asked: number }> {
  let isOver = false;
  transport.close();
  await transport.warm(concurrency);
  const asking = load(transport, { reviews: 0, concurrency, until: () => isOver });
  await pause(3000);
  const [started, served, retried] = [performance.now(), tally.answered, tally.retried];
  await pause(seconds * 1000);
  const each = (count: number): number => Math.round((count * 1000) / (performance.now() - started));
  const measured = {
    served: each(tally.answered - served),
    asked: each(tally.answered + tally.retried - served - retried),
  };
  isOver = true;
  await asking;
  return measured;
}

const overload: Scenario = (scale) =>
  withRig(scale, 1, async (rig) => {
    const [replica] = rig.replicas;
    if (replica === undefined) throw new Error('no replica');
    const { tally } = rig.transport;
    const callers = 10 * scale.inFlight;
    await rates(rig, scale.inFlight, scale.overload / 2);
    const capacity = await rates(rig, scale.inFlight, scale.overload);
    const memory = peakMemory(replica.pid);
    const over = await rates(rig, callers, scale.overload);
    const after = await rates(rig, scale.inFlight, scale.overload / 2);
    const share = over.served / capacity.served;
    const note =
      `${capacity.served}/s with ${scale.inFlight} callers; with ${callers} asked ${over.asked}/s, served ${over.served}/s (${share.toFixed(2)}); ` +
      `afterwards ${after.served}/s; memory ${memory ?? '?'} → ${peakMemory(replica.pid) ?? '?'} MiB`;
    const ended = replica.hasEnded() ? ['the replica ended'] : [];
    const slow =
      share < scale.leastServed ? [`${share.toFixed(2)} of the capacity served, not ${scale.leastServed}`] : [];
    // Who waits longer than the timeout has failed for the API server; none may be let through unjudged, and that is what counts as wrong.
    const late = [...tally.reasons].filter(([reason]) => !/^(status 503|no answer in time)$/.test(reason));
    tally.reasons.clear();
    return result('overload', tally, note, [
      ...ended,
      ...slow,
      ...late.map(([reason, count]) => `${count} × ${reason}`),
    ]);
  });

/** By the name they have on the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = { rolling, leaves, authorities, killing, overload };
