import { Command } from 'commander';
import { OperatorError } from '../errors.ts';
import { STATUS_FORMATS, type StatusFormat } from '../status/options.ts';
import { choice, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, exitCodes, stopSignal, type Program } from './program.ts';

interface StatusFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly output: StatusFormat;
  readonly class?: readonly string[];
  readonly controller?: readonly string[];
  readonly explain: boolean;
  readonly namespace?: string;
  readonly watch: boolean;
}

/** `gateward status`. */
export function statusCommand(program: Program): Command {
  return onCluster(
    new Command('status')
      .summary('the conditions that a controller would set, or sets')
      .description(
        'Prints Gateways, ListenerSets, Routes and BackendTLSPolicies with the status that a conformant controller would write; of a cluster beside the status that is there, with exit code 1 where a controller says something else.',
      )
      .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
  )
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(choice('-o, --output <format>', 'format', STATUS_FORMATS).default('table'))
    .addOption(repeatable('--class <name>', 'only Gateways of this class; repeatable'))
    .addOption(repeatable('--controller <name>', 'only Gateways whose class has this controller; repeatable'))
    .option('--explain', 'say why a route has no status for a parent', false)
    .option('-w, --watch', 'with --cluster: print again whenever something changes, until told to stop', false)
    .option(
      '-n, --namespace <name>',
      'of files: namespace of objects that name none (default: default); of a cluster: only this one (default: all)',
    )
    .addHelpText(
      'after',
      examples(
        program,
        'status manifests/',
        'status -o json gateway.yaml routes.yaml',
        'status --explain manifests/',
        'status --cluster --watch',
      ) + exitCodes({ 0: 'printed', 1: 'with --cluster: what a controller wrote differs' }, 3, 4),
    )
    .action(async (paths: readonly string[], options: StatusFlags, command: Command) => {
      const { cluster, kubeconfig, context, watch, output, explain, namespace } = options;
      const given = [...paths, ...(options.filename ?? [])];
      const chosen = { classes: options.class ?? [], controllers: options.controller ?? [] };
      const refuse = (problem: string): OperatorError =>
        new OperatorError('usage/invalid', { command: 'status', problem });
      if (!cluster) {
        if (watch) throw refuse('--watch needs --cluster');
        const { runStatus } = await import('../status/index.ts');
        process.exitCode = await runStatus(
          { ...chosen, paths: given, output, explain, namespace: namespace ?? 'default' },
          program.io,
        );
        return;
      }
      if (given.length > 0) throw refuse('name paths or --cluster, one of them');
      const { runClusterStatus } = await import('../status/index.ts');
      const stop = watch ? stopSignal() : new AbortController().signal;
      // Settings name a namespace for objects that name none, and hide nothing.
      const only = command.getOptionValueSource('namespace') === 'cli' ? namespace : undefined;
      process.exitCode = await runClusterStatus(
        { ...chosen, kubeconfig, context, output, namespace: only, watch },
        program.io,
        stop,
      );
    });
}
