import type { Paint } from '../report/paint.ts';
import { visible } from '../report/visible.ts';
import { RESULTS, type Line, type Result } from './line.ts';

/** What a diagnosis is about. */
export interface Subject {
  readonly server: string;
  readonly namespace: string;
}

const COLOURS = { ok: 'faint', warn: 'warn', fail: 'deny', unknown: 'audit' } as const satisfies Record<Result, string>;

/** Lines for people: one a check, its fix below it, the summary last. */
export function renderDiagnosisText(lines: readonly Line[], paint: Paint): string {
  const width = Math.max(...lines.map(({ check }) => check.length));
  const text = lines.flatMap(({ result, check, where, message, fix }) => [
    `${paint(COLOURS[result], result.padEnd(7))}  ${check.padEnd(width)}  ${visible(where)}: ${visible(message)}`,
    ...(fix === null ? [] : [`${' '.repeat(7 + 2 + width + 2)}fix: ${visible(fix)}`]),
  ]);
  const { ok, warn, fail, unknown } = tally(lines);
  return `${text.join('\n')}\n\n${fail} failed, ${warn} warned, ${unknown} unknown, ${ok} ok\n`;
}

/** The JSON contract of `gateward doctor`, with a line break at its end. */
export function renderDiagnosisJson({ server, namespace }: Subject, lines: readonly Line[]): string {
  const value = { kind: 'Diagnosis', server, namespace, summary: tally(lines), checks: lines };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function tally(lines: readonly Line[]): Readonly<Record<Result, number>> {
  const count = (wanted: Result): number => lines.filter(({ result }) => result === wanted).length;
  const [ok, warn, fail, unknown] = RESULTS;
  return { [ok]: count(ok), [warn]: count(warn), [fail]: count(fail), [unknown]: count(unknown) };
}
