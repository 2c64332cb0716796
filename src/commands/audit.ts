import { Command, Option } from 'commander';
import type { FailOn } from '../report/failOn.ts';
import { EXIT_CODES, failOn, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, type Program } from './program.ts';

interface AuditFlags extends ClusterFlags {
  readonly policies?: readonly string[];
  readonly output: 'text' | 'json';
  readonly failOn: FailOn;
}

/** `gateward audit`. */
export function auditCommand(program: Program): Command {
  return onCluster(
    new Command('audit')
      .summary('judge what is already there')
      .description('Judges everything in a cluster, or in files that stand for one, in the world of all the rest.')
      .argument('[path...]', 'files and directories, instead of --cluster'),
  )
    .addOption(
      repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
    )
    .addOption(new Option('-o, --output <format>', 'report format').choices(['text', 'json']).default('text'))
    .addOption(failOn())
    .addHelpText(
      'after',
      examples(program, 'audit --cluster', 'audit --policies policies/ -o json manifests/') + `\n${EXIT_CODES}`,
    )
    .action(async (paths: readonly string[], options: AuditFlags) => {
      const { runAudit } = await import('../audit/index.ts');
      const { cluster, kubeconfig, context, output } = options;
      process.exitCode = await runAudit(
        { paths, cluster, kubeconfig, context, policies: options.policies ?? [], output, failOn: options.failOn },
        await program.policies(),
        program.io,
      );
    });
}
