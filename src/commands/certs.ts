import { Command } from 'commander';
import { repeatable, whole } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

interface CertFlags {
  readonly dir: string;
  readonly host?: readonly string[];
  readonly days: number;
  readonly force: boolean;
}

/** `gateward certs`. */
export function certsCommand(program: Program): Command {
  const certs = new Command('certs')
    .summary('certificates')
    .description('Makes certificates for the webhooks.')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples(program, 'certs dev --dir certs') + exitCodes({ 0: 'made' }));
  certs
    .command('dev')
    .description('Makes a CA and a serving certificate (ECDSA P-256) to try things with; the CA’s key is not kept.')
    .option('--dir <dir>', 'where ca.crt, tls.crt and tls.key go', 'certs/dev')
    .addOption(
      repeatable(
        '--host <name>',
        'DNS name or IP address of the server (default: localhost, 127.0.0.1, ::1); repeatable',
      ),
    )
    .addOption(whole('--days <days>', 'validity', 1, 825).default(30))
    .option('--force', 'replace files that are there', false)
    .addHelpText(
      'after',
      examples(program, 'certs dev', 'certs dev --host gateward.gateward-system.svc --dir certs/server') +
        exitCodes({ 0: 'made' }),
    )
    .action(async (options: CertFlags) => {
      const { runCertsDev } = await import('../serve/index.ts');
      const { dir, days, force } = options;
      const hosts = options.host ?? ['localhost', '127.0.0.1', '::1'];
      process.exitCode = await runCertsDev({ dir, hosts, days, force }, program.io);
    });
  return certs;
}
