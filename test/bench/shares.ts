/**
 * `node shares.ts POLICY-FILE`: what each policy takes of judging one review, in a loop of its own: microseconds, and the part of all of them.
 * The median of rounds; the policies take turns in each.
 */
import { POLICIES } from '../../policies/index.ts';
import { evaluate } from '../../src/engine/index.ts';
import type { BoundPolicy, Subject } from '../../src/policy/index.ts';
import { overlay } from '../../src/engine/overlay.ts';
import { read } from '../../src/serve/judge.ts';
import { policyFiles } from '../../src/serve/policyFiles.ts';
import { benchReviews } from './reviews.ts';
import { benchWorld } from './world.ts';

const ROUNDS = 15;
const SIZES = [2, 8, 100];

const { set } = await policyFiles(process.argv.slice(2), POLICIES, Date.now).load();
const world = benchWorld(100);

function subjectsOf(size: number): readonly Subject[] {
  return benchReviews(size * 1024).map((text) => {
    const review = read('validate', JSON.parse(text), set);
    if (review.kind !== 'subject') throw new Error(`the review is ${review.kind}`);
    return review.subject;
  });
}

/** Microseconds of one call for one subject. */
function time(subjects: readonly Subject[], judge: (subject: Subject) => unknown): number {
  const repeats = 20;
  const started = performance.now();
  for (let repeat = 0; repeat < repeats; repeat += 1) for (const subject of subjects) judge(subject);
  return ((performance.now() - started) * 1000) / (repeats * subjects.length);
}

const speaking = set.speakingOf('HTTPRoute', 'CREATE');
const names = [...speaking.map(({ policy }) => policy.id), 'all documents'];
const columns = SIZES.map((size) => {
  const subjects = subjectsOf(size);
  const alone = (bound: BoundPolicy) => (subject: Subject) => bound.evaluate(subject, overlay(world, subject), 0);
  const judges = [...speaking.map(alone), (subject: Subject) => evaluate(subject, world, set, 0)];
  for (const judge of judges) for (let warm = 0; warm < 20; warm += 1) time(subjects, judge);
  const rounds = Array.from({ length: ROUNDS }, () => judges.map((judge) => time(subjects, judge)));
  return judges.map((_judge, at) => rounds.map((round) => round[at] ?? 0).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0);
});

const row = (cells: readonly string[]): void => {
  console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(28) : cell.padStart(20))).join(''));
};
row(['evaluation of one review', ...SIZES.map((size) => `${size} KB`)]);
for (const [at, name] of names.entries()) {
  row([
    name,
    ...columns.map((column) => {
      const [own = 0, all = 1] = [column[at], column.at(-1)];
      return `${own.toFixed(1)} µs ${String(Math.round((100 * own) / all)).padStart(3)} %`;
    }),
  ]);
}
