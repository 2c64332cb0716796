import type { Installation, Seen } from '../cluster/installation.ts';
import { denies, type InForce } from './inForce.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { TYPES, configurationsOf, isOurs, ourWebhooks, regenerate, whereOf, type OurWebhook } from './ours.ts';

/** Where each webhook is answered. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ['validate.gateward.dev', '/validate'],
  ['mutate.gateward.dev', '/mutate'],
  ['documents.gateward.dev', '/documents'],
]);
/** Seconds that a write should wait at most for a webhook that does not answer: the API server gives a whole write 34. */
const LONGEST = 10;
/** The same for those that nobody has to wait for. */
const LONGEST_IGNORED = 5;

/** Both configurations: that they are there, agree, and say what the protocol and the documents need. */
export function webhookLines(seen: Installation, force: Seen<InForce>): readonly Line[] {
  const ours = ourWebhooks(seen);
  return [
    ...TYPES.flatMap((type) => installed(seen, type, force)),
    ...agreement(seen, ours),
    ...protocol(seen, ours, force),
    ...ours.flatMap((our) => failurePolicy(our, force)),
    ...timeouts(ours),
    ...reinvocation(seen, ours),
  ];
}

function installed(seen: Installation, type: (typeof TYPES)[number], force: Seen<InForce>): readonly Line[] {
  const check = 'webhooks/installed';
  const configurations = configurationsOf(seen, type);
  if ('unseen' in configurations) return [unknown(check, whereOf(type), configurations.unseen)];
  const ours = ourWebhooks(seen).filter((our) => our.type === type);
  const names = ours.map(({ webhook }) => webhook.name);
  const missing = (type === 'Validating' ? ['validate', 'documents'] : ['mutate'])
    .map((word) => `${word}.gateward.dev`)
    .filter((name) => !names.includes(name));
  if (missing.length === 0) return [ok(check, whereOf(type), `has ${names.join(' and ')}`)];
  const what = configurations.value.some(isOurs) ? `has no ${missing.join(' and no ')}` : 'is not there';
  if (type === 'Mutating') {
    if ('value' in force && !force.value.set.policies.some(({ mutates }) => mutates)) {
      return [ok(check, whereOf(type), `${what}, and no document asks for changes of objects`)];
    }
    return [warn(check, whereOf(type), `${what}: no filter is added to a route`, regenerate(seen))];
  }
  if (missing.includes('validate.gateward.dev')) {
    return [fail(check, whereOf(type), `${what}: nothing is judged`, regenerate(seen))];
  }
  return [warn(check, whereOf(type), `${what}: a broken policy document is not refused`, regenerate(seen))];
}

/** What both must say alike: otherwise an object that the one changed is not what the other judged, or one of them calls into the void. */
function agreement(seen: Installation, ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'webhooks/agree';
  const [first, ...others] = ours;
  if (first === undefined || others.length === 0) return [];
  const differing = (name: string, part: (our: OurWebhook) => unknown, among = others): readonly string[] => {
    const wanted = JSON.stringify(part(first));
    const odd = among.filter((our) => JSON.stringify(part(our)) !== wanted).map(({ webhook }) => webhook.name);
    return odd.length === 0 ? [] : [`${odd.join(' and ')} with another ${name} than ${first.webhook.name}`];
  };
  const problems = [
    ...differing('server', ({ webhook: { clientConfig } }) => [
      clientConfig.url === undefined ? '' : new URL(clientConfig.url).host,
      clientConfig.service?.name,
      clientConfig.service?.namespace,
      clientConfig.service?.port,
    ]),
    ...differing('caBundle', ({ webhook }) => webhook.clientConfig.caBundle.trim()),
    ...differing(
      'namespaceSelector',
      ({ webhook }) => webhook.namespaceSelector,
      others.filter(({ type }) => type === 'Mutating'),
    ),
  ];
  const where = 'both configurations';
  if (problems.length > 0) return [fail(check, where, problems.join('; '), regenerate(seen))];
  return [ok(check, where, 'name the same server, CA bundle and namespaces')];
}

