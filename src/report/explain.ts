import type { Policy } from '#policy';
import { OperatorError, didYouMean } from '../errors.ts';
import { policyPage } from './policyPage.ts';

/**
 * What is known of a policy or rule, as Markdown: the page of `hostname-ownership`, or the part of it that is about
 * `hostname-ownership/not-owned`. `exampleOf` gives a policy's example document. Throws {@link OperatorError} for a name that nobody has.
 */
export function explain(name: string, policies: readonly Policy[], exampleOf: (id: string) => string): string {
  const [id = '', rule] = name.split('/');
  const policy = policies.find((candidate) => candidate.id === id || candidate.kind === id);
  if (policy === undefined) {
    const nearest = didYouMean(name, [...policies.map((candidate) => candidate.id), ...rulesOf(policies)]);
    throw new OperatorError('usage/unknown-word', { what: 'policy', word: name, nearest });
  }
  if (rule === undefined) return policyPage(policy, exampleOf(policy.id));
  const message = policy.messages.get(rule);
  if (message === undefined) {
    const nearest = didYouMean(name, rulesOf([policy]));
    throw new OperatorError('usage/unknown-word', { what: 'rule', word: name, nearest });
  }
  const limits = [
    ...(message.atMost === undefined ? [] : [`It is ${message.atMost} at most, whatever the document says.`]),
    ...(message.off === true ? [`It is off unless \`spec.rules\` of a document names it.`] : []),
  ];
  return [
    `# ${policy.id}/${rule}`,
    message.why,
    `Severity ${message.severity}. ${limits.join(' ')}`.trim(),
    `It says:\n\n    ${message.text}`,
    `A ${policy.kind} document sets what happens with \`spec.action\`, and for this rule alone with:`,
    `    spec:\n      rules:\n        ${rule}: Deny # Deny | Warn | Audit | Disabled`,
    `The whole policy: gateward explain ${policy.id}`,
  ]
    .join('\n\n')
    .concat('\n');
}

function rulesOf(policies: readonly Policy[]): readonly string[] {
  return policies.flatMap(({ id, messages }) => [...messages.keys()].map((rule) => `${id}/${rule}`));
}
