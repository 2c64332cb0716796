import { valueAt, type FieldPath } from '#gateway';
import { z } from 'zod';
import { readYaml, type YamlDocument } from '../yaml/index.ts';

/** A piece of YAML as it stands in a suite, and what it is. */
export interface ExamplePart {
  readonly title: string;
  readonly yaml: string;
}

/** A case of a policy's own tests. */
export interface RuleExample {
  /** What the case shows. */
  readonly name: string;
  /** What it is about, in the order to read it in: what is there, what was before, what is written, by whom. */
  readonly parts: readonly ExamplePart[];
}

/** What breaks a rule, and what does not. */
export interface RuleExamples {
  /** What holds for both. */
  readonly common: readonly ExamplePart[];
  readonly bad: RuleExample | undefined;
  readonly good: RuleExample | undefined;
}

const ruleSchema = z.union([z.string(), z.looseObject({ rule: z.string() }).transform(({ rule }) => rule)]);
const suiteSchema = z.looseObject({
  spec: z.looseObject({
    cases: z.array(
      z.looseObject({
        name: z.string(),
        object: z.unknown().optional(),
        oldObject: z.unknown().optional(),
        expect: z.looseObject({ rules: z.array(ruleSchema).optional() }),
      }),
    ),
  }),
});

/**
 * The first case of the suites in a text (PolicyTests, see `gateward test`) that breaks a rule, and the most similar that does not: by kind, by
 * what happens to the object, by what else it breaks, by place. Throws for a text that holds something else.
 */
export function ruleExamples(text: string, rule: string): RuleExamples {
  const lines = text.split('\n');
  for (const document of readYaml(text).documents) {
    const { cases } = suiteSchema.parse(document.value).spec;
    const isBad = ({ expect: { rules = [] } }: (typeof cases)[number]): boolean => rules.includes(rule);
    const at = cases.findIndex(isBad);
    const broken = cases[at];
    if (broken === undefined) continue;
    const [good] = [...cases.entries()]
      .filter(([, one]) => one.expect.rules !== undefined && !isBad(one))
      .map(([index, one]) => ({
        index,
        unlike: (kindOf(one) === kindOf(broken) ? 0 : 2) + (operationOf(one) === operationOf(broken) ? 0 : 1),
        others: one.expect.rules?.length ?? 0,
        far: Math.abs(index - at),
      }))
      .sort((a, b) => a.unlike - b.unlike || a.others - b.others || a.far - b.far || a.index - b.index);
    const example = (index: number): RuleExample => ({
      name: cases[index]?.name ?? '',
      parts: ofCase(lines, document, index),
    });
    return {
      common: ofSuite(lines, document),
      bad: example(at),
      good: good === undefined ? undefined : example(good.index),
    };
  }
  return { common: [], bad: undefined, good: undefined };
}

interface Written {
  readonly object?: unknown;
  readonly oldObject?: unknown;
}

function kindOf({ object, oldObject }: Written): unknown {
  return valueAt(object ?? oldObject, ['kind']);
}

function operationOf({ object, oldObject }: Written): 'CREATE' | 'UPDATE' | 'DELETE' {
  if (oldObject === undefined) return 'CREATE';
  return object === undefined ? 'DELETE' : 'UPDATE';
}

type Titled = readonly (readonly [string, FieldPath])[];

/** The documents, where they are others than the example, and the state. */
function ofSuite(lines: readonly string[], document: YamlDocument): readonly ExamplePart[] {
  const isExample = typeof valueAt(document.value, ['spec', 'policies', 0]) === 'string';
  const documents: Titled = isExample ? [] : [['Under', ['spec', 'policies']]];
  return partsAt(lines, document, [...documents, ['There is', ['spec', 'state']]]);
}

function ofCase(lines: readonly string[], document: YamlDocument, index: number): readonly ExamplePart[] {
  const own: FieldPath = ['spec', 'cases', index];
  const has = (field: string): boolean => valueAt(document.value, [...own, field]) !== undefined;
  const isChange = has('object') && has('oldObject');
  return partsAt(lines, document, [
    ['Beside it', [...own, 'state']],
    [isChange ? 'Before' : 'Deleted', [...own, 'oldObject']],
    [isChange ? 'After' : 'Written', [...own, 'object']],
    ['By', [...own, 'userInfo']],
  ]);
}

function partsAt(lines: readonly string[], document: YamlDocument, titled: Titled): readonly ExamplePart[] {
  return titled
    .filter(([, path]) => valueAt(document.value, path) !== undefined)
    .map(([title, path]) => ({ title, yaml: blockAt(lines, document.locate(path, 'key')) }));
}

/** What stands under a key, as it is written, at the left margin. */
function blockAt(lines: readonly string[], at: ReturnType<YamlDocument['locate']>): string {
  const first = lines[at.line - 1]?.slice(at.column - 1) ?? '';
  const inline = first.replace(/^[^:]+:\s*/, '');
  if (inline !== '') return inline;
  const rest = lines.slice(at.line);
  const end = rest.findIndex((line) => indentOf(line) < at.column);
  const block = end === -1 ? rest : rest.slice(0, end);
  const margin = Math.min(...block.map(indentOf));
  return block.map((line) => line.slice(margin)).join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
