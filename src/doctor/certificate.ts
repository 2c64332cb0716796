import type { X509Certificate } from 'node:crypto';
import type { Installation, Replica, Seen } from '../cluster/installation.ts';
import { certificatesIn, chainProblem, isFor, validityOf } from './chain.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { denying, ourWebhooks, regenerate } from './ours.ts';

const DAY = 86_400_000;
/** A certificate that is renewed by somebody is renewed long before; in milliseconds. */
const SOON = 14 * DAY;
/** What a certificate that lives a day has left when its renewal is overdue; in milliseconds. */
const SOON_OWN = DAY / 4;
const EXPIRY = 'gateward_certificate_expiry_timestamp_seconds';
const ROTATION = 'see certs/README.md: renew the certificate, then look at the logs for why it was not';

type Chain = readonly [X509Certificate, ...X509Certificate[]];

/** The CA bundle, what is served, and how long that lasts. */
export function certificateLines(seen: Installation): readonly Line[] {
  if (ourWebhooks(seen).length === 0) return [];
  const bundle = bundleOf(seen);
  return [...bundleLines(seen), ...secretLines(seen), ...servedLines(seen, bundle), ...daysLines(seen, bundle)];
}

/** The CAs by which the API server trusts the webhook that denies. */
function bundleOf(seen: Installation): readonly X509Certificate[] {
  const { caBundle = '' } = (denying(seen) ?? ourWebhooks(seen)[0])?.webhook.clientConfig ?? {};
  return certificatesIn(Buffer.from(caBundle, 'base64').toString()) ?? [];
}

/** Gateward makes its certificate itself; undefined where nothing says so or otherwise. */
function isOwn({ workload }: Installation): boolean | undefined {
  return 'value' in workload ? workload.value?.args.includes('--tls-self-managed') : undefined;
}

function bundleLines(seen: Installation): readonly Line[] {
  const check = 'certificate/bundle';
  const fix =
    isOwn(seen) === true
      ? `see why the pods do not write it: kubectl -n ${seen.namespace} logs deployment/gateward`
      : `${regenerate(seen).replace(' | ', ' --ca ca.crt | ')}, or see why cert-manager does not write it`;
  const byBundle = Map.groupBy(ourWebhooks(seen), ({ webhook }) => webhook.clientConfig.caBundle);
  return [...byBundle].map(([bundle, ours]) => {
    const where = ours.map(({ webhook }) => webhook.name).join(', ');
    const text = Buffer.from(bundle, 'base64').toString();
    if (text.trim() === '') return fail(check, where, 'caBundle is empty: no call gets through', fix);
    const certificates = certificatesIn(text) ?? [];
    if (certificates.length === 0) return fail(check, where, 'caBundle is no PEM certificate', fix);
    const last = Math.max(...certificates.map(({ validTo }) => Date.parse(validTo)));
    if (last < seen.now) return fail(check, where, `the last CA in caBundle is over since ${iso(last)}`, fix);
    const left = `the last CA in caBundle has ${daysLeft(last, seen.now)} left`;
    return last - seen.now < SOON ? warn(check, where, left, fix) : ok(check, where, left);
  });
}

function secretLines(seen: Installation): readonly Line[] {
  const check = 'certificate/authority';
  if (isOwn(seen) === false) return [];
  const where = 'the Secret of the CA';
  if ('unseen' in seen.authority) {
    return isOwn(seen) === true ? [unknown(check, where, seen.authority.unseen)] : [];
  }
  const text = seen.authority.value;
  if (text === undefined) {
    if (isOwn(seen) === undefined) return [];
    const message = 'is not there or holds no ca.crt, and Gateward is to make its certificate itself';
    return [fail(check, where, message, 'apply deploy/components/self-managed')];
  }
  const held = certificatesIn(text) ?? [];
  const trusted = bundleOf(seen);
  const missing = held.filter((ca) => !trusted.some((other) => other.raw.equals(ca.raw)));
  if (missing.length === 0) return [ok(check, where, 'holds what the configurations trust')];
  const message = `holds ${missing.length} CA that the configurations do not trust`;
  return [
    fail(
      check,
      where,
      message,
      'wait ten seconds and look again; then see the log of the pods: something else writes caBundle',
    ),
  ];
}

/** What is served: as a pod presents it, as it says itself where it cannot be reached, or as a Secret holds it. */
function servedLines(seen: Installation, bundle: readonly X509Certificate[]): readonly Line[] {
  const check = 'certificate/served';
  const host = hostOf(seen);
  const lines = seen.replicas.map((replica) => presentedLine(seen, replica, bundle) ?? saidLine(replica));
  const told = lines.filter((line) => line !== undefined);
  const silent = seen.replicas.filter((_, at) => lines[at] === undefined);
  const held = told.length === 0 && isOwn(seen) !== true ? chainOf(seen.keyPair) : undefined;
  if (held !== undefined) {
    const problem = chainProblem(held, bundle, host, seen.now);
    const where = 'the Secret that the pods mount';
    if (problem !== undefined)
      return [fail(check, where, `its certificate ${problem}: calls fail`, 'see certs/README.md')];
    const message = `holds a certificate for ${host} that caBundle trusts; the pods cannot be reached from here`;
    return [ok(check, where, message)];
  }
  const [first] = silent;
  if (first === undefined) return told;
  const reason = 'unseen' in first.certificate ? first.certificate.unseen : 'it presents none that can be read';
  const names = silent.map(({ name }) => name).join(', ');
  return [...told, unknown(check, names, reason, 'run gateward doctor inside the cluster')];
}

