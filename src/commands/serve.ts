import { Command } from 'commander';
import { choice, repeatable, whole } from './options.ts';
import { examples, exitCodes, stopSignal, type Program } from './program.ts';

interface ServeFlags {
  readonly policies?: readonly string[];
  readonly policiesFromCluster: boolean;
  readonly state?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsSelfManaged: boolean;
  readonly tlsSecret: string;
  readonly tlsHost?: readonly string[];
  readonly clientCa?: string;
  readonly clientName?: readonly string[];
  readonly tlsMinVersion: '1.2' | '1.3';
  readonly host?: string;
  readonly port: number;
  readonly metricsPort?: number;
  readonly staleAfter?: number;
  readonly serveStale: boolean;
  readonly shutdownDelay?: number;
  readonly maxInFlight: number;
  readonly claimGrace?: number;
  readonly canary?: string;
  readonly canaryEvery?: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly demo: boolean;
}

/** `gateward serve`. */
export function serveCommand(program: Program): Command {
  return new Command('serve')
    .summary('answer AdmissionReviews over TLS')
    .description('Answers validating and mutating AdmissionReviews over TLS until it is told to stop, then drains.')
    .addOption(
      repeatable('--policies <path>', 'file or directory of policy documents; read again when it changes; repeatable'),
    )
    .option('--policies-from-cluster', 'the policy documents that stand in the cluster, as custom resources', false)
    .option('--state <dir>', 'directory of manifests that is the whole cluster; read again when it changes')
    .option('--kubeconfig <file>', 'how to reach the cluster to watch (default: the pod’s own service account)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--tls-cert <file>', 'serving certificate, PEM; read again when it changes')
    .option('--tls-key <file>', 'its private key, PEM')
    .option(
      '--tls-self-managed',
      'make the certificate: a CA in a Secret, leaves in memory, its bundle in the webhook configurations',
      false,
    )
    .option('--tls-secret <name>', 'Secret of that CA, in the pod’s namespace', 'gateward-ca')
    .addOption(
      repeatable('--tls-host <name>', 'name that certificate is for (default: gateward.NAMESPACE.svc); repeatable'),
    )
    .option(
      '--client-ca <file>',
      'CAs of the client certificates that callers must have, PEM; read again when it changes',
    )
    .addOption(repeatable('--client-name <name>', 'common name that a caller’s certificate must have; repeatable'))
    .addOption(
      choice('--tls-min-version <version>', 'oldest TLS version that is spoken', ['1.2', '1.3']).default('1.3'),
    )
    .option('--host <address>', 'address to listen on (default: all)')
    .addOption(whole('--port <port>', 'port of the webhooks; 0 for any', 0, 65_535).default(8443))
    .addOption(whole('--metrics-port <port>', 'port of the metrics, plain HTTP; without it there are none', 0, 65_535))
    .addOption(
      whole(
        '--stale-after <seconds>',
        'silence of the API server after which nothing is taken to be absent unless it is asked (default: 35)',
        2,
        3600,
      ),
    )
    .option('--serve-stale', 'stay ready however long the API server is silent; without it 180 s are the end', false)
    .addOption(
      whole('--max-in-flight <reviews>', 'reviews at once; others are asked to come again', 1, 65_536).default(1024),
    )
    .addOption(whole('--shutdown-delay <seconds>', 'how long to go on serving once told to stop (default: 15)', 0, 300))
    .addOption(
      whole(
        '--claim-grace <seconds>',
        'how long a hostname claim without its object is kept (default: 120)',
        1,
        86_400,
      ),
    )
    .option(
      '--canary <namespace>',
      'where the leader tries whether the API server asks, by objects that are made to be denied, in dry runs',
    )
    .addOption(whole('--canary-every <seconds>', 'how often it does so (default: 30)', 1, 120))
    .addOption(
      choice('--log-level <level>', 'least level that is logged', ['debug', 'info', 'warn', 'error']).default('info'),
    )
    .option('--demo', 'example policies and state, and a certificate made for this run', false)
    .addHelpText(
      'after',
      examples(
        program,
        'serve --demo',
        'serve --policies policies/ --state manifests/ --tls-cert tls.crt --tls-key tls.key',
        'serve --policies-from-cluster --tls-cert tls.crt --tls-key tls.key --metrics-port 9090',
        'serve --policies policies/ --kubeconfig ~/.kube/config --tls-cert tls.crt --tls-key tls.key --metrics-port 9090',
      ) + exitCodes({ 0: 'told to stop, and drained' }, 3, 4),
    )
    .action(async (options: ServeFlags) => {
      const { runServe } = await import('../serve/index.ts');
      const stop = stopSignal();
      process.exitCode = await runServe(
        {
          demo: options.demo,
          policies: options.policies ?? [],
          policiesFromCluster: options.policiesFromCluster,
          state: options.state,
          kubeconfig: options.kubeconfig,
          context: options.context,
          tlsCert: options.tlsCert,
          tlsKey: options.tlsKey,
          tlsSelfManaged: options.tlsSelfManaged,
          tlsSecret: options.tlsSecret,
          tlsHosts: options.tlsHost ?? [],
          clientCa: options.clientCa,
          clientNames: options.clientName ?? [],
          tlsMinVersion: options.tlsMinVersion,
          host: options.host,
          port: options.port,
          metricsPort: options.metricsPort,
          staleAfter: options.staleAfter,
          serveStale: options.serveStale,
          shutdownDelay: options.shutdownDelay,
          maxInFlight: options.maxInFlight,
          claimGrace: options.claimGrace,
          canary: options.canary,
          canaryEvery: options.canaryEvery,
          logLevel: options.logLevel,
        },
        await program.policies(),
        { stdout: program.io.stdout, log: 2, now: Date.now, signal: stop },
      );
    });
}
