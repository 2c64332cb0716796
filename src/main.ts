/**
 * argv → face: the only file that knows every part. Faces and policies are imported when a command needs them, so that a small `check` starts
 * fast.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Policy, VendorKind } from '#policy';
import { FAIL_ON, type FailOn } from './check/options.ts';
import { EXIT, OperatorError } from './errors.ts';
import { FORMATS } from './report/format.ts';
import { STATUS_FORMATS, type StatusFormat } from './status/options.ts';
import { processIo } from './telemetry/io.ts';

const io = processIo();
const NAME = basename(process.argv[1] ?? '') === 'kubectl-gateward' ? 'kubectl gateward' : 'gateward';

/** Words of neighbouring tools, and ours for them. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['lint', 'check'],
  ['analyze', 'check'],
  ['validate', 'check'],
  ['scan', 'audit'],
  ['server', 'serve'],
]);

const EXIT_CODES = `
Exit codes:
  0  clean
  1  findings at or above --fail-on
  2  wrong usage, configuration or policy document
  3  input that cannot be read or parsed
  4  the cluster cannot be reached or refuses`;

/** The installed package: the folder above the sources, or two above what is built from them. */
const ROOT = rootFrom(import.meta.dirname);

function rootFrom(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : rootFrom(dirname(folder));
}

function version(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version;
}

async function policies(): Promise<readonly Policy[]> {
  return (await import('../policies/index.ts')).POLICIES;
}

/** An option that may be given again; the values add up. */
function repeatable(flags: string, description: string): Option {
  const add = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];
  return new Option(flags, description).argParser(add);
}

/** An option that takes a whole number within bounds. */
function whole(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
  });
}

function failOn(): Option {
  return new Option('--fail-on <effect>', 'least effect that fails').choices(FAIL_ON).default('deny');
}

/** The options with which a command looks at a live cluster. */
function onCluster(command: Command): Command {
  return command
    .option('--cluster', 'look at a live cluster', false)
    .option(
      '--kubeconfig <file>',
      'how to reach it (default: KUBECONFIG, ~/.kube/config, or the pod’s own service account)',
    )
    .option('--context <name>', 'context of the kubeconfig');
}

/** Help text below the options: commands to try, without the name they are called by. */
function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${NAME} ${line}`).join('\n')}`;
}

interface ServeFlags {
  readonly policies?: readonly string[];
  readonly state?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly tlsMinVersion: '1.2' | '1.3';
  readonly host?: string;
  readonly port: number;
  readonly metricsPort?: number;
  readonly shutdownDelay?: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly demo: boolean;
}

interface CheckFlags {
  readonly filename?: readonly string[];
  readonly policies?: readonly string[];
  readonly output?: readonly string[];
  readonly failOn: FailOn;
  readonly namespace: string;
  readonly old?: string;
  readonly baseline?: string;
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly requireResources: boolean;
  readonly stdinFilename: string;
  readonly color: boolean;
}

interface ClusterFlags {
  readonly cluster: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

interface AuditFlags extends ClusterFlags {
  readonly policies?: readonly string[];
  readonly output: 'text' | 'json';
  readonly failOn: FailOn;
}

interface StatusFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly output: StatusFormat;
  readonly class?: readonly string[];
  readonly controller?: readonly string[];
  readonly explain: boolean;
  readonly namespace?: string;
  readonly watch: boolean;
}

interface GrantFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly output: 'yaml' | 'json';
  readonly diff: boolean;
  readonly namespace: string;
}

interface CertFlags {
  readonly dir: string;
  readonly host?: readonly string[];
  readonly days: number;
  readonly force: boolean;
}

interface ManifestFlags {
  readonly policies?: readonly string[];
  readonly profile: 'audit' | 'warn' | 'enforce';
  readonly namespace: string;
  readonly ca?: string;
  readonly url?: string;
}

const program = new Command(NAME)
  .description('Policies for the Kubernetes Gateway API: at admission, in CI, and over what is already there.')
  .version(version(), '-V, --version', 'print the version')
  .helpCommand('help [command]', 'print the help of a command')
  .addHelpText(
    'after',
    examples(
      'check manifests/                       what admission would say, before it does',
      'serve --demo                           an admission server with example policies and state',
      'explain hostname-ownership/not-owned   what a rule is for',
    ) + `\n${EXIT_CODES}`,
  );

