/**
 * `npm run faults [-- --quick] [-- SCENARIO…]`: what becomes of reviews while replicas restart, die, change certificates or have too much to do.
 * Replicas of `gateward serve` stand behind a round-robin TCP proxy on loopback; the client is as the API server's transport. Prints a table,
 * and ends with 1 when a figure is not as it should be.
 */
import type { Scale } from './rig.ts';
import { SCENARIOS, type Result } from './scenarios.ts';

const FULL: Scale = {
  reviews: 100_000,
  concurrency: 32,
  drain: 15,
  rollouts: 5,
  inFlight: 64,
  overload: 20,
  leastServed: 0.9,
};
const QUICK: Scale = {
  reviews: 5000,
  concurrency: 16,
  drain: 3,
  rollouts: 1,
  inFlight: 64,
  overload: 5,
  leastServed: 0,
};

const words = process.argv.slice(2);
const scale = words.includes('--quick') ? QUICK : FULL;
const named = words.filter((word) => !word.startsWith('--'));
const unknown = named.find((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown !== undefined) {
  console.error(`no scenario "${unknown}"; there are ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}

const results: Result[] = [];
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.error(`${name} …`);
  results.push(await scenario(scale));
}

console.log('| fault | reviews | failed | asked again | |');
console.log('| --- | ---: | ---: | ---: | --- |');
for (const { name, reviews, failed, retried, note } of results) {
  console.log(`| ${name} | ${reviews} | ${failed} | ${retried} | ${note} |`);
}
const problems = results.flatMap(({ name, problems: found }) => found.map((problem) => `${name}: ${problem}`));
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
