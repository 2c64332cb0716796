import { counted } from './report.ts';
import { junitXml } from './junit.ts';
import type { Paint } from './paint.ts';
import { visible } from './visible.ts';

/** A place in the file of a test. */
interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Why a case cannot be judged: a mistake in the test, not of a policy. */
export interface TestProblem {
  readonly file: string;
  readonly at: Place;
  readonly message: string;
}

/** An expectation that does not hold. */
export interface TestFailure {
  readonly at: Place;
  /** `expect.rules`. */
  readonly field: string;
  /** Lines that begin with `-` for what was expected, `+` for what there is, or a blank for what is both. */
  readonly diff: readonly string[];
}

/** What a case came to. It has passed when there are neither problems nor failures. */
export interface TestResult {
  readonly file: string;
  readonly suite: string;
  readonly name: string;
  readonly at: Place;
  readonly problems: readonly TestProblem[];
  readonly failures: readonly TestFailure[];
}

/** The results for people: a line for each suite, the cases that did not pass in full, and the summary last. */
export function renderTestText(results: readonly TestResult[], paint: Paint): string {
  const suites = [...Map.groupBy(results, ({ file, suite }) => `${file}  ${suite}`)].map(([title, own]) => {
    const bad = own.filter((result) => !passed(result));
    const word = bad.length === 0 ? 'ok  ' : paint('deny', 'FAIL');
    const head = `${word}  ${visible(title)}  ${counted(own.length, 'case')}`;
    return [head, ...bad.map((result) => caseText(result, paint))].join('\n');
  });
  return `${suites.join('\n')}\n\n${summary(results, suites.length)}\n`;
}

/** The results as JUnit XML: a suite for each file, a case for each case. */
export function renderTestJunit(results: readonly TestResult[]): string {
  return junitXml(
    results.map((result) => {
      const { file, suite, name, problems, failures } = result;
      const text = [...problems.map(problemText), ...failures.map((failure) => failureText(file, failure))].join('\n');
      const outcome = problems.length > 0 ? 'error' : failures.length > 0 ? 'failure' : 'pass';
      const message = problems[0]?.message ?? failures.map(({ field }) => field).join(', ');
      return { file, classname: suite, name, outcome, message, text };
    }),
  );
}

/** Whether a case has passed. */
export function passed({ problems, failures }: TestResult): boolean {
  return problems.length === 0 && failures.length === 0;
}

function caseText(result: TestResult, paint: Paint): string {
  const { file, name, problems, failures } = result;
  const blocks = [...problems.map(problemText), ...failures.map((failure) => failureText(file, failure))];
  const lines = blocks.flatMap((block) => block.split('\n')).map((line) => `      ${coloured(line, paint)}`);
  return [`    ${paint('deny', 'FAIL')}  ${visible(name)}`, ...lines].join('\n');
}

function problemText({ file, at, message }: TestProblem): string {
  return visible(`${file}:${at.line}:${at.column}: ${message}`);
}

function failureText(file: string, { at, field, diff }: TestFailure): string {
  return [`${file}:${at.line}:${at.column}: ${field}`, ...diff.map((line) => `  ${line}`)].map(visible).join('\n');
}

function coloured(line: string, paint: Paint): string {
  if (line.startsWith('  -')) return paint('deny', line);
  return line.startsWith('  +') ? paint('audit', line) : line;
}

function summary(results: readonly TestResult[], suites: number): string {
  const bad = results.filter((result) => !passed(result)).length;
  const failed = bad === 0 ? '' : `, ${bad} failed`;
  return `${counted(results.length, 'case')} in ${counted(suites, 'suite')}: ${results.length - bad} passed${failed}`;
}
