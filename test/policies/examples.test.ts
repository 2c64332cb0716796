import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { runPolicyTests } from '../../src/check/policyTest.ts';
import { MANIFEST_RULES } from '../../src/cluster/manifests.ts';
import { explain } from '../../src/report/explain.ts';
import type { PolicyFiles } from '../../src/report/policyPage.ts';
import { ruleExamples, type ExamplePart } from '../../src/report/ruleExamples.ts';
import { run } from '../support/checkRun.ts';

const root = resolve(import.meta.dirname, '../..');
const ids = readdirSync(join(root, 'policies'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(ids)('the example of %s does what its tests say', async (id) => {
  const options = { paths: [`policies/${id}/tests.yaml`], output: [], filter: undefined, color: false };
  const { code, stdout, stderr } = await run(root, (io, deps) => runPolicyTests(options, io, deps), {
    policies: POLICIES,
  });
  // What did not pass stands in the text.
  expect([code, /FAIL[^]*/.exec(stdout)?.[0] ?? '', stderr]).toEqual([0, '', '']);
});

const rules = POLICIES.flatMap(({ id, messages }) =>
  [...messages.keys()].map((rule) => [`${id}/${rule}`, id] as const),
);
const isShown = ({ title, yaml }: ExamplePart): boolean =>
  ['Written', 'After', 'Deleted'].includes(title) && yaml !== '';
const textOf = (id: string, file: string): string => readFileSync(join(root, 'policies', id, file), 'utf8');

test.each(rules)('the tests of its policy show what breaks %s, and what does not', (rule, id) => {
  const { bad, good } = ruleExamples(textOf(id, 'tests.yaml'), rule);
  expect([bad?.parts.some(isShown), good?.parts.some(isShown)]).toEqual([true, true]);
});

const filesOf = (id: string): PolicyFiles => ({
  example: textOf(id, 'example.yaml'),
  tests: textOf(id, 'tests.yaml'),
});

test('explain knows the rules of manifests, which no policy has', () => {
  const rest =
    'It is about the manifest itself: no policy document sets what happens, and nothing is exempt from it. Mend the manifest, or see gateward baseline.\n';
  expect(explain('manifest/schema', POLICIES, filesOf, MANIFEST_RULES)).toBe(
    `# manifest/schema\n\n${MANIFEST_RULES.schema}\n\n${rest}`,
  );
  expect(explain('manifest', POLICIES, filesOf, MANIFEST_RULES).match(/^# .*/gm)).toEqual(
    Object.keys(MANIFEST_RULES).map((id) => `# manifest/${id}`),
  );
  expect(() => explain('manifest/shema', POLICIES, filesOf, MANIFEST_RULES)).toThrow('manifest/schema');
});

test.each([
  ['hostname-ownership/not-ownd', 'rule', 'hostname-ownership/not-owned'],
  ['hostname-ownershp', 'policy', 'hostname-ownership'],
  ['not-owned', 'policy', 'hostname-ownership/not-owned'],
])('explain names the nearest of what there is: %s', (name, what, nearest) => {
  const text = `unknown ${what} "${name}"; did you mean "${nearest}"?`;
  expect(() => explain(name, POLICIES, filesOf, MANIFEST_RULES)).toThrow(text);
});

test('explain prints both as they are written', () => {
  const text = explain('hostname-ownership/conflict', POLICIES, filesOf, MANIFEST_RULES);
  expect(text.slice(text.indexOf('## Breaks it')))
    .toBe(`## Breaks it: a hostname that another team's route serves already is refused

Beside it:

    - apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: pay, namespace: team-pay }
      spec: { hostnames: [pay.example.com] }

Written:

    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: { name: checkout, namespace: team-shop }
    spec: { hostnames: [pay.example.com] }

## Passes: a team uses its own hostname

Written:

    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: { name: checkout, namespace: team-shop }
    spec: { hostnames: [shop.example.com, cart.shop.example.com] }

The whole policy, with its example document: gateward explain hostname-ownership
`);
});