program
  .command('serve')
  .summary('answer AdmissionReviews over TLS')
  .description('Answers validating and mutating AdmissionReviews over TLS until it is told to stop, then drains.')
  .addOption(
    repeatable('--policies <path>', 'file or directory of policy documents; read again when it changes; repeatable'),
  )
  .option('--state <dir>', 'directory of manifests that is the whole cluster; read again when it changes')
  .option('--kubeconfig <file>', 'how to reach the cluster to watch (default: the pod’s own service account)')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--tls-cert <file>', 'serving certificate, PEM; read again when it changes')
  .option('--tls-key <file>', 'its private key, PEM')
  .option('--client-ca <file>', 'CAs whose client certificates callers must have, PEM')
  .addOption(
    new Option('--tls-min-version <version>', 'oldest TLS version that is spoken')
      .choices(['1.2', '1.3'])
      .default('1.3'),
  )
  .option('--host <address>', 'address to listen on (default: all)')
  .addOption(whole('--port <port>', 'port of the webhooks; 0 for any', 0, 65_535).default(8443))
  .addOption(whole('--metrics-port <port>', 'port of the metrics, plain HTTP; without it there are none', 0, 65_535))
  .addOption(whole('--shutdown-delay <seconds>', 'how long to go on serving once told to stop (default: 15)', 0, 300))
  .addOption(
    new Option('--log-level <level>', 'least level that is logged')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
  )
  .option('--demo', 'example policies and state, and a certificate made for this run', false)
  .addHelpText(
    'after',
    examples(
      'serve --demo',
      'serve --policies policies/ --state manifests/ --tls-cert tls.crt --tls-key tls.key',
      'serve --policies policies/ --kubeconfig ~/.kube/config --tls-cert tls.crt --tls-key tls.key --metrics-port 9090',
    ),
  )
  .action(async (options: ServeFlags) => {
    const { runServe } = await import('./serve/index.ts');
    const stop = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        stop.abort();
      });
    }
    process.exitCode = await runServe(
      {
        demo: options.demo,
        policies: options.policies ?? [],
        state: options.state,
        kubeconfig: options.kubeconfig,
        context: options.context,
        tlsCert: options.tlsCert,
        tlsKey: options.tlsKey,
        clientCa: options.clientCa,
        tlsMinVersion: options.tlsMinVersion,
        host: options.host,
        port: options.port,
        metricsPort: options.metricsPort,
        shutdownDelay: options.shutdownDelay,
        logLevel: options.logLevel,
      },
      await policies(),
      { stdout: io.stdout, log: 2, now: Date.now, signal: stop.signal },
    );
  });

program
  .command('check')
  .summary('judge manifests as admission would')
  .description('Judges manifests as admission would judge them once all of them are applied.')
  .argument('[path...]', 'files, directories, glob patterns; - for standard input')
  .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
  .addOption(
    repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
  )
  .addOption(
    repeatable('-o, --output <format[=file]>', `${FORMATS.join(', ')}; to standard output or a file; repeatable`),
  )
  .addOption(failOn())
  .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
  .option('--old <dir|revision>', 'judge the change from a directory of manifests, or a git revision of the same paths')
  .option('--baseline <file>', 'known findings, which are not told again')
  .option('--fix', 'write the fixes of findings into the files', false)
  .option('--dry-run', 'with --fix: print the changes instead of writing them', false)
  .option('--require-resources', 'fail when there is no Gateway API object', false)
  .option('--stdin-filename <name>', 'what findings in standard input are said to be in', '<stdin>')
  .option('-R, --recursive', 'accepted; directories are always read with all below them')
  .option('--no-color', 'plain text')
  .addHelpText(
    'after',
    examples(
      'check manifests/',
      'check --policies policies/ -o sarif=gateward.sarif manifests/*.yaml',
      'check --fix --dry-run manifests/         what would be mended, as a diff',
      'check --old origin/main manifests/      the change of a pull request',
      'check -                                 (helm template … | ' + NAME + ' check -)',
    ) + `\n${EXIT_CODES}`,
  )
  .action(async (paths: readonly string[], options: CheckFlags) => {
    const { runCheck } = await import('./check/index.ts');
    process.exitCode = await runCheck(
      {
        paths: [...paths, ...(options.filename ?? [])],
        policies: options.policies ?? [],
        output: options.output ?? [],
        failOn: options.failOn,
        requireResources: options.requireResources,
        stdinFilename: options.stdinFilename,
        namespace: options.namespace,
        old: options.old,
        baseline: options.baseline,
        fix: options.fix,
        dryRun: options.dryRun,
        color: options.color ? undefined : false,
      },
      io,
      { policies: await policies(), version: version() },
    );
  });

