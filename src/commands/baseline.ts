import { Command } from 'commander';
import { CHECK_DEFAULTS } from '../check/options.ts';
import { inputOptions, judgedInput, type InputFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface BaselineFlags extends InputFlags {
  readonly output?: string;
  readonly refresh: boolean;
  readonly force: boolean;
}

/** `gateward baseline`. */
export function baselineCommand(program: Program): Command {
  return judgedInput(
    new Command('baseline')
      .summary('write what is known, for check --baseline')
      .description('Writes what check finds today as a baseline, so that check --baseline tells new findings only.')
      .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
  )
    .option('-o, --output <file>', 'where it goes (default: standard output)')
    .option('--refresh', 'forget the entries of FILE that no longer occur; take none in', false)
    .option('--force', 'write FILE anew, with what is new, though it is there', false)
    .addHelpText(
      'after',
      examples(
        program,
        'baseline -o known.json manifests/             what is there today',
        'check --baseline known.json manifests/        only what is new fails',
        'baseline --refresh -o known.json manifests/   forget what has been mended',
      ) +
        '\n\nNothing is written unless all of the input could be read. Name the same inputs and policies to check.' +
        exitCodes({ 0: 'written' }, 3, 4),
    )
    .action(async (paths: readonly string[], options: BaselineFlags) => {
      const { runBaseline } = await import('../check/baseline.ts');
      const { refresh, force } = options;
      const judged = { ...CHECK_DEFAULTS, ...inputOptions(paths, options), command: 'baseline' };
      process.exitCode = await runBaseline({ check: judged, file: options.output, refresh, force }, program.io, {
        policies: await program.policies(),
        version: program.version,
      });
    });
}