function presentedLine(
  seen: Installation,
  { name, certificate }: Replica,
  bundle: readonly X509Certificate[],
): Line | undefined {
  const check = 'certificate/served';
  const chain = chainOf(certificate);
  if (chain === undefined) return undefined;
  const host = hostOf(seen);
  const problem = chainProblem(chain, bundle, host, seen.now);
  if (problem === undefined) return ok(check, name, `presents a certificate for ${host} that caBundle trusts`);
  // From outside the cluster, an address of a pod may lead to anybody.
  if (!isFor(chain[0], host) && denying(seen)?.webhook.clientConfig.url === undefined) {
    const message = `what answers there ${problem}: a wrong certificate, or not the pod, seen from here`;
    return warn(check, name, message, 'run gateward doctor inside the cluster, or see certs/README.md');
  }
  const fix = 'see certs/README.md; with another CA: gateward manifests webhooks --ca ca.crt | kubectl apply -f -';
  return fail(check, name, `what it presents ${problem}: calls fail`, fix);
}

/** What a pod that makes its certificate itself says of who trusts it. */
function saidLine({ name, metrics }: Replica): Line | undefined {
  const check = 'certificate/served';
  const all = 'value' in metrics ? [...metrics.value] : [];
  const mismatches = all.filter(([series]) => series.startsWith('gateward_ca_bundle_mismatch{'));
  if (mismatches.length === 0) return undefined;
  if (mismatches.every(([, value]) => value === 0)) {
    return ok(check, name, 'says that the configurations trust what it serves');
  }
  const message = 'says that a configuration does not trust what it serves';
  return fail(check, name, message, 'look again in ten seconds; then see the runbook GatewardCABundleMismatch');
}

function daysLines(seen: Installation, bundle: readonly X509Certificate[]): readonly Line[] {
  const check = 'certificate/days';
  const host = hostOf(seen);
  const told: { readonly where: string; readonly by: string; readonly ends: number; readonly soon: number }[] = [];
  for (const { name, certificate, metrics } of seen.replicas) {
    const chain = chainOf(certificate);
    const expiry = 'value' in metrics ? metrics.value.get(`${EXPIRY}{certificate="serving"}`) : undefined;
    if (chain !== undefined && chainProblem(chain, bundle, host, seen.now) === undefined) {
      const { ends, lives } = validityOf(chain, bundle, seen.now);
      told.push({ where: name, by: 'as it is served', ends, soon: Math.min(SOON, lives / 4) });
    } else if (expiry !== undefined) {
      told.push({
        where: name,
        by: 'as its metrics say',
        ends: expiry * 1000,
        soon: isOwn(seen) === true ? SOON_OWN : SOON,
      });
    }
  }
  const held = chainOf(seen.keyPair);
  if (told.length === 0 && held !== undefined && isOwn(seen) !== true) {
    const { ends, lives } = validityOf(held, bundle, seen.now);
    told.push({
      where: 'the Secret that the pods mount',
      by: 'as it stands there',
      ends,
      soon: Math.min(SOON, lives / 4),
    });
  }
  const [first] = told.toSorted((a, b) => a.ends - a.soon - (b.ends - b.soon));
  if (first === undefined) {
    const reason = 'no pod can be reached, no metrics and no Secret can be read';
    return [unknown(check, 'the serving certificate', reason, 'run gateward doctor inside the cluster')];
  }
  const { where, by, ends, soon } = first;
  if (ends < seen.now) return [fail(check, where, `the certificate is over since ${iso(ends)}, ${by}`, ROTATION)];
  const left = `${daysLeft(ends, seen.now)} left, ${by}`;
  return [ends - seen.now < soon ? warn(check, where, left, ROTATION) : ok(check, where, left)];
}

/** The name for which the API server asks. */
function hostOf(seen: Installation): string {
  const { url, service } = denying(seen)?.webhook.clientConfig ?? {};
  if (url !== undefined) return new URL(url).hostname.replace(/^\[|\]$/g, '');
  return `${service?.name ?? 'gateward'}.${service?.namespace ?? seen.namespace}.svc`;
}

function chainOf(pem: Seen<string | undefined>): Chain | undefined {
  if (!('value' in pem) || pem.value === undefined) return undefined;
  const [leaf, ...rest] = certificatesIn(pem.value) ?? [];
  return leaf === undefined ? undefined : [leaf, ...rest];
}

function iso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `12 days`, or `7 hours` when it is less than two days. */
function daysLeft(end: number, now: number): string {
  const days = Math.floor((end - now) / DAY);
  return days >= 2 ? `${days} days` : `${Math.max(0, Math.floor((end - now) / 3_600_000))} hours`;
}
