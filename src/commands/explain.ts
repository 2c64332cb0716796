import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { examples, exitCodes, type Program } from './program.ts';

/** `gateward explain`. */
export function explainCommand(program: Program): Command {
  return new Command('explain')
    .summary('print the page of a policy or rule')
    .description(
      'Prints the page of a policy, or what one of its rules is for, with what breaks it and what does not; needs no network.',
    )
    .argument('<rule>', 'a policy (hostname-ownership) or one of its rules (hostname-ownership/not-owned)')
    .addHelpText(
      'after',
      examples(program, 'explain hostname-ownership', 'explain reference-grants/unnamed-target') +
        exitCodes({ 0: 'printed' }),
    )
    .action(async (rule: string) => {
      const { explain } = await import('../report/explain.ts');
      const { MANIFEST_RULES } = await import('../cluster/manifests.ts');
      const read = (id: string, file: string): string => readFileSync(join(program.root, 'policies', id, file), 'utf8');
      program.io.stdout(
        explain(
          rule,
          await program.policies(),
          (id) => ({ example: read(id, 'example.yaml'), tests: read(id, 'tests.yaml') }),
          MANIFEST_RULES,
        ),
      );
    });
}
