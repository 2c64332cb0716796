import { Command } from 'commander';
import { OperatorError } from '../errors.ts';
import { choice, kustomize, namespaceOfFiles, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface GrantFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: readonly string[];
  readonly output: 'yaml' | 'json';
  readonly diff: boolean;
  readonly namespace: string;
}

/** `gateward grants`. */
export function grantsCommand(program: Program): Command {
  return namespaceOfFiles(
    onCluster(
      new Command('grants')
        .summary('the least ReferenceGrants that are needed')
        .description('Prints the least ReferenceGrants that the references in use need, ready to apply.')
        .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
    ),
  )
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(kustomize())
    .addOption(choice('-o, --output <format>', 'format', ['yaml', 'json']).default('yaml'))
    .option('--diff', 'say what to add, change and remove instead; exit code 1 when there is something', false)
    .addHelpText(
      'after',
      examples(program, 'grants manifests/', 'grants --cluster --diff') +
        exitCodes({ 0: 'printed', 1: 'with --diff: there is something to change' }, 3, 4),
    )
    .action(async (paths: readonly string[], options: GrantFlags) => {
      const { runGrants } = await import('../check/grants.ts');
      const { output, diff, namespace } = options;
      const given = {
        paths: [...paths, ...(options.filename ?? [])],
        kustomize: options.kustomize ?? [],
        stdinFilename: '<stdin>',
        output,
        diff,
        namespace,
      };
      if (!options.cluster) {
        process.exitCode = await runGrants(given, program.io);
        return;
      }
      if (given.paths.length + given.kustomize.length > 0) {
        throw new OperatorError('usage/invalid', {
          command: 'grants',
          problem: 'name paths or --cluster, one of them',
        });
      }
      const { connectCluster } = await import('../cluster/liveConnection.ts');
      const { listCluster } = await import('../cluster/live.ts');
      const { REFERRING_KINDS } = await import('#gateway');
      const connection = await connectCluster({ kubeconfig: options.kubeconfig, context: options.context });
      try {
        const cluster = await listCluster(
          connection,
          [...REFERRING_KINDS, 'ReferenceGrant'],
          AbortSignal.timeout(120_000),
        );
        process.exitCode = await runGrants({ ...given, cluster }, program.io);
      } finally {
        await connection.close();
      }
    });
}
