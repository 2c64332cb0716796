import { Command } from 'commander';
import { repeatable } from './options.ts';
import { examples, type Program } from './program.ts';

interface ExemptFlags {
  readonly from?: string;
  readonly filename?: readonly string[];
  readonly policies?: readonly string[];
  readonly document?: readonly string[];
  readonly expires: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly namespace: string;
}

/** `gateward exempt`. */
export function exemptCommand(program: Program): Command {
  return new Command('exempt')
    .summary('a PolicyExemption for one finding, with an end')
    .description(
      'Prints a PolicyExemption for one finding, ready to apply: one rule, for one object, with a reason and an end.',
    )
    .argument('[finding...]', 'its fingerprint, or its rule, kind and namespace/name')
    .requiredOption('--expires <when>', 'a date (2027-03-31), a time (2027-03-31T18:00:00Z) or a span from now (30d)')
    .requiredOption('--reason <text>', 'why; for whoever reads it when it ends')
    .option('--ticket <id>', 'where it was decided')
    .option(
      '--from <report.json>',
      'the report that has the finding, of check or audit with -o json; - for standard input',
    )
    .addOption(repeatable('-f, --filename <path>', 'manifests that have the finding; repeatable'))
    .addOption(
      repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
    )
    .addOption(repeatable('--document <name>', 'the policy document, when several could have said it; repeatable'))
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .addHelpText(
      'after',
      examples(
        program,
        'exempt hostname-ownership/not-owned HTTPRoute team-shop/checkout --policies policies/ --expires 2027-03-31 --reason "moves in March"',
        'exempt 3fa9c2d41b07 --from report.json --expires 30d --reason "known since the merger"',
        'exempt 3fa9c2d41b07 -f manifests/ --policies policies/ --expires 8w --reason "…" > exemption.yaml',
      ) + '\n\nFingerprints stand in -o json, sarif and baseline; the first six characters or more will do.',
    )
    .action(async (finding: readonly string[], options: ExemptFlags) => {
      const { runExempt } = await import('../check/exempt.ts');
      const { CHECK_DEFAULTS } = await import('../check/options.ts');
      const { from, expires, reason, ticket, namespace } = options;
      process.exitCode = await runExempt(
        {
          finding,
          from,
          check: { ...CHECK_DEFAULTS, paths: options.filename ?? [], policies: options.policies ?? [], namespace },
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
