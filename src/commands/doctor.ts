import { Command } from 'commander';
import { DOCTOR_FAIL_ON, DOCTOR_FORMATS, type DoctorFailOn, type DoctorFormat } from '../doctor/options.ts';
import { choice, connected, reaching, repeatable, type ReachFlags } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface DoctorFlags extends ReachFlags {
  readonly namespace: string;
  readonly policies?: readonly string[];
  readonly output: DoctorFormat;
  readonly failOn: DoctorFailOn;
  readonly color: boolean;
}

/** `gateward doctor`. */
export function doctorCommand(program: Program): Command {
  return reaching(
    new Command('doctor')
      .summary('what is wrong with the installation in a cluster')
      .description(
        'Looks at webhook configurations, Service, certificate, documents, pods, the CRDs of Gateway API and other webhooks, and tells of each what is wrong and what to do. Writes nothing; what may not be read is unknown, never ok.',
      ),
  )
    .option('-n, --namespace <name>', 'namespace that Gateward runs in', 'gateward-system')
    .addOption(
      repeatable(
        '--policies <path>',
        'policy documents that the webhook rules must serve (default: those in force in the cluster); repeatable',
      ),
    )
    .addOption(choice('-o, --output <format>', 'format', DOCTOR_FORMATS).default('text'))
    .addOption(
      choice('--fail-on <result>', 'least result that fails; unknown counts as warn', DOCTOR_FAIL_ON).default('fail'),
    )
    .option('--no-color', 'plain text')
    .addHelpText(
      'after',
      examples(program, 'doctor', 'doctor --fail-on warn -o json', 'doctor --context staging --policies policies/') +
        exitCodes({ 0: 'nothing at or above --fail-on', 1: 'something is' }, 4),
    )
    .action(async ({ namespace, policies = [], output, failOn, color, ...cluster }: DoctorFlags) => {
      const { runDoctor } = await import('../doctor/index.ts');
      const options = { namespace, policies, output, failOn, color: color ? undefined : false };
      const deps = { policies: await program.policies(), version: program.version };
      process.exitCode = await connected(cluster, (connection) => runDoctor(connection, options, program.io, deps));
    });
}