function protocol(seen: Installation, ours: readonly OurWebhook[], force: Seen<InForce>): readonly Line[] {
  const check = 'webhooks/protocol';
  const claims = 'value' in force && force.value.set.holdsClaims;
  const lines = ours.flatMap(({ where, type, webhook }) => {
    const { clientConfig, admissionReviewVersions, sideEffects, matchPolicy, name } = webhook;
    const path = clientConfig.url === undefined ? clientConfig.service?.path : new URL(clientConfig.url).pathname;
    const wantsClaims = claims && type === 'Validating' && name.startsWith('validate');
    const problems = [
      ...(admissionReviewVersions[0] === 'v1' ? [] : ['admissionReviewVersions must begin with v1']),
      ...(path === PATHS.get(name) ? [] : [`the path must be ${PATHS.get(name) ?? '/'}, not ${path ?? ''}`]),
      ...(['None', 'NoneOnDryRun'].includes(sideEffects) ? [] : [`sideEffects ${sideEffects} makes dry runs fail`]),
      ...(wantsClaims && sideEffects === 'None'
        ? ['documents hold hostnames, so sideEffects must be NoneOnDryRun']
        : []),
      ...(matchPolicy === 'Equivalent' ? [] : [`matchPolicy ${matchPolicy} lets other versions of an object past`]),
    ];
    return problems.length === 0 ? [] : [fail(check, where, `${name}: ${problems.join('; ')}`, regenerate(seen))];
  });
  if (lines.length > 0 || ours.length === 0) return lines;
  return [ok(check, 'both configurations', 'speak AdmissionReview v1, at the paths that Gateward serves')];
}

function failurePolicy({ where, webhook }: OurWebhook, force: Seen<InForce>): readonly Line[] {
  const check = 'webhooks/failure-policy';
  const { name, failurePolicy: policy } = webhook;
  if (!name.startsWith('validate')) {
    if (policy !== 'Fail') return [];
    const what = name.startsWith('documents') ? 'no document can be mended' : 'writes fail that validation would judge';
    return [
      warn(check, where, `${name} has Fail: while nobody answers, ${what}`, `set failurePolicy Ignore at ${name}`),
    ];
  }
  if (policy === 'Fail') return [ok(check, where, 'Fail: a write that cannot be judged is refused')];
  if ('unseen' in force) {
    return [unknown(check, where, `whether documents deny, while failurePolicy is Ignore: ${force.unseen}`)];
  }
  if (!denies(force.value.set)) {
    return [ok(check, where, 'Ignore: a write that cannot be judged is let through, and no document denies')];
  }
  const message = 'Ignore: documents deny, but a write that cannot be judged is let through';
  return [warn(check, where, message, 'run gateward enable')];
}

function timeouts(ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'webhooks/timeout';
  const long = ours.flatMap(({ where, webhook: { name, timeoutSeconds, failurePolicy: policy } }) => {
    const limit = policy === 'Fail' ? LONGEST : LONGEST_IGNORED;
    if (timeoutSeconds <= limit) return [];
    const message = `${name} has ${timeoutSeconds} s and ${policy}: each write waits so long while nobody answers`;
    return [warn(check, where, message, `set timeoutSeconds of ${name} to ${limit} or less`)];
  });
  if (long.length > 0 || ours.length === 0) return long;
  const all = ours.map(({ webhook }) => `${webhook.name.split('.')[0] ?? ''} ${webhook.timeoutSeconds} s`);
  return [ok(check, 'both configurations', all.join(', '))];
}

function reinvocation(seen: Installation, ours: readonly OurWebhook[]): readonly Line[] {
  const check = 'webhooks/reinvocation';
  return ours
    .filter(({ type }) => type === 'Mutating')
    .map(({ where, webhook: { reinvocationPolicy } }) =>
      reinvocationPolicy === 'IfNeeded'
        ? ok(check, where, 'IfNeeded: what webhooks add after Gateward is completed too')
        : warn(
            check,
            where,
            `${reinvocationPolicy}: what webhooks add after Gateward is not completed`,
            regenerate(seen),
          ),
    );
}
