import { visible } from '../report/visible.ts';

/** Lines around a change that are shown with it. */
const CONTEXT = 3;
/** More changed lines than this are shown as one change. */
const MOST = 2000;

interface Step {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

/** The unified diff of two texts, as `diff -u` and `git apply` write and read it; empty when they are equal. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = stepsBetween(linesOf(before), linesOf(after));
  const changed = steps.flatMap(({ mark }, at) => (mark === ' ' ? [] : [at]));
  const hunks: { start: number; end: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    if (last !== undefined && at - CONTEXT <= last.end) last.end = Math.min(steps.length, at + CONTEXT + 1);
    else hunks.push({ start: Math.max(0, at - CONTEXT), end: Math.min(steps.length, at + CONTEXT + 1) });
  }
  const name = visible(file.replace(/^(?:\.?\/)+/, ''));
  return `--- a/${name}\n+++ b/${name}\n${hunks.map(({ start, end }) => hunkText(steps, start, end)).join('')}`;
}

/** All lines of two texts, each with its mark: `- ` only in the first, `+ ` only in the second, two blanks in both. */
export function lineDiff(before: string, after: string): readonly string[] {
  return stepsBetween(linesOf(before), linesOf(after)).map(({ mark, line }) => `${mark} ${line.replace(/\n$/, '')}`);
}

function hunkText(steps: readonly Step[], start: number, end: number): string {
  const count = (part: readonly Step[], not: '-' | '+'): number => part.filter(({ mark }) => mark !== not).length;
  const before = steps.slice(0, start);
  const own = steps.slice(start, end);
  const range = (not: '-' | '+'): string => {
    const length = count(own, not);
    return `${count(before, not) + (length === 0 ? 0 : 1)},${length}`;
  };
  const lines = own.map(
    ({ mark, line }) => `${mark}${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`,
  );
  return `@@ -${range('+')} +${range('-')} @@\n${lines.join('')}`;
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Myers' shortest edit script (An O(ND) Difference Algorithm, 1986), on what is left between equal ends. */
function stepsBetween(a: readonly string[], b: readonly string[]): readonly Step[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): readonly Step[] => lines.map((line) => ({ mark: ' ', line }));
  const middle = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))];
}

function shortest(a: readonly string[], b: readonly string[]): readonly Step[] {
  const reach = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let depth = 0; depth <= Math.min(MOST, a.length + b.length); depth += 1) {
    trace.push(new Map(reach));
    for (let k = -depth; k <= depth; k += 2) {
      let x = isDown(reach, k, depth) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace);
    }
  }
  return [...a.map((line): Step => ({ mark: '-', line })), ...b.map((line): Step => ({ mark: '+', line }))];
}

function isDown(reach: ReadonlyMap<number, number>, k: number, depth: number): boolean {
  return k === -depth || (k !== depth && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): readonly Step[] {
  const steps: Step[] = [];
  let [x, y] = [a.length, b.length];
  for (const [depth, reach] of [...trace.entries()].reverse()) {
    const k = x - y;
    const before = isDown(reach, k, depth) ? k + 1 : k - 1;
    const fromX = reach.get(before) ?? 0;
    const fromY = fromX - before;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      steps.push({ mark: ' ', line: a[x - 1] ?? '' });
      x -= 1;
      y -= 1;
    }
    if (depth === 0) break;
    steps.push(x === fromX ? { mark: '+', line: b[y - 1] ?? '' } : { mark: '-', line: a[x - 1] ?? '' });
    [x, y] = [fromX, fromY];
  }
  return steps.reverse();
}
