import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { ApiConnection } from '../cluster/liveConnection.ts';
import type { CheckOptions } from '../check/options.ts';
import { OperatorError, didYouMean } from '../errors.ts';
import { FAIL_ON } from '../report/failOn.ts';
import { FORMATS } from '../report/format.ts';
import { exitCodes } from './program.ts';

/** Help text of the commands that judge. */
export const EXIT_CODES = exitCodes({ 0: 'clean', 1: 'findings at or above --fail-on' }, 3, 4);

/** An option that takes one of a few words, and names the nearest for another. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser(oneOf(words));
}

/** An argument that is one of a few words, and names the nearest for another. */
export function choiceArgument(name: string, description: string, words: readonly string[]): Argument {
  return new Argument(name, description).choices(words).argParser(oneOf(words));
}

function oneOf(words: readonly string[]): (word: string) => string {
  return (word) => {
    if (words.includes(word)) return word;
    throw new InvalidArgumentError(`It takes ${words.join(', ')}${didYouMean(word, words)}`);
  };
}

/** An option that may be given again; the values add up. `words` are those that help and completion name. */
export function repeatable(flags: string, description: string, words?: readonly string[]): Option {
  const add = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];
  const option = new Option(flags, description);
  return (words === undefined ? option : option.choices(words)).argParser(add);
}

/** An option that takes a whole number within bounds. */
export function whole(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
  });
}

/** `-o`, as every command that judges has it. */
export function output(): Option {
  return repeatable('-o, --output <format[=file]>', 'report to standard output or a file; repeatable', FORMATS);
}

/** `--fail-on`, as every command that judges has it. */
export function failOn(): Option {
  return choice('--fail-on <effect>', 'least effect that fails', FAIL_ON).default('deny');
}

/** What {@link judgedInput} parses. */
export interface InputFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: readonly string[];
  readonly review?: readonly string[];
  readonly policies?: readonly string[];
  readonly namespace?: string;
  readonly stdinFilename: string;
}

/** `-k`, as every command that reads manifests has it. */
export function kustomize(): Option {
  return repeatable('-k, --kustomize <dir>', 'what kubectl kustomize makes of a directory; repeatable');
}

/** The options that say what is judged by which documents, for `check` and those that do as it does. */
export function judgedInput(command: Command): Command {
  return onCluster(command)
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(kustomize())
    .addOption(
      repeatable('--review <file>', 'an AdmissionReview as the API server sends it, with its requester; repeatable'),
    )
    .addOption(
      repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
    )
    .option(
      '-n, --namespace <name>',
      'namespace of objects that name none (default: default, or that of the context with --cluster)',
    )
    .option('--stdin-filename <name>', 'what findings in standard input are said to be in', '<stdin>');
}

/** What {@link judgedInput} has parsed, as `check` is told of it; the rest each command decides for itself. */
export function inputOptions(
  paths: readonly string[],
  flags: InputFlags,
): Omit<CheckOptions, 'output' | 'failOn' | 'requireResources' | 'color' | 'command'> {
  return {
    paths: [...paths, ...(flags.filename ?? [])],
    kustomize: flags.kustomize ?? [],
    reviews: flags.review ?? [],
    policies: flags.policies ?? [],
    stdinFilename: flags.stdinFilename,
    namespace: flags.namespace,
    cluster: flags.cluster ? { kubeconfig: flags.kubeconfig, context: flags.context } : undefined,
  };
}

/** Refuses arguments and options without a value, as of a variable that is not set: the working directory is never what was meant. */
export function refuseEmpty(command: Command): void {
  const empty = command.options.find((option) => {
    const name = option.attributeName();
    return [command.getOptionValue(name)].flat().includes('') && command.getOptionValueSource(name) === 'cli';
  });
  const what = empty?.long ?? (command.args.includes('') ? 'an argument' : undefined);
  if (what === undefined) return;
  const problem = `${what} is empty: give it a value, or leave it out`;
  throw new OperatorError('usage/invalid', { problem, command: command.name() });
}

/** What {@link onCluster} parses. */
export interface ClusterFlags {
  readonly cluster: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The options with which a command looks at a live cluster. */
export function onCluster(command: Command): Command {
  return command
    .option('--cluster', 'look at a live cluster', false)
    .option(
      '--kubeconfig <file>',
      'how to reach it (default: KUBECONFIG, ~/.kube/config, or the pod’s own service account)',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .hook('preAction', refuseUnusedReach);
}

/** Files judged for themselves would pass for a cluster that was asked. Settings may name a context for whenever one is. */
function refuseUnusedReach(command: Command): void {
  if (command.getOptionValue('cluster') === true) return;
  const given = ['kubeconfig', 'context'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const problem = `--${given} needs --cluster: without it no cluster is looked at`;
  throw new OperatorError('usage/invalid', { problem, command: command.name() });
}

/** `-n` of a command that takes it for files only: of a cluster everything would be told as if that namespace had been chosen. */
export function namespaceOfFiles(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'of files: namespace of objects that name none', 'default')
    .hook('preAction', () => {
      if (command.getOptionValue('cluster') !== true || command.getOptionValueSource('namespace') !== 'cli') return;
      const problem = '--namespace is for files: with --cluster all namespaces are looked at';
      throw new OperatorError('usage/invalid', { problem, command: command.name() });
    });
}

/** What {@link reaching} parses. */
export interface ReachFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The options of a command that is about nothing but a cluster. */
export function reaching(command: Command): Command {
  return command
    .option(
      '--kubeconfig <file>',
      'how to reach the cluster (default: KUBECONFIG, ~/.kube/config, or the pod’s own service account)',
    )
    .option('--context <name>', 'context of the kubeconfig');
}

/** Runs something with a connection to the cluster that the flags lead to, and closes it. */
export async function connected<T>(
  { kubeconfig, context }: ReachFlags,
  run: (connection: ApiConnection) => Promise<T>,
): Promise<T> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const connection = await connectCluster({ kubeconfig, context });
  try {
    return await run(connection);
  } finally {
    await connection.close();
  }
}
