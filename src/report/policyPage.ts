import { commonShape, type Message, type Policy } from '#policy';
import { z } from 'zod';
import { ruleExamples, type ExamplePart, type RuleExample, type RuleExamples } from './ruleExamples.ts';
import { structuralSchema } from './structuralSchema.ts';

/** The texts that stand beside a policy. */
export interface PolicyFiles {
  /** `example.yaml`: a document to start with. */
  readonly example: string;
  /** `tests.yaml`: what it makes of objects, as PolicyTests. */
  readonly tests: string;
}

/** A row of the table of fields. */
interface FieldRow {
  /** Below `spec`; `[]` after a list. */
  readonly path: string;
  readonly type: string;
  readonly byDefault: string;
  readonly description: string;
}

const schemaNode = z.looseObject({
  type: z.string(),
  description: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
});

/**
 * The page of a policy as Markdown: what it holds, its document's fields, its rules, the example document as it is, and for each rule
 * an object that breaks it and one that does not.
 */
export function policyPage(policy: Policy, { example, tests }: PolicyFiles): string {
  const { kind, id, summary, description } = policy;
  const isCommon = (name: string): boolean => name === 'rules' || Object.hasOwn(commonShape, name);
  const own = fieldRows(structuralSchema(policy.schema), '').filter(
    ({ path }) => !isCommon(path.split(/[.[]/)[0] ?? ''),
  );
  return [
    `# ${id}`,
    `${summary} Documents of kind \`${kind}\`.`,
    description,
    `It judges ${judged(policy)}, and reads ${sentence(policy.reads)}.`,
    '## Rules',
    table(
      ['rule', 'severity', 'action', 'what it says', 'why'],
      [...policy.messages].map(([name, message]) => [
        `\`${id}/${name}\``,
        message.severity,
        actionOf(message),
        `\`${message.text}\``,
        message.why,
      ]),
    ),
    `\`spec.rules\` overrides \`spec.action\` for single rules: \`Deny | Warn | Audit | Disabled\`.`,
    '## Fields',
    own.length === 0
      ? 'The document has no fields of its own.'
      : table(
          ['field of `spec`', 'type', 'default', 'meaning'],
          own.map(({ path, type, byDefault, description: meaning }) => [`\`${path}\``, type, byDefault, meaning]),
        ),
    '`action`, `rules`, `failureMode`, `disclose` and `match` are those of every policy document.',
    '## Example',
    `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
    `## What breaks a rule, and what does not`,
    `From [tests.yaml](tests.yaml), which \`gateward test policies/${id}\` runs.`,
    ...[...policy.messages.keys()].map((rule) => ruleSection(rule, ruleExamples(tests, `${id}/${rule}`))),
    '<!-- Written by npm run generate from policy.ts, example.yaml and tests.yaml. -->',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function ruleSection(rule: string, { common, bad, good }: RuleExamples): string {
  const block = ({ title, yaml }: ExamplePart): string => `\`\`\`yaml\n# ${title}\n${yaml}\n\`\`\``;
  const shown = (verdict: string, example: RuleExample | undefined): readonly string[] =>
    example === undefined ? [] : [`${verdict}: ${example.name}.`, ...example.parts.map(block)];
  const parts = [...common.map(block), ...shown('Breaks it', bad), ...shown('Passes', good)];
  if (parts.length === 0) return '';
  return [`<details><summary><code>${rule}</code></summary>`, ...parts, '</details>'].join('\n\n');
}

/** `CREATE and UPDATE of HTTPRoute; CREATE, UPDATE and DELETE of Ingress`: kinds with the same operations together. */
function judged({ subjects, operationsOn }: Policy): string {
  const kindsOf = Map.groupBy(subjects, (kind) => sentence(operationsOn(kind)));
  return [...kindsOf].map(([operations, kinds]) => `${operations} of ${sentence(kinds)}`).join('; ');
}

/** The table of all policies, for the README; links lead from the project's root. */
export function policiesTable(policies: readonly Policy[]): string {
  return table(
    ['policy', 'kind', 'what it holds', 'rules'],
    policies.map(({ id, kind, summary, messages }) => [
      `[${id}](policies/${id}/README.md)`,
      `\`${kind}\``,
      summary,
      [...messages.keys()].map((name) => `\`${name}\``).join(' '),
    ]),
  );
}

function actionOf({ off, atMost }: Message): string {
  const action = atMost === undefined ? '`spec.action`' : `\`spec.action\`, at most ${atMost}`;
  return off === true ? `off unless \`spec.rules\` names it` : action;
}

function fieldRows(schema: unknown, path: string): readonly FieldRow[] {
  const node = schemaNode.parse(schema);
  return Object.entries(node.properties ?? {}).flatMap(([name, value]): readonly FieldRow[] => {
    const field = schemaNode.parse(value);
    const at = path === '' ? name : `${path}.${name}`;
    const row = {
      path: at,
      type: typeOf(field),
      byDefault: node.required?.includes(name) === true ? 'required' : defaultOf(field['default']),
      description: field.description ?? '',
    };
    // A selector is Kubernetes' own and needs no rows of its fields.
    if (name.endsWith('Selector')) return [row];
    const inner = field.items ?? (typeof field.additionalProperties === 'object' ? field.additionalProperties : value);
    const innerPath = field.items !== undefined ? `${at}[]` : field.properties === undefined ? `${at}.*` : at;
    return [row, ...fieldRows(inner, innerPath)];
  });
}

function typeOf(field: z.infer<typeof schemaNode>): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(' ');
  if (field.items !== undefined) return `list of ${typeOf(schemaNode.parse(field.items))}`;
  if (typeof field.additionalProperties === 'object')
    return `map of ${typeOf(schemaNode.parse(field.additionalProperties))}`;
  return field.type;
}

function defaultOf(value: unknown): string {
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function sentence(words: readonly string[]): string {
  const [last = 'nothing', ...others] = [...words].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

/** A Markdown table; bars and line breaks in cells are escaped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
