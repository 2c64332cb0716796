import type { Policy } from '#policy';
import type { Installation } from '../cluster/installation.ts';
import type { PolicySet } from '../engine/index.ts';
import { accessLines } from './access.ts';
import { answerLines } from './answer.ts';
import { certificateLines } from './certificate.ts';
import { gatewayApiLines } from './gatewayApi.ts';
import { inForce } from './inForce.ts';
import { unknown, type Line } from './line.ts';
import { lockoutLines } from './lockout.ts';
import { neighbourLines } from './neighbours.ts';
import { whereOf } from './ours.ts';
import { ruleLines } from './rules.ts';
import { serviceLines } from './service.ts';
import { stalenessLines } from './staleness.ts';
import { webhookLines } from './webhooks.ts';

/** All lines about an installation. `given` are the documents that are said to be in force; without them those that are found. */
export function diagnose(seen: Installation, known: readonly Policy[], given: PolicySet | undefined): readonly Line[] {
  const force = inForce(seen, known, given);
  return [
    ...blindLines(seen),
    ...webhookLines(seen, force),
    ...ruleLines(seen, known, force),
    ...lockoutLines(seen),
    ...serviceLines(seen),
    ...certificateLines(seen),
    ...answerLines(seen),
    ...stalenessLines(seen),
    ...gatewayApiLines(seen),
    ...neighbourLines(seen, force),
    ...accessLines(seen, known, force),
  ];
}

/** What nobody can say who may not see the webhook configurations. */
const RESTING = [
  'webhooks/agree',
  'webhooks/protocol',
  'webhooks/failure-policy',
  'webhooks/timeout',
  'rules/served',
  'rules/judged',
  'rules/selectors',
  'lockout/namespaces',
  'lockout/rules',
  'lockout/replicas',
  'certificate/bundle',
  'certificate/served',
  'answer/denial',
];

function blindLines({ validating }: Installation): readonly Line[] {
  if ('value' in validating) return [];
  return RESTING.map((check) => unknown(check, whereOf('Validating'), validating.unseen));
}
