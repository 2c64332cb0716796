import { EXEMPTION_KIND, POLICY_API_VERSION } from '../config/index.ts';
import { objectName } from '../report/objectName.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../telemetry/io.ts';
import type { FaceDeps } from '../output/context.ts';
import { writeYaml } from '../yaml/write.ts';
import { findTarget, wrongCall, type ExemptOptions, type ExemptTarget } from './exemptTarget.ts';
import { parseExpiry } from './expiry.ts';

/**
 * `gateward exempt`: prints a PolicyExemption for a finding, ready to apply: one rule of one document for one object, or for the names of a
 * pattern, with a reason and an end. Gives the exit code. Throws {@link OperatorError} for a finding that cannot be told from others, or an end that is over.
 */
export async function runExempt(options: ExemptOptions, io: Io, deps: FaceDeps): Promise<number> {
  if (options.reason.trim() === '') throw wrongCall('--reason is empty: say why, for whoever reads it when it ends');
  const expiry = parseExpiry(options.expires, io.now());
  if ('problem' in expiry) throw wrongCall(`--expires ${expiry.problem}`);
  const target = await findTarget(options, io, deps);
  io.stdout(exemptionText(target, options, expiry.at));
  if (expiry.isLong) {
    io.stderr(`warning: it holds until ${rfc3339(expiry.at)}, over a year from now: who will remember why?\n`);
  }
  return target.code;
}

/** The document, with what was found above it. It is in the form that the loader reads, and reaches no further than the target. */
function exemptionText(target: ExemptTarget, { reason, ticket }: ExemptOptions, expires: number): string {
  const { policy, rule, documents, group, kind, namespace, name, messages } = target;
  const comments = messages.map((message) => `# ${policy.id}/${rule}: ${visible(message)}\n`).join('');
  return `${comments}${writeYaml({
    apiVersion: POLICY_API_VERSION,
    kind: EXEMPTION_KIND,
    metadata: {
      name: objectName([rule, kind.toLowerCase(), namespace, name].filter((part) => part !== '').join('-')),
    },
    spec: {
      policies: documents.map((document) => ({ kind: policy.kind, name: document, rules: [rule] })),
      match: {
        kinds: [{ group, kind }],
        ...(namespace === '' || namespace === '*' ? {} : { namespaces: [namespace] }),
        names: [name],
      },
      reason: reason.trim(),
      ...(ticket === undefined ? {} : { ticket }),
      expires: rfc3339(expires),
    },
  })}`;
}

function rfc3339(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
