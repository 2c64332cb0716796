import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { examples, type Program } from './program.ts';

/** `gateward explain`. */
export function explainCommand(program: Program): Command {
  return new Command('explain')
    .summary('print the page of a policy or rule')
    .description('Prints the page of a policy, or what one of its rules is for; needs no network.')
    .argument('<rule>', 'a policy (hostname-ownership) or one of its rules (hostname-ownership/not-owned)')
    .addHelpText('after', examples(program, 'explain hostname-ownership', 'explain reference-grants/unnamed-target'))
    .action(async (rule: string) => {
      const { explain } = await import('../report/explain.ts');
      program.io.stdout(
        explain(rule, await program.policies(), (id) =>
          readFileSync(join(program.root, `policies/${id}/example.yaml`), 'utf8'),
        ),
      );
    });
}
