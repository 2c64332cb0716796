import { Command } from 'commander';
import { PREVIEW_FORMATS, type PreviewFormat } from '../check/options.ts';
import type { FailOn } from '../report/failOn.ts';
import { choice, failOn, kustomize, namespaceOfFiles, onCluster, repeatable, type ClusterFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface PreviewFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: readonly string[];
  readonly policies: readonly string[];
  readonly against?: string;
  readonly output: PreviewFormat;
  readonly failOn: FailOn;
  readonly namespace: string;
  readonly color: boolean;
}

const HELP = `
Without --against: the policy documents that are in the cluster, or for files the baseline that comes with Gateward.
The output says which.`;
const EXIT_CODES = exitCodes(
  {
    0: 'nobody would be denied who is not denied now',
    1: 'somebody would (with --fail-on warn or audit: somebody would come to a stricter word of that kind)',
  },
  3,
  4,
);

/** `gateward preview`. */
export function previewCommand(program: Program): Command {
  return namespaceOfFiles(
    onCluster(
      new Command('preview')
        .summary('what other policy documents would change')
        .description(
          'Says who would be denied, warned of or audited under other policy documents and is not now, and the reverse; each object is judged as if it were created now.',
        )
        .argument('[path...]', 'files, directories, glob patterns; - for standard input; instead of --cluster'),
    ),
  )
    .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
    .addOption(kustomize())
    .addOption(
      repeatable('--policies <path>', 'the new documents: file or directory; repeatable').makeOptionMandatory(),
    )
    .option(
      '--against <path|revision>',
      'the documents now in force: a file or directory, or a git revision of the new ones’ paths',
    )
    .addOption(choice('-o, --output <format>', 'format', PREVIEW_FORMATS).default('text'))
    .addOption(failOn())
    .option('--no-color', 'plain text')
    .addHelpText(
      'after',
      examples(
        program,
        'preview --policies policies/ --cluster',
        'preview --policies policies/ --against origin/main manifests/',
        'preview --policies policies/ --against origin/main --cluster -o markdown   (a pull request’s comment)',
      ) + `\n${HELP}${EXIT_CODES}`,
    )
    .action(async (paths: readonly string[], options: PreviewFlags) => {
      const { runPreview } = await import('../check/preview.ts');
      const { filename = [], policies, against, cluster, kubeconfig, context, output, namespace } = options;
      process.exitCode = await runPreview(
        {
          paths: [...paths, ...filename],
          kustomize: options.kustomize ?? [],
          stdinFilename: '<stdin>',
          policies,
          against,
          cluster,
          kubeconfig,
          context,
          output,
          namespace,
          failOn: options.failOn,
          color: options.color ? undefined : false,
        },
        program.io,
        { policies: await program.policies(), version: program.version },
      );
    });
}