onCluster(
  program
    .command('audit')
    .summary('judge what is already there')
    .description('Judges everything in a cluster, or in files that stand for one, in the world of all the rest.')
    .argument('[path...]', 'files and directories, instead of --cluster'),
)
  .addOption(
    repeatable('--policies <path>', 'file or directory of policy documents (default: the baseline); repeatable'),
  )
  .addOption(new Option('-o, --output <format>', 'report format').choices(['text', 'json']).default('text'))
  .addOption(failOn())
  .addHelpText(
    'after',
    examples('audit --cluster', 'audit --policies policies/ -o json manifests/') + `\n${EXIT_CODES}`,
  )
  .action(async (paths: readonly string[], options: AuditFlags) => {
    const { runAudit } = await import('./audit/index.ts');
    const { cluster, kubeconfig, context, output } = options;
    process.exitCode = await runAudit(
      { paths, cluster, kubeconfig, context, policies: options.policies ?? [], output, failOn: options.failOn },
      await policies(),
      io,
    );
  });

onCluster(
  program
    .command('status')
    .summary('the conditions that a controller would set, or sets')
    .description(
      'Prints Gateways, ListenerSets, Routes and BackendTLSPolicies with the status that a conformant controller would write; of a cluster beside the status that is there, with exit code 1 where a controller says something else.',
    )
    .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
)
  .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
  .addOption(new Option('-o, --output <format>', 'format').choices(STATUS_FORMATS).default('table'))
  .addOption(repeatable('--class <name>', 'only Gateways of this class; repeatable'))
  .addOption(repeatable('--controller <name>', 'only Gateways whose class has this controller; repeatable'))
  .option('--explain', 'say why a route has no status for a parent', false)
  .option('-w, --watch', 'with --cluster: print again whenever something changes, until told to stop', false)
  .option(
    '-n, --namespace <name>',
    'of files: namespace of objects that name none (default: default); of a cluster: only this one (default: all)',
  )
  .addHelpText(
    'after',
    examples(
      'status manifests/',
      'status -o json gateway.yaml routes.yaml',
      'status --explain manifests/',
      'status --cluster --watch',
    ),
  )
  .action(async (paths: readonly string[], options: StatusFlags) => {
    const { cluster, kubeconfig, context, watch, output, explain, namespace } = options;
    const given = [...paths, ...(options.filename ?? [])];
    const chosen = { classes: options.class ?? [], controllers: options.controller ?? [] };
    const refuse = (problem: string): OperatorError =>
      new OperatorError('usage/invalid', { command: 'status', problem });
    if (!cluster) {
      if (watch) throw refuse('--watch needs --cluster');
      const { runStatus } = await import('./status/index.ts');
      process.exitCode = await runStatus(
        { ...chosen, paths: given, output, explain, namespace: namespace ?? 'default' },
        io,
      );
      return;
    }
    if (given.length > 0) throw refuse('name paths or --cluster, one of them');
    const { runClusterStatus } = await import('./status/index.ts');
    const stop = new AbortController();
    for (const signal of watch ? (['SIGTERM', 'SIGINT'] as const) : []) {
      process.once(signal, () => {
        stop.abort();
      });
    }
    process.exitCode = await runClusterStatus(
      { ...chosen, kubeconfig, context, output, namespace, watch },
      io,
      stop.signal,
    );
  });

onCluster(
  program
    .command('grants')
    .summary('the least ReferenceGrants that are needed')
    .description('Prints the least ReferenceGrants that the references in use need, ready to apply.')
    .argument('[path...]', 'files, directories, glob patterns; - for standard input'),
)
  .addOption(repeatable('-f, --filename <path>', 'the same as a path'))
  .addOption(new Option('-o, --output <format>', 'format').choices(['yaml', 'json']).default('yaml'))
  .option('--diff', 'say what to add, change and remove instead; exit code 1 when there is something', false)
  .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
  .addHelpText('after', examples('grants manifests/', 'grants --cluster --diff'))
  .action(async (paths: readonly string[], options: GrantFlags) => {
    const { runGrants } = await import('./check/grants.ts');
    const { output, diff, namespace } = options;
    const given = { paths: [...paths, ...(options.filename ?? [])], stdinFilename: '<stdin>', output, diff, namespace };
    if (!options.cluster) {
      process.exitCode = await runGrants(given, io);
      return;
    }
    if (given.paths.length > 0) {
      throw new OperatorError('usage/invalid', { command: 'grants', problem: 'name paths or --cluster, one of them' });
    }
    const { connectCluster } = await import('./cluster/liveConnection.ts');
    const { listCluster } = await import('./cluster/live.ts');
    const { REFERRING_KINDS } = await import('#gateway');
    const connection = await connectCluster({ kubeconfig: options.kubeconfig, context: options.context });
    try {
      const cluster = await listCluster(
        connection,
        [...REFERRING_KINDS, 'ReferenceGrant'],
        AbortSignal.timeout(120_000),
      );
      process.exitCode = await runGrants({ ...given, cluster }, io);
    } finally {
      await connection.close();
    }
  });

