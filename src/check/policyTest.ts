import type { Policy } from '#policy';
import {
  MAX_FILE_BYTES,
  decodeFile,
  findFiles,
  readFiles,
  unreadable,
  type FileProblem,
  type TextFile,
} from '../cluster/files.ts';
import { readConfigFiles } from '../cluster/policyFiles.ts';
import {
  configDocuments,
  formatProblem,
  loadPolicies,
  whereIs,
  type ConfigDocument,
  type ConfigProblem,
} from '../config/index.ts';
import { parsePattern } from '../config/pattern.ts';
import { parsePolicyTest, policyTestJsonSchema, type PolicyTest, type PolicyTestCase } from '../config/policyTest.ts';
import type { PolicySet } from '../engine/index.ts';
import { EXIT, OperatorError, tellInput } from '../errors.ts';
import { renderContext, type FaceDeps } from '../output/context.ts';
import { parseOutputsOf, writeTexts } from '../output/outputs.ts';
import { plain } from '../report/paint.ts';
import { passed, renderTestJunit, renderTestText, type TestResult } from '../report/testReport.ts';
import { tellLines, type Io } from '../telemetry/io.ts';
import { Progress } from '../telemetry/progress.ts';
import { unmet } from './expectation.ts';
import { besideTest, judgeCase, problemAt, readState } from './policyTestCase.ts';

/** The formats of `gateward test`. */
const TEST_FORMATS = ['text', 'junit'] as const;

/** What `gateward test` is told. */
export interface PolicyTestOptions {
  /** Files and directories that hold suites; `-` is standard input. */
  readonly paths: readonly string[];
  /** `FORMAT` or `FORMAT=FILE`. */
  readonly output: readonly string[];
  /** Only cases whose `suite/case` has this text, or matches this /expression/. */
  readonly filter: string | undefined;
  readonly color: boolean | undefined;
}

/**
 * `gateward test`: runs the cases of every PolicyTest in files and directories. A suite that is not in order does not keep the others from
 * running. Gives the exit code: the highest of those that apply. Throws {@link OperatorError} when there is no suite, or no case to run.
 */
export async function runPolicyTests(options: PolicyTestOptions, io: Io, deps: FaceDeps): Promise<number> {
  const outputs = parseOutputsOf(options.output, TEST_FORMATS, 'test');
  const wanted = options.filter === undefined ? (): boolean => true : parsePattern(options.filter);
  if (wanted === undefined) throw wrongCall(`--filter ${options.filter ?? ''} is no regular expression of RE2`);
  if (options.paths.length === 0) throw wrongCall('nothing to test: name files or directories with PolicyTest suites');
  const progress = new Progress(io);
  const { tests, code } = await readTests(options.paths, deps.policies, io);
  const codes: number[] = [code];
  const results: TestResult[] = [];
  for (const test of tests) {
    const cases = test.cases.filter(({ name }) => wanted(`${test.name}/${name}`));
    if (cases.length === 0) continue;
    try {
      for await (const result of runSuite(test, cases, deps.policies, io)) {
        results.push(result);
        progress.show(() => `testing: ${results.length} cases`);
      }
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      // A line for each problem of a document.
      tellLines(io.stderr, tellInput(error));
      codes.push(error.exitCode);
    }
  }
  progress.clear();
  if (results.length === 0 && Math.max(...codes) === EXIT.clean) {
    const problem =
      tests.length === 0
        ? `there is no PolicyTest in ${options.paths.join(', ')}`
        : `--filter ${options.filter ?? ''} leaves none of the cases in ${options.paths.join(', ')}`;
    throw wrongCall(problem);
  }
  if (results.length > 0) {
    const { paint } = renderContext(options, io, deps);
    await writeTexts(outputs, io, (format, file) => {
      const text =
        format === 'junit' ? renderTestJunit(results) : renderTestText(results, file === undefined ? paint : plain);
      return Promise.resolve(text);
    });
  }
  if (!results.every(passed)) codes.push(EXIT.findings);
  return Math.max(...codes);
}

/** The JSON schema of a PolicyTest, by which an editor completes and checks one. */
export function printTestSchema(io: Io): void {
  io.stdout(`${JSON.stringify(policyTestJsonSchema(), undefined, 2)}\n`);
}

