/**
 * argv → face: the composition root, which alone knows the policies and every command. Commands and policies import what they need when they
 * are called, so that a small `check` starts fast.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { auditCommand } from './commands/audit.ts';
import { baselineCommand } from './commands/baseline.ts';
import { certsCommand } from './commands/certs.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { disableCommand, enableCommand } from './commands/enforcement.ts';
import { exemptCommand } from './commands/exempt.ts';
import { explainCommand } from './commands/explain.ts';
import { grantsCommand } from './commands/grants.ts';
import { hostsCommand, whoOwnsCommand } from './commands/hosts.ts';
import { manifestsCommand } from './commands/manifests.ts';
import { initCommand } from './commands/init.ts';
import { EXIT_CODES, refuseEmpty } from './commands/options.ts';
import { policiesCommand } from './commands/policies.ts';
import { examples, type Program } from './commands/program.ts';
import { previewCommand } from './commands/preview.ts';
import { serveCommand } from './commands/serve.ts';
import { applySettings } from './commands/settings.ts';
import { statusCommand } from './commands/status.ts';
import { testCommand } from './commands/test.ts';
import { versionCommand } from './commands/version.ts';
import { EXIT, OperatorError, didYouMean, tellError } from './errors.ts';
import { processIo, tellLines } from './telemetry/io.ts';
import packageJson from '../package.json' with { type: 'json' };

/** By name, in the order in which help lists them. */
const COMMANDS: Readonly<Record<string, (program: Program) => Command>> = {
  serve: serveCommand,
  check: checkCommand,
  audit: auditCommand,
  preview: previewCommand,
  status: statusCommand,
  grants: grantsCommand,
  hosts: hostsCommand,
  'who-owns': whoOwnsCommand,
  init: initCommand,
  baseline: baselineCommand,
  exempt: exemptCommand,
  test: testCommand,
  enable: enableCommand,
  disable: disableCommand,
  doctor: doctorCommand,
  certs: certsCommand,
  policies: policiesCommand,
  explain: explainCommand,
  manifests: manifestsCommand,
  completion: completionCommand,
  version: versionCommand,
};

/** Words of neighbouring tools, and ours for them. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['lint', 'check'],
  ['analyze', 'check'],
  ['validate', 'check'],
  ['scan', 'audit'],
  ['server', 'serve'],
  ['enforce', 'enable'],
  ['uninstall', 'disable'],
  ['diagnose', 'doctor'],
]);

/** The installed package: the folder above the sources, or above what is built from them. */
const ROOT = rootFrom(import.meta.dirname);

function rootFrom(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : rootFrom(dirname(folder));
}

// A document is parsed once: functions compiled for each schema do not pay.
z.config({ jitless: true });

const program: Program = {
  name: basename(process.argv[1] ?? '') === 'kubectl-gateward' ? 'kubectl gateward' : 'gateward',
  io: processIo(),
  version: packageJson.version,
  root: ROOT,
  policies: async () => (await import('../policies/index.ts')).POLICIES,
};

const gateward = new Command(program.name)
  .description('Policies for the Kubernetes Gateway API: at admission, in CI, and over what is already there.')
  .version(program.version, '-V, --version', 'print the version')
  .helpCommand('help [command]', 'print the help of a command')
  .addHelpText(
    'after',
    examples(
      program,
      'check manifests/                       what admission would say, before it does',
      'serve --demo                           an admission server with example policies and state',
      'explain hostname-ownership/not-owned   what a rule is for',
    ) + EXIT_CODES,
  );
gateward.hook('preAction', (_gateward, command) => {
  refuseEmpty(command);
  return applySettings(command, program.io);
});
// Who calls one command has no use for the options of the others.
const called = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2]);
for (const [, command] of called.length > 0 ? called : Object.entries(COMMANDS)) gateward.addCommand(command(program));

const tell = (text: string): void => {
  tellLines(program.io.stderr, text);
};
const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
for (const command of all(gateward)) {
  command
    .exitOverride((error) => {
      throw wrongCall(error, command);
    })
    .configureOutput({ writeOut: program.io.stdout, writeErr: tell, outputError: () => undefined });
}

/** What commander has against a call, told as every other error is, with the help of the command that was called. */
function wrongCall(error: CommanderError, command: Command): Error {
  if (error.exitCode === 0 || error.code === 'commander.help') return error;
  if (error.code === 'commander.unknownCommand') return unknownCommand(command, command.args[0] ?? '');
  const problem = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*\?)\)$/, '; did you mean $1');
  const option = /^unknown option '(.*)'$/.exec(problem)?.[1];
  return command === gateward && option !== undefined
    ? new OperatorError('usage/unknown-word', { what: 'option', word: option, nearest: '' })
    : new OperatorError('usage/invalid', { problem, command: wordsOf(command) });
}

function unknownCommand(command: Command, word: string): OperatorError {
  const synonym = command === gateward ? SYNONYMS.get(word) : undefined;
  const known = command.commands.map((one) => one.name());
  const nearest = synonym === undefined ? didYouMean(word, known) : `; did you mean "${synonym}"?`;
  return new OperatorError('usage/unknown-word', { what: 'command', word, nearest });
}

/** The words by which a command is called: `certs dev`. */
function wordsOf(command: Command): string {
  return command.parent === null ? '' : `${wordsOf(command.parent)} ${command.name()}`.trim();
}

/** Ids of policies and rules, as `explain` takes them. */
async function ruleNames(): Promise<readonly string[]> {
  const known = await program.policies();
  return known.flatMap(({ id, messages }) => [id, ...[...messages.keys()].map((rule) => `${id}/${rule}`)]);
}

/** The words to complete, when a shell asks, or kubectl through a name of its own. */
function toComplete([, called = '', first, ...rest]: readonly string[]): readonly string[] | undefined {
  if (basename(called) === 'kubectl_complete-gateward') return first === undefined ? [] : [first, ...rest];
  return first === '__complete' ? rest : undefined;
}

async function run(): Promise<void> {
  try {
    const words = toComplete(process.argv);
    if (words !== undefined) {
      const { completions } = await import('./commands/complete.ts');
      program.io.stdout(await completions(gateward, words, ruleNames));
      return;
    }
    const asked = process.argv[2] === 'help' ? process.argv[3] : undefined;
    if (asked !== undefined && !['help', '-h', '--help', ...Object.keys(COMMANDS)].includes(asked)) {
      throw unknownCommand(gateward, asked);
    }
    await gateward.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage;
    else if (error instanceof OperatorError) {
      tell(tellError(error));
      process.exitCode = error.exitCode;
      // A plugin for the login that has not come to an end would keep the process.
      if (error.code === 'cluster/unreachable') setTimeout(() => process.exit(), 1000).unref();
    } else throw error;
  }
}

// Nothing waits at the top level: the bundle has none.
void run();
