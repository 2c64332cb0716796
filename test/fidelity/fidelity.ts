/**
 * `npm run fidelity`: what the model predicts against what Envoy Gateway writes, on a real API server, over the conformance manifests and
 * generated worlds. Ends with 1 when a disagreement is in no known class, or in one that is ours.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { dump } from 'js-yaml';
import type { KindName } from '#gateway';
import type { Manifest } from './api.ts';
import { CLASSES } from './classes.ts';
import { compare, type Comparison } from './compare.ts';
import { Evidence } from './evidence.ts';
import { runController, type Outcome } from './run.ts';
import { judge, type Judged } from './verdicts.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    worlds: { type: 'string', default: '210' },
    keep: { type: 'string' },
    record: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(`fidelity [--seed N] [--worlds N] [--keep FILE] [--record FILE] [--replay FILE]
  --keep FILE    the worlds of unclassed disagreements, as YAML to apply
  --record FILE  what the cluster said, to compare again with --replay, without a cluster`);
} else {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // and so take the controller along
  process.exitCode = await report(await outcome());
}

async function outcome(): Promise<Outcome> {
  if (values.replay !== undefined) {
    const { objects, ...rest } = JSON.parse(await readFile(values.replay, 'utf8')) as Recorded;
    return { ...rest, objects: new Map(objects) };
  }
  const start = performance.now();
  const result = await runController(whole(values.seed), whole(values.worlds), (line) => {
    console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  });
  if (values.record !== undefined) {
    const recorded: Recorded = { ...result, objects: [...result.objects] };
    await writeFile(values.record, JSON.stringify(recorded));
  }
  return result;
}

interface Recorded extends Omit<Outcome, 'objects'> {
  readonly objects: readonly [KindName, readonly Manifest[]][];
}

async function report({ worlds, refused, objects }: Outcome): Promise<number> {
  const { comparisons, unanswered } = compare(objects);
  const judged = judge(comparisons, new Evidence(objects, comparisons));
  for (const { manifest, reason } of refused) {
    console.log(`refused by the API server: ${nameOf(manifest)}: ${reason.slice(0, 200)}`);
  }
  for (const manifest of unanswered) console.log(`not answered by the controller: ${nameOf(manifest)}`);
  for (const { id, verdict, sentence } of CLASSES) {
    const found = judged.filter(({ because }) => because === id);
    const [example] = found;
    if (example === undefined) continue;
    console.log(`\n${verdict}, ${found.length}: ${id}\n  ${sentence}\n  e.g. ${lineOf(example.comparison)}`);
  }
  for (const verdict of ['theirs', 'open', 'ours'] as const) {
    const found = judged.filter((entry) => entry.verdict === verdict && entry.because === 'follows from another');
    if (found.length > 0) console.log(`\n${verdict}, ${found.length}: follow from these`);
  }
  const unclassed = judged.filter(({ verdict }) => verdict === 'unclassed');
  console.log('');
  for (const { comparison } of unclassed) console.log(`unclassed: ${lineOf(comparison)}`);
  if (values.keep !== undefined && unclassed.length > 0) await writeFile(values.keep, failing(worlds, unclassed));
  const count = (verdict: Judged['verdict']): number => judged.filter((entry) => entry.verdict === verdict).length;
  console.log(
    `${comparisons.length} compared, ${comparisons.length - judged.length} agree, ${count('theirs')} theirs, ${count('open')} open, ${count('ours')} ours, ${unclassed.length} unclassed (${worlds.length} worlds)`,
  );
  return unclassed.length + count('ours') > 0 ? 1 : 0;
}

function lineOf({ object, at, question, ours, theirs }: Comparison): string {
  return `${nameOf(object)} ${at === '' ? '' : `${at} `}${question}: predicted ${ours}, actual ${theirs}`;
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function failing(worlds: Outcome['worlds'], unclassed: readonly Judged[]): string {
  const names = new Set(unclassed.map(({ comparison }) => comparison.object.metadata.namespace ?? ''));
  const failed = worlds.filter(({ name }) => [...names].some((namespace) => namespace.startsWith(`${name}-`)));
  return failed.flatMap(({ waves }) => waves.flat().map((manifest) => dump(manifest))).join('---\n');
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${text} is no whole number`);
  return number;
}
