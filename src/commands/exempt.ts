import { Command } from 'commander';
import { CHECK_DEFAULTS } from '../check/options.ts';
import { inputOptions, judgedInput, repeatable, type InputFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface ExemptFlags extends InputFlags {
  readonly from?: string;
  readonly document?: readonly string[];
  readonly expires: string;
  readonly reason: string;
  readonly ticket?: string;
}

/** `gateward exempt`. */
export function exemptCommand(program: Program): Command {
  return judgedInput(
    new Command('exempt')
      .summary('a PolicyExemption for one finding, with an end')
      .description(
        'Prints a PolicyExemption for one finding, ready to apply: one rule, for one object, with a reason and an end. The finding is looked for in a report, in manifests that are judged as check does (-f, -k), or taken by its words.',
      )
      .argument('[finding...]', 'its fingerprint, or its rule, kind and namespace/name (* for any characters)'),
  )
    .requiredOption('--expires <when>', 'a date (2027-03-31), a time (2027-03-31T18:00:00Z) or a span from now (30d)')
    .requiredOption('--reason <text>', 'why; for whoever reads it when it ends')
    .option('--ticket <id>', 'where it was decided')
    .option(
      '--from <report.json>',
      'the report that has the finding, of check or audit with -o json; - for standard input',
    )
    .addOption(repeatable('--document <name>', 'the policy document, when several could have said it; repeatable'))
    .addHelpText(
      'after',
      examples(
        program,
        'exempt hostname-ownership/not-owned HTTPRoute team-shop/checkout --policies policies/ --expires 2027-03-31 --reason "moves in March"',
        'exempt 3fa9c2d41b07 --from report.json --expires 30d --reason "known since the merger"',
        'exempt 3fa9c2d41b07 -f manifests/ --policies policies/ --expires 8w --reason "…" > exemption.yaml',
      ) +
        '\n\nFingerprints stand in -o json, sarif and baseline; the first six characters or more will do.' +
        exitCodes({ 0: 'printed' }, 3, 4),
    )
    .action(async (finding: readonly string[], options: ExemptFlags) => {
      const { runExempt } = await import('../check/exempt.ts');
      const { from, expires, reason, ticket } = options;
      process.exitCode = await runExempt(
        {
          finding,
          from,
          check: { ...CHECK_DEFAULTS, ...inputOptions([], options) },
          documents: options.document ?? [],
          expires,
          reason,
          ticket,
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}
