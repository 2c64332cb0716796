import { Command } from 'commander';
import { examples, exitCodes, type Program } from './program.ts';

/** `gateward version`. */
export function versionCommand(program: Program): Command {
  return new Command('version')
    .summary('print the version')
    .description('Prints the version of Gateward and of the Node it runs on.')
    .addHelpText('after', examples(program, 'version') + exitCodes({ 0: 'printed' }))
    .action(() => {
      program.io.stdout(
        `gateward ${program.version} (Node ${process.versions.node}, ${process.platform} ${process.arch})\n`,
      );
    });
}
