import { Command } from 'commander';
import type { FailOn } from '../report/failOn.ts';
import { EXIT_CODES, failOn, onCluster, output, repeatable, type ClusterFlags } from './options.ts';
import { examples, type Program } from './program.ts';

interface AuditFlags extends ClusterFlags {
  readonly policies?: readonly string[];
  readonly output?: readonly string[];
  readonly previous?: string;
  readonly color: boolean;
  readonly failOn: FailOn;
}

/** `gateward audit`. */
export function auditCommand(program: Program): Command {
  return onCluster(
    new Command('audit')
      .summary('judge what is already there')
      .description('Judges everything in a cluster, or in files that stand for one, in the world of all the rest.')
      .argument('[path...]', 'files and directories, instead of --cluster; - for standard input'),
  )
    .addOption(
      repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
    )
    .addOption(output())
    .addOption(failOn())
    .option('--previous <file>', 'the JSON report of an earlier audit: say what is new, resolved and unchanged since')
    .option('--no-color', 'plain text')
    .addHelpText(
      'after',
      examples(
        program,
        'audit --cluster',
        'audit --cluster -o html=audit.html -o json=audit.json',
        'audit --cluster --previous audit.json     what is new and resolved since',
        'audit --cluster -o reports                (| kubectl apply --server-side -f -)',
        'audit --policies policies/ manifests/',
      ) + EXIT_CODES,
    )
    .action(async (paths: readonly string[], options: AuditFlags) => {
      const { runAudit } = await import('../audit/index.ts');
      const { cluster, kubeconfig, context, previous } = options;
      process.exitCode = await runAudit(
        {
          paths,
          cluster,
          kubeconfig,
          context,
          policies: options.policies ?? [],
          output: options.output ?? [],
          failOn: options.failOn,
          previous,
          color: options.color ? undefined : false,
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}
