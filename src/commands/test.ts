import { Command } from 'commander';
import { repeatable } from './options.ts';
import { examples, type Program } from './program.ts';

interface TestFlags {
  readonly output?: readonly string[];
  readonly filter?: string;
  readonly schema: boolean;
  readonly color: boolean;
}

const REFERENCE = `
A suite is a document; a case needs a name, an object and what to expect of it:

  apiVersion: gateward.dev/v1alpha1
  kind: PolicyTest
  metadata: { name: hostnames }
  spec:
    policies: [hostnames.yaml]          # from the folder of this file; or documents as they are
    state: [gateways.yaml]              # what else is there; or objects as they are
    cases:
      - name: the hostname of another team is refused
        object: { apiVersion: …, kind: HTTPRoute, … }     # or the path of a file
        expect: { allowed: false, rules: [hostname-ownership/not-owned] }

  object, oldObject   with both it is an UPDATE, with the old one alone a DELETE
  userInfo            { username, groups }: who asks
  state, now          of this case; now is the time, for exemptions
  expect.rules        all rules that are broken: names, or { rule, path, action, message }
  expect.patch        the JSON Patch of the mutating webhook
  expect.object       the object after mutation, as far as said
  expect.message      a text in some message, or /a regular expression/

What is not said is not asserted.

Exit codes:
  0  every case passed
  1  a case failed
  2  wrong usage, a suite or policy document that is not in order
  3  a file that cannot be read or parsed`;

/** `gateward test`. */
export function testCommand(program: Program): Command {
  return new Command('test')
    .summary('run the tests of policy documents')
    .description(
      'Runs the PolicyTest suites below directories: what admission makes of an object under your documents.',
    )
    .argument('[path...]', 'files and directories with suites; - for standard input')
    .addOption(
      repeatable('-o, --output <format[=file]>', 'report to standard output or a file; repeatable', ['text', 'junit']),
    )
    .option('--filter <pattern>', 'only cases whose suite/case has this text, or matches this /expression/')
    .option('--schema', 'print the JSON schema of a PolicyTest instead, for editors', false)
    .option('--no-color', 'plain text')
    .addHelpText(
      'after',
      examples(
        program,
        'test policies/',
        'test -o text -o junit=report.xml policies/',
        'test --filter hostnames/ policies/',
      ) + `\n${REFERENCE}`,
    )
    .action(async (paths: readonly string[], options: TestFlags) => {
      const { runPolicyTests, printTestSchema } = await import('../check/policyTest.ts');
      if (options.schema) {
        printTestSchema(program.io);
        return;
      }
      process.exitCode = await runPolicyTests(
        {
          paths,
          output: options.output ?? [],
          filter: options.filter,
          color: options.color ? undefined : false,
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}
