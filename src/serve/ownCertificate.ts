import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ClusterOptions } from '../cluster/liveConnection.ts';
import { OperatorError, errorText } from '../errors.ts';
import type { Log } from '../telemetry/index.ts';
import { AUTHORITY_PACE, SelfManaged } from './selfManaged.ts';

/** Which certificate of our own making. */
export interface OwnCertificateOptions extends ClusterOptions {
  /** Name of the Secret of the CA, in the namespace of the pod. */
  readonly tlsSecret: string;
  /** Names by which webhooks are called; none: the Service `gateward` of that namespace. */
  readonly tlsHosts: readonly string[];
}

/** A certificate that Gateward makes itself. */
export interface OwnCertificate {
  readonly managed: SelfManaged;
  readonly close: () => Promise<void>;
}

/** What was overwritten is mended within this, in milliseconds. */
const LOOK_EVERY = 5000;
const LEASE = 'gateward-certificates';
const EVENTS = {
  trusted: 'webhook configuration trusts the certificate',
  stepped: 'certificate authorities changed',
  signed: 'certificate signed',
} as const;

/** Begins to keep a CA in its Secret and webhook configurations trusting it. Throws {@link OperatorError} when it cannot. */
export async function openOwnCertificate(
  options: OwnCertificateOptions,
  log: Log,
  now: () => number,
): Promise<OwnCertificate> {
  const { connectCluster } = await import('../cluster/liveConnection.ts');
  const { ApiError } = await import('../cluster/liveList.ts');
  const { Lease } = await import('../cluster/lease.ts');
  const { trustOver } = await import('../cluster/trust.ts');
  const connection = await connectCluster(options);
  const { server, namespace = 'default' } = connection;
  const failed = (problem: string): void => {
    log.warn('certificate not looked after', { problem });
  };
  const lease = new Lease(connection, {
    namespace,
    name: LEASE,
    holder: `${hostname()}_${randomUUID()}`,
    now,
    told: (problem) => {
      log.warn('no lease', { lease: LEASE, problem });
    },
  });
  const close = async (): Promise<void> => {
    await lease.stop();
    await connection.close();
  };
  try {
    const managed = await SelfManaged.start({
      trust: trustOver(connection, namespace, options.tlsSecret),
      secret: `${namespace}/${options.tlsSecret}`,
      hosts: options.tlsHosts.length > 0 ? options.tlsHosts : [`gateward.${namespace}.svc`],
      isLeader: () => lease.isLeader,
      pace: AUTHORITY_PACE,
      every: LOOK_EVERY,
      now,
      told: (event, fields) => {
        log.info(EVENTS[event], fields);
      },
      failed,
    });
    return {
      managed,
      close: async () => {
        managed.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    if (error instanceof OperatorError) throw error;
    const problem = errorText(error);
    throw error instanceof ApiError && (error.status === 401 || error.status === 403)
      ? new OperatorError('serve/certificate', { file: server, problem }, error)
      : new OperatorError('cluster/unreachable', { server, problem }, error);
  }
}
