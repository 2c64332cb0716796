/**
 * `npm run claims [-- --rounds=N] [--kill] [--grace=SECONDS]`: sixteen creators want one hostname at the same moment, N times, of an API server
 * with three replicas of Gateward. Prints how many were admitted twice, how many rounds had one winner, and what became of the claims. With
 * `--kill` a replica is killed every two seconds and started again, and rounds may have no winner.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { claimRound, doubled, FIRST_COME, orphans, startClaimRig } from './claimRig.ts';

const flag = (name: string, otherwise: number): number => {
  const word = process.argv.find((one) => one.startsWith(`--${name}=`));
  return word === undefined ? otherwise : Number(word.slice(name.length + 3));
};
const ROUNDS = flag('rounds', 10_000);
const GRACE = flag('grace', 120);
const KILL = process.argv.includes('--kill');
/** Rounds at a time: each has a hostname of its own. */
const AT_ONCE = 2;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const rig = await startClaimRig(FIRST_COME, { grace: GRACE });
const begun = performance.now();
const over = new AbortController();
let kills = 0;
const killing = (async () => {
  for (let turn = 0; KILL && !over.signal.aborted; turn += 1) {
    await pause(2000);
    rig.kill(turn % 3);
    kills += 1;
    await rig.revive(turn % 3);
  }
})();

const winners = new Map<number, number>();
const statuses = new Map<number, number>();
let next = 0;
const creators = Array.from({ length: AT_ONCE }, async () => {
  while (next < ROUNDS) {
    next += 1;
    const { name, written } = await claimRound(rig, next);
    for (const { status } of written) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const won = written.filter(({ status }) => status === 201).length;
    winners.set(won, (winners.get(won) ?? 0) + 1);
    if (won !== 1 && !KILL) print(`${name}: ${won} winners: ${JSON.stringify(written)}`);
    if (next % 500 === 0) print(`${next} rounds after ${Math.round((performance.now() - begun) / 1000)} s`);
  }
});
await Promise.all(creators);
over.abort();
await killing;
const took = (performance.now() - begun) / 1000;

const shown = (counts: ReadonlyMap<number, number>): string =>
  [...counts]
    .sort(([a], [b]) => a - b)
    .map(([value, count]) => `${value}: ${count}`)
    .join(', ');
print(`${ROUNDS} rounds of ${rig.teams.length} creators in ${Math.round(took)} s; ${kills} replicas killed`);
print(`reviews answered by each replica since its start: ${rig.answered().join(', ')}`);
print(`answers by status: ${shown(statuses)}`);
print(`rounds by number of winners: ${shown(winners)}`);
const twice = await doubled(rig);
print(`hostnames admitted twice: ${twice.length}${twice.length === 0 ? '' : ` (${twice.slice(0, 10).join(', ')})`}`);
print(`claims without their object: ${(await orphans(rig)).length} of ${(await rig.claims()).length}`);
await pause((GRACE + 10) * 1000);
const left = await orphans(rig);
print(`the same ${GRACE + 10} s later: ${left.length} of ${(await rig.claims()).length}`);
await rig.stop();
process.exitCode = twice.length > 0 || left.length > 0 || (!KILL && winners.size !== 1) ? 1 : 0;
