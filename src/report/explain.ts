import type { Policy } from '#policy';
import { OperatorError, didYouMean } from '../errors.ts';
import { policyPage, type PolicyFiles } from './policyPage.ts';
import { ruleExamples, type ExamplePart, type RuleExample } from './ruleExamples.ts';

/**
 * What is known of a policy or rule, as Markdown: the page of `hostname-ownership`, or the part of it that is about
 * `hostname-ownership/not-owned`, with an object that breaks the rule and one that does not. `filesOf` reads what stands beside a policy;
 * `manifestRules` are those of manifests themselves, which no policy has, and why. Throws {@link OperatorError} for a name that nobody has.
 */
export function explain(
  name: string,
  policies: readonly Policy[],
  filesOf: (id: string) => PolicyFiles,
  manifestRules: Readonly<Record<string, string>>,
): string {
  const [id = '', rule] = name.split('/');
  if (id === 'manifest') return manifestPage(name, rule, manifestRules);
  const policy = policies.find((candidate) => candidate.id === id || candidate.kind === id);
  if (policy === undefined) {
    const known = [...policies.map((candidate) => candidate.id), ...rulesOf(policies)];
    // `spec.rules` of a document names a rule without its policy.
    const nearest = didYouMean(known.find((candidate) => candidate.endsWith(`/${name}`)) ?? name, known);
    throw new OperatorError('usage/unknown-word', { what: 'policy', word: name, nearest });
  }
  if (rule === undefined) return policyPage(policy, filesOf(policy.id));
  const message = policy.messages.get(rule);
  if (message === undefined) {
    const nearest = didYouMean(name, rulesOf([policy]));
    throw new OperatorError('usage/unknown-word', { what: 'rule', word: name, nearest });
  }
  const { common, bad, good } = ruleExamples(filesOf(policy.id).tests, `${policy.id}/${rule}`);
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
    ...common.map(partText),
    ...exampleText('Breaks it', bad),
    ...exampleText('Passes', good),
    `The whole policy, with its example document: gateward explain ${policy.id}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** All rules of manifests, or one of them. */
function manifestPage(name: string, rule: string | undefined, rules: Readonly<Record<string, string>>): string {
  const told = Object.entries(rules).filter(([id]) => rule === undefined || id === rule);
  if (told.length === 0) {
    const known = Object.keys(rules).map((id) => `manifest/${id}`);
    throw new OperatorError('usage/unknown-word', { what: 'rule', word: name, nearest: didYouMean(name, known) });
  }
  return [
    ...told.map(([id, why]) => `# manifest/${id}\n\n${why}`),
    'It is about the manifest itself: no policy document sets what happens, and nothing is exempt from it. Mend the manifest, or see gateward baseline.',
  ]
    .join('\n\n')
    .concat('\n');
}

function exampleText(verdict: string, example: RuleExample | undefined): readonly string[] {
  return example === undefined ? [] : [`## ${verdict}: ${example.name}`, ...example.parts.map(partText)];
}

function partText({ title, yaml }: ExamplePart): string {
  return `${title}:\n\n${yaml.replace(/^(?=.)/gm, '    ')}`;
}

function rulesOf(policies: readonly Policy[]): readonly string[] {
  return policies.flatMap(({ id, messages }) => [...messages.keys()].map((rule) => `${id}/${rule}`));
}
