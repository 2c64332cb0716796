import { Command } from 'commander';
import { connected, reaching, type ReachFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

/** `gateward enable`. */
export function enableCommand(program: Program): Command {
  return reaching(new Command('enable'))
    .summary('refuse writes that cannot be judged, once Gateward answers')
    .description(
      'Proves with an object that is made to be denied, in a dry run, that the API server reaches Gateward; then sets the webhook to failurePolicy Fail. Without proof nothing is changed, and the reason is told.',
    )
    .option('--dry-run', 'prove only, and change nothing', false)
    .addHelpText(
      'after',
      examples(program, 'enable --dry-run', 'enable') +
        exitCodes({ 0: 'Gateward answers', 4: 'it does not, or the cluster cannot be reached or refuses' }),
    )
    .action(async ({ dryRun, ...cluster }: ReachFlags & { readonly dryRun: boolean }) => {
      const { enable } = await import('../enforcement/index.ts');
      process.exitCode = await connected(cluster, (connection) => enable(connection, { dryRun }, program.io));
    });
}

/** `gateward disable`. */
export function disableCommand(program: Program): Command {
  return reaching(new Command('disable'))
    .summary('let writes through when Gateward does not answer')
    .description(
      'Sets the webhook back to failurePolicy Ignore: the way out when Gateward is down and people are locked out. With --remove the webhook configurations go, and no policy is enforced any more.',
    )
    .option('--remove', 'delete the webhook configurations', false)
    .addHelpText('after', examples(program, 'disable', 'disable --remove') + exitCodes({ 0: 'done' }, 4))
    .action(async ({ remove, ...cluster }: ReachFlags & { readonly remove: boolean }) => {
      const { disable } = await import('../enforcement/index.ts');
      process.exitCode = await connected(cluster, (connection) => disable(connection, { remove }, program.io));
    });
}
