import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import type { FailOn } from '../report/failOn.ts';
import { EXIT_CODES, failOn, inputOptions, judgedInput, output, repeatable, type InputFlags } from './options.ts';
import { examples, type Program } from './program.ts';

interface CheckFlags extends InputFlags {
  readonly output?: readonly string[];
  readonly failOn: FailOn;
  readonly pin?: string;
  readonly old?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly baseline?: string;
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly requireResources: boolean;
  readonly color: boolean;
}

/** `gateward check`. */
export function checkCommand(program: Program): Command {
  return judgedInput(
    new Command('check')
      .summary('judge manifests as admission would')
      .description(
        'Judges manifests as admission would judge them once all of them are applied; with --cluster to the cluster that is there.',
      )
      .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
  )
    .addOption(output())
    .addOption(failOn())
    .option(
      '--pin <channel@bundle>',
      'say what breaks under another release, as standard@v1.6.1; without paths and with --cluster: of what is stored',
    )
    .option(
      '--old <dir|revision>',
      'judge the change from a directory of manifests, or a git revision of the same paths',
    )
    .option('--as <user>', 'judge as if this user applied it; a cluster is still read as yourself')
    .addOption(repeatable('--as-group <group>', 'with --as: a group the user is in; repeatable'))
    .option('--baseline <file>', 'known findings, which are not told again')
    .option('--fix', 'write the fixes of findings into the files', false)
    .option('--dry-run', 'with --fix: print the changes instead of writing them', false)
    .option('--require-resources', 'fail when there is no Gateway API object', false)
    .option('-R, --recursive', 'accepted; directories are always read with all below them')
    .option('--no-color', 'plain text')
    .addHelpText(
      'after',
      examples(
        program,
        'check manifests/',
        'check --policies policies/ -o sarif=gateward.sarif manifests/*.yaml',
        'check -k overlays/prod                  what kustomize makes of it',
        'check --fix --dry-run manifests/         what would be mended, as a diff',
        'check --old origin/main manifests/      the change of a pull request',
        'check --cluster manifests/              what kubectl apply would be told',
        'check --as jane manifests/              what jane would be told: excluded users, who may set labels',
        'check --cluster --pin standard@v1.6.1   what an upgrade or downgrade would break',
        'check -                                 (helm template … | ' + program.name + ' check -)',
      ) + EXIT_CODES,
    )
    .action(async (paths: readonly string[], options: CheckFlags) => {
      // Most of what a large input makes lives until its object is judged: a young generation that grows only takes memory (100 MB), no less time.
      setFlagsFromString('--semi-space-growth-factor=1');
      // The old one waits for half as much again as lives, not for four times, before it is swept: 110 MB less for a large List, 3 % more time.
      setFlagsFromString('--heap-growing-percent=50');
      const { runCheck } = await import('../check/index.ts');
      process.exitCode = await runCheck(
        {
          ...inputOptions(paths, options),
          output: options.output ?? [],
          failOn: options.failOn,
          requireResources: options.requireResources,
          pin: options.pin,
          old: options.old,
          as: options.as,
          asGroups: options.asGroup ?? [],
          baseline: options.baseline,
          fix: options.fix,
          dryRun: options.dryRun,
          color: options.color ? undefined : false,
          command: 'check',
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}
