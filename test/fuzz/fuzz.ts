/**
 * `npm run fuzz`: hostile cases at every door where foreign data comes in, for as long as is said. Ends with 1 when an oracle is broken, and
 * says how to see that case again.
 */
import { parseArgs } from 'node:util';
import { DOORS } from './doors.ts';
import { Fuzzer } from './fuzzer.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    door: { type: 'string' },
    case: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(`fuzz [--seconds N] [--seed TEXT] [--door NAME] [--case N]
  --door NAME  only this one: ${DOORS.map((open) => open().name).join(', ')}
  --case N     only the case of this number, of one door`);
} else {
  const doors = DOORS.map((open) => open()).filter(({ name }) => values.door === undefined || name === values.door);
  if (doors.length === 0) throw new Error(`there is no door ${values.door ?? ''}`);
  const fuzzers = doors.map((door) => new Fuzzer(door, values.seed));
  const start = performance.now();
  if (values.case !== undefined) for (const fuzzer of fuzzers) await fuzzer.one(Number(values.case));
  else {
    const end = start + Number(values.seconds) * 1000;
    while (performance.now() < end) for (const fuzzer of fuzzers) await fuzzer.turn();
  }
  for (const { door, cases, failures } of fuzzers) {
    for (const { number, message } of failures.slice(0, 3)) {
      console.error(
        `${door.name}: ${message}\n  again: npm run fuzz -- --seed ${values.seed} --door ${door.name} --case ${number}\n`,
      );
    }
    console.log(`${door.name.padEnd(12)} ${String(cases).padStart(9)} cases, ${failures.length} failures`);
  }
  console.log(`seed ${values.seed}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  process.exitCode = fuzzers.some(({ failures }) => failures.length > 0) ? 1 : 0;
}
