import { Command } from 'commander';
import { examples, exitCodes, type Program } from './program.ts';

/** `gateward policies`. */
export function policiesCommand(program: Program): Command {
  return new Command('policies')
    .summary('list the policies')
    .description('Lists the policies, the kinds of their documents and their rules.')
    .addHelpText('after', examples(program, 'policies') + exitCodes({ 0: 'printed' }))
    .action(async () => {
      for (const { id, kind, summary, messages } of await program.policies()) {
        program.io.stdout(`${id}  (kind ${kind})\n  ${summary}\n  ${[...messages.keys()].join(', ')}\n`);
      }
    });
}
