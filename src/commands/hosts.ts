import { Command } from 'commander';
import { HOSTS_FORMATS, type HostsFormat } from '../check/options.ts';
import { choice, kustomize, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface PlaceFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: readonly string[];
  readonly policies?: readonly string[];
  readonly color: boolean;
}

interface HostsFlags extends PlaceFlags {
  readonly output: HostsFormat;
  readonly namespace?: string;
  readonly owner?: string;
  readonly unowned: boolean;
  readonly conflicts: boolean;
}

interface WhoOwnsFlags extends PlaceFlags {
  readonly output: 'text' | 'json';
}

/** `gateward hosts`. */
export function hostsCommand(program: Program): Command {
  return atPlace(
    new Command('hosts')
      .summary('every hostname in use, and who owns it')
      .description(
        'Lists every hostname in use with its listeners, routes, owner, certificate and conflicts: held by somebody who does not own it, by several, shadowed by something more specific, on an Ingress too.',
      )
      .argument('[path...]', 'files, directories, glob patterns; - for standard input; instead of --cluster'),
  )
    .addOption(choice('-o, --output <format>', 'format', HOSTS_FORMATS).default('text'))
    .option(
      '-n, --namespace <name>',
      'only what this namespace uses; of files also the namespace of objects that name none (default: default)',
    )
    .option('--owner <namespace>', 'only what this namespace owns')
    .option('--unowned', 'only what nobody owns', false)
    .option('--conflicts', 'only what has conflicts', false)
    .addHelpText(
      'after',
      examples(
        program,
        'hosts --cluster',
        'hosts --policies policies/ manifests/',
        'hosts --policies policies/ --cluster --conflicts -o markdown',
        'hosts --policies policies/ --cluster -o csv > hostnames.csv',
      ) + exitCodes({ 0: 'listed, whatever there is' }, 3, 4),
    )
    .action(async (paths: readonly string[], options: HostsFlags, command: Command) => {
      const { runHosts } = await import('../check/hosts.ts');
      const { output, owner, unowned, conflicts } = options;
      // Settings name a namespace for objects that name none, and hide nothing.
      const namespace = command.getOptionValueSource('namespace') === 'cli' ? options.namespace : undefined;
      process.exitCode = await runHosts(
        {
          ...placeOf(paths, options),
          output,
          namespace: options.namespace ?? 'default',
          filter: { namespace, owner, unowned, conflicts },
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}

/** `gateward who-owns`. */
export function whoOwnsCommand(program: Program): Command {
  return atPlace(
    new Command('who-owns')
      .summary('who owns a hostname, and why')
      .description(
        'Says which line of the policy documents decides who owns a hostname, who uses it now, and what to do to get it.',
      )
      .argument('<hostname>', 'a hostname, also a wildcard: "*.example.com"')
      .argument('[path...]', 'files and directories in which to look for who uses it; instead of --cluster'),
  )
    .addOption(choice('-o, --output <format>', 'format', ['text', 'json']).default('text'))
    .addHelpText(
      'after',
      examples(
        program,
        'who-owns shop.example.com --policies policies/',
        'who-owns shop.example.com --policies policies/ manifests/',
        'who-owns "*.example.com" --cluster',
      ) + exitCodes({ 0: 'somebody owns it', 1: 'nobody does' }, 3, 4),
    )
    .action(async (hostname: string, paths: readonly string[], options: WhoOwnsFlags) => {
      const { runWhoOwns } = await import('../check/hosts.ts');
      process.exitCode = await runWhoOwns(
        { ...placeOf(paths, options), hostname, output: options.output },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}

function atPlace(command: Command): Command {
  return onCluster(command)
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(kustomize())
    .addOption(
      repeatable(
        '--policies <path>',
        'file or directory of policy documents that say who owns what (default: with --cluster those in the cluster); repeatable',
      ),
    )
    .option('--no-color', 'plain text');
}

function placeOf(
  paths: readonly string[],
  { filename = [], kustomize: directories = [], policies = [], cluster, kubeconfig, context, color }: PlaceFlags,
) {
  return {
    paths: [...paths, ...filename],
    kustomize: directories,
    stdinFilename: '<stdin>',
    policies,
    cluster,
    kubeconfig,
    context,
    color: color ? undefined : false,
  };
}
