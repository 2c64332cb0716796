import { Command } from 'commander';
import { OperatorError } from '../errors.ts';
import { kustomize, namespaceOfFiles, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface InitFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: readonly string[];
  readonly namespace?: string;
  readonly stdinFilename: string;
  readonly dir?: string;
  readonly force: boolean;
}

/** `gateward init`. */
export function initCommand(program: Program): Command {
  return namespaceOfFiles(
    onCluster(
      new Command('init')
        .summary('a first set of policy documents')
        .description(
          'Writes a first set of policy documents for what there is, all on Warn: who owns which hostname, which classes, ports, release, grants and labels are in use; comments say what was guessed from what.',
        )
        .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
    ),
  )
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(kustomize())
    .option('--stdin-filename <name>', 'what problems in standard input are said to be in', '<stdin>')
    .option('--dir <dir>', 'a file for each document there, in place of one stream on standard output')
    .option('--force', 'with --dir: write over files that are there', false)
    .addHelpText(
      'after',
      examples(
        program,
        'init manifests/ > policies.yaml',
        'init --cluster --dir policies/',
        'check --policies policies/ manifests/     what the documents say of what is there',
      ) + exitCodes({ 0: 'written' }, 3, 4),
    )
    .action(async (paths: readonly string[], options: InitFlags) => {
      const { runInit, kindsLookedAt } = await import('../check/init.ts');
      const policies = await program.policies();
      const deps = { policies, version: program.version };
      const input = {
        paths: [...paths, ...(options.filename ?? [])],
        kustomize: options.kustomize ?? [],
        namespace: options.namespace,
        stdinFilename: options.stdinFilename,
      };
      const given = { input, directory: options.dir, force: options.force };
      if (!options.cluster) {
        process.exitCode = await runInit(given, program.io, deps);
        return;
      }
      if (input.paths.length + input.kustomize.length > 0) {
        throw new OperatorError('usage/invalid', { command: 'init', problem: 'name paths or --cluster, one of them' });
      }
      const { connectCluster } = await import('../cluster/liveConnection.ts');
      const { listCluster } = await import('../cluster/live.ts');
      const { writtenObject } = await import('../cluster/liveObject.ts');
      const connection = await connectCluster({ kubeconfig: options.kubeconfig, context: options.context });
      try {
        const signal = AbortSignal.timeout(120_000);
        const cluster = await listCluster(connection, kindsLookedAt(policies), signal, undefined, writtenObject);
        process.exitCode = await runInit({ ...given, cluster }, program.io, deps);
      } finally {
        await connection.close();
      }
    });
}
