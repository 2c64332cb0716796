const HOST = 'gateward.gateward-system.svc';
const VALIDATING = 'ValidatingWebhookConfiguration gateward';
const MUTATING = 'MutatingWebhookConfiguration gateward';
const BOTH = 'both configurations';
const CRDS = 'the CRDs of Gateway API';

/** What `gateward doctor` says of an installation of two pods in which nothing is wrong: each check, and its line. */
export function healthyDiagnosis(facts: {
  readonly server: string;
  readonly holder: string;
  /** Of the CA and of the certificate that it signed, as texts. */
  readonly daysOfCa: string;
  readonly days: string;
}): readonly (readonly [check: string, line: string])[] {
  const { server, holder, daysOfCa, days } = facts;
  return [
    ['webhooks/installed', `${VALIDATING}: has validate.gateward.dev and documents.gateward.dev`],
    ['webhooks/installed', `${MUTATING}: has mutate.gateward.dev`],
    ['webhooks/agree', `${BOTH}: name the same server, CA bundle and namespaces`],
    ['webhooks/protocol', `${BOTH}: speak AdmissionReview v1, at the paths that Gateward serves`],
    ['webhooks/failure-policy', `${VALIDATING}: Fail: a write that cannot be judged is refused`],
    ['webhooks/timeout', `${BOTH}: validate 5 s, documents 2 s, mutate 2 s`],
    ['webhooks/reinvocation', `${MUTATING}: IfNeeded: what webhooks add after Gateward is completed too`],
    ['rules/served', `${VALIDATING}: covers the 10 kinds of Gateway API that are served, in all 14 versions`],
    ['rules/judged', `${BOTH}: send all that the 2 policies with documents judge (documents: the cluster)`],
    ['rules/selectors', `${BOTH}: nothing can be taken out of sight by a label`],
    ['lockout/namespaces', `${BOTH}: leave kube-system and gateward-system alone`],
    ['lockout/rules', `${BOTH}: are sent nothing that a cluster needs to run or to be mended`],
    ['lockout/replicas', `${VALIDATING}: 2 pods are ready`],
    ['service/port', 'Service gateward-system/gateward: has port 443'],
    ['service/endpoints', 'Service gateward-system/gateward: has 2 ready endpoints'],
    [
      'certificate/bundle',
      `validate.gateward.dev, documents.gateward.dev, mutate.gateward.dev: the last CA in caBundle has ${daysOfCa} days left`,
    ],
    ['certificate/served', `pod gateward-1: presents a certificate for ${HOST} that caBundle trusts`],
    ['certificate/served', `pod gateward-2: presents a certificate for ${HOST} that caBundle trusts`],
    ['certificate/days', `pod gateward-1: ${days} days left, as it is served`],
    ['answer/denial', `${server}: called Gateward in a dry run, and took its denial`],
    ['documents/ready', 'the policy documents: all 2 are in force as they stand'],
    ['lease/age', `Lease gateward-system/gateward: is held by ${holder}`],
    ['replicas/ready', 'pod gateward-1: /readyz says 200'],
    ['replicas/ready', 'pod gateward-2: /readyz says 200'],
    ['replicas/view', 'pod gateward-1: sees every kind, up to date'],
    ['replicas/view', 'pod gateward-2: sees every kind, up to date'],
    ['gateway-api/release', `${CRDS}: are of standard v1.6.1, which Gateward knows`],
    ['gateway-api/versions', `${CRDS}: serve the versions that their release has`],
    [
      'gateway-api/safe-upgrades',
      'ValidatingAdmissionPolicy safe-upgrades.gateway.networking.k8s.io: is there, and bound',
    ],
    ['neighbours/mutating', 'the other mutating webhooks: are sent nothing of Gateway API'],
    ['access/roles', 'ServiceAccount gateward-system/gateward: may do what the policies need'],
  ];
}