/** The suites of files and directories; what is not in order is told, and stands in the exit code. */
async function readTests(
  paths: readonly string[],
  policies: readonly Policy[],
  io: Io,
): Promise<{ readonly tests: readonly PolicyTest[]; readonly code: number }> {
  const tests: PolicyTest[] = [];
  const codes: number[] = [EXIT.clean];
  const tell = (error: OperatorError): void => {
    io.stderr(tellInput(error));
    codes.push(error.exitCode);
  };
  const take = (file: TextFile | FileProblem): void => {
    if (!('text' in file)) {
      tell(unreadable(file));
      return;
    }
    const { documents, problems } = configDocuments(file.name, file.text);
    for (const { origin, at, message } of problems) {
      tell(new OperatorError('input/unparsable', { where: whereIs(origin, at), problem: message }));
    }
    for (const document of documents) {
      const test = parsePolicyTest(document, policies);
      if (test === undefined) continue;
      if ('problems' in test) for (const problem of test.problems) tell(notInOrder(problem));
      else tests.push(test);
    }
  };
  if (paths.includes('-')) take(decodeFile('<stdin>', await io.stdin(MAX_FILE_BYTES)));
  const found = await findFiles(
    paths.filter((path) => path !== '-'),
    io.cwd,
  );
  for (const problem of found.problems) tell(unreadable(problem));
  for await (const file of readFiles(found.files, io.cwd)) take(file);
  return { tests, code: Math.max(...codes) };
}

async function* runSuite(
  test: PolicyTest,
  cases: readonly PolicyTestCase[],
  policies: readonly Policy[],
  io: Io,
): AsyncGenerator<TestResult> {
  const state = await readState(test, test.state, ['spec', 'state'], io.cwd);
  const documents = await readDocuments(test, io.cwd);
  const started = io.now();
  const sets = new Map<number, PolicySet>();
  for (const own of cases) {
    const time = own.now ?? test.now;
    const now = time === undefined ? started : Date.parse(time);
    const { at } = problemAt(test, own.path, '');
    const result = { file: test.document.origin, suite: test.name, name: own.name, at };
    if ('problems' in state) {
      yield { ...result, problems: state.problems, failures: [] };
      continue;
    }
    const set = sets.get(now) ?? requireInOrder(test, documents, policies, now);
    sets.set(now, set);
    const verdict = await judgeCase(test, own, state.manifests, set, now, io.cwd);
    yield 'problems' in verdict
      ? { ...result, problems: verdict.problems, failures: [] }
      : { ...result, problems: [], failures: unmet(test, own, verdict) };
  }
}

/** The documents under test: maps as they stand in the suite, files and folders from the file of the suite. */
async function readDocuments(test: PolicyTest, cwd: string): Promise<readonly ConfigDocument[]> {
  const { origin, locate } = test.document;
  const documents: ConfigDocument[] = [];
  for (const [index, value] of test.policies.entries()) {
    if (typeof value === 'string') {
      const read = await readConfigFiles([besideTest(test, value)], cwd).catch((error: unknown) => {
        if (!(error instanceof OperatorError)) throw error;
        throw notInOrder({
          origin,
          at: problemAt(test, ['spec', 'policies', index], '').at,
          path: '',
          message: error.message,
        });
      });
      const [problem] = read.problems;
      if (problem !== undefined) throw notInOrder(problem);
      documents.push(...read.documents);
    } else {
      const base = ['spec', 'policies', index];
      documents.push({
        origin,
        value,
        locate: locate === undefined ? undefined : (path, part) => locate([...base, ...path], part),
      });
    }
  }
  return documents;
}

/** The documents, bound for a moment: exemptions end. Throws {@link OperatorError} telling everything that is wrong with them. */
function requireInOrder(
  test: PolicyTest,
  documents: readonly ConfigDocument[],
  policies: readonly Policy[],
  now: number,
): PolicySet {
  const { set, problems } = loadPolicies(documents, policies, now);
  const [first, ...more] = problems;
  if (first !== undefined) throw notInOrder(first, more);
  if (set.policies.length === 0) {
    const { file, at, message } = problemAt(test, ['spec', 'policies'], 'there is no policy document in it');
    throw new OperatorError('policies/invalid', { where: whereIs(file, at), problem: message });
  }
  return set;
}

function notInOrder(problem: ConfigProblem, more: readonly ConfigProblem[] = []): OperatorError {
  const [where = '', ...rest] = formatProblem(problem).split(': ');
  return new OperatorError('policies/invalid', {
    where,
    problem: [rest.join(': '), ...more.map(formatProblem)].join('\n'),
  });
}

function wrongCall(problem: string): OperatorError {
  return new OperatorError('usage/invalid', { problem, command: 'test' });
}