program
  .command('certs')
  .summary('certificates')
  .description('Makes certificates for the webhooks.')
  .command('dev')
  .description('Makes a CA and a serving certificate (ECDSA P-256) to try things with; the CA’s key is not kept.')
  .option('--dir <dir>', 'where ca.crt, tls.crt and tls.key go', 'certs/dev')
  .addOption(repeatable('--host <name>', 'DNS name or IP address of the server (default: localhost); repeatable'))
  .addOption(whole('--days <days>', 'validity', 1, 825).default(30))
  .option('--force', 'replace files that are there', false)
  .addHelpText('after', examples('certs dev', 'certs dev --host gateward.gateward-system.svc --dir /tmp/certs'))
  .action(async (options: CertFlags) => {
    const { runCertsDev } = await import('./serve/index.ts');
    const { dir, days, force } = options;
    const hosts = options.host ?? ['localhost', '127.0.0.1', '::1'];
    process.exitCode = await runCertsDev({ dir, hosts, days, force }, io);
  });

program
  .command('policies')
  .summary('list the policies')
  .description('Lists the policies, the kinds of their documents and their rules.')
  .action(async () => {
    for (const { id, kind, summary, messages } of await policies()) {
      io.stdout(`${id}  (kind ${kind})\n  ${summary}\n  ${[...messages.keys()].join(', ')}\n`);
    }
  });

program
  .command('explain')
  .summary('print the page of a policy or rule')
  .description('Prints the page of a policy, or what one of its rules is for; needs no network.')
  .argument('<rule>', 'a policy (hostname-ownership) or one of its rules (hostname-ownership/not-owned)')
  .addHelpText('after', examples('explain hostname-ownership', 'explain reference-grants/unnamed-target'))
  .action(async (rule: string) => {
    const { explain } = await import('./report/explain.ts');
    io.stdout(explain(rule, await policies(), (id) => readFileSync(join(ROOT, `policies/${id}/example.yaml`), 'utf8')));
  });

program
  .command('manifests')
  .summary('print what deploy/ is generated from')
  .description('Prints the manifests that follow from the policies, ready for kubectl apply -f -.')
  .addArgument(new Argument('<what>', 'crds, rbac or webhooks').choices(['crds', 'rbac', 'webhooks']))
  .addOption(
    new Option('--profile <profile>', 'how much the webhooks may get in the way')
      .choices(['audit', 'warn', 'enforce'])
      .default('enforce'),
  )
  .option('--namespace <name>', 'namespace that Gateward runs in', 'gateward-system')
  .option('--ca <file>', 'CA certificates of the webhooks, PEM')
  .option('--url <url>', 'call the webhooks at this URL instead of the Service')
  .addOption(
    repeatable(
      '--policies <path>',
      'policy documents: webhooks are sent the kinds of vendors that they name; repeatable',
    ),
  )
  .addHelpText('after', examples('manifests crds', 'manifests webhooks --profile audit --ca ca.crt'))
  .action(async (what: 'crds' | 'rbac' | 'webhooks', options: ManifestFlags) => {
    const { renderManifests } = await import('./report/manifests.ts');
    const { url, ca, namespace } = options;
    const known = await policies();
    io.stdout(
      renderManifests(what, {
        policies: known,
        namespace,
        profile: options.profile,
        vendorKinds: await vendorKindsOf(options.policies ?? [], known),
        ...(url === undefined ? {} : { endpoint: { url } }),
        ...(ca === undefined ? {} : { caBundle: readPem(ca) }),
      }),
    );
  });

/** The kinds of vendors that policy documents name; none without documents. */
async function vendorKindsOf(paths: readonly string[], known: readonly Policy[]): Promise<readonly VendorKind[]> {
  if (paths.length === 0) return [];
  const { requirePolicyFiles } = await import('./cluster/policyFiles.ts');
  const { set } = await requirePolicyFiles(paths, known, io.now(), io.cwd);
  return set.policies.flatMap(({ vendorKinds }) => vendorKinds);
}

/** A PEM file in base64, as a webhook configuration holds it. */
function readPem(file: string): string {
  try {
    return readFileSync(file).toString('base64');
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OperatorError('usage/invalid', { command: 'manifests', problem: `--ca ${file}: ${problem}` }, error);
  }
}

const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
for (const command of all(program)) {
  command
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError(`(${NAME} --help has more)`);
}

try {
  const word = SYNONYMS.get(process.argv[2] ?? '');
  if (word !== undefined) {
    const nearest = `; did you mean "${word}"?`;
    throw new OperatorError('usage/unknown-word', { what: 'command', word: process.argv[2] ?? '', nearest });
  }
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage;
  else if (error instanceof OperatorError) {
    io.stderr(`error: ${error.message}\n  ${error.help} [${error.code}]\n`);
    process.exitCode = error.exitCode;
  } else throw error;
}
