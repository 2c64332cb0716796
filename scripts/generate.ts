/**
 * Writes what is derived from the policies and the schemas; with --check it compares instead and names the files that are stale. Nothing of it is written
 * by hand, and nothing else writes there.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { Document, isMap, isScalar, parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Policy } from '#policy';
import { structures } from '../src/gateway/schema/checkSchema.ts';
import { NAMESPACE, renderManifests, toYaml } from '../src/report/manifests.ts';
import { claimAccess } from '../src/report/manifestsRbac.ts';
import { policiesTable, policyPage } from '../src/report/policyPage.ts';
import { chartFiles } from './chart/files.ts';
import { fillersModule } from './fillers.ts';
import { plainRulesModule } from './plainRules.ts';

const root = resolve(import.meta.dirname, '..');
const DO_NOT_EDIT = '# Written by npm run generate.\n';
const FILLERS = 'src/gateway/schema/fillers.generated.ts';
const INDEX = 'policies/index.ts';
const PLAIN_RULES = 'src/gateway/schema/plainRules.generated.ts';
const packageJson = z.object({ version: z.string() });
const TABLE = /(?<=<!-- policies -->\n)[\s\S]*?(?=<!-- \/policies -->)/;

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The module that lists the policies: each folder with a `policy.ts` is one, which that exports. Throws for one that exports none. */
function indexModule(): string {
  const ids = readdirSync(join(root, 'policies')).filter((id) => existsSync(join(root, 'policies', id, 'policy.ts')));
  const names = ids.sort().map((id) => {
    const name = /^export const (\w+) = definePolicy\(/m.exec(read(`policies/${id}/policy.ts`))?.[1];
    if (name === undefined) throw new Error(`policies/${id}/policy.ts exports no definePolicy({…})`);
    return { id, name };
  });
  return [
    '// Written by npm run generate.',
    "import type { Policy } from '#policy';",
    ...names.map(({ id, name }) => `import { ${name} } from './${id}/policy.ts';`),
    '',
    '/** Every policy, sorted by id. */',
    `export const POLICIES: readonly Policy[] = [${names.map(({ name }) => name).join(', ')}];`,
    '',
  ].join('\n');
}

/** A ConfigMap with one file of policy documents, as the Deployment mounts it. */
function documentsConfigMap(file: string, text: string): string {
  return toYaml([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'gateward-policies',
        namespace: NAMESPACE,
        labels: { 'app.kubernetes.io/part-of': 'gateward' },
      },
      data: { [file]: text },
    },
  ]);
}

/** The same documents with nothing stricter than Audit. */
function auditOnly(text: string): string {
  return parseAllDocuments(text)
    .filter((document): document is Document.Parsed => document instanceof Document && document.has('spec'))
    .map((document) => {
      document.commentBefore = null;
      document.setIn(['spec', 'action'], 'Audit');
      const rules = document.getIn(['spec', 'rules']);
      for (const pair of isMap(rules) ? rules.items : []) {
        if (isScalar(pair.value) && pair.value.value !== 'Disabled') pair.value.value = 'Audit';
      }
      return document.toString({ directives: false, lineWidth: 0 });
    })
    .join('---\n');
}

/** The alerts as an object of the Prometheus operator. */
function prometheusRule(rules: string): string {
  return toYaml([
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: {
        name: 'gateward',
        namespace: NAMESPACE,
        labels: { 'app.kubernetes.io/part-of': 'gateward' },
      },
      spec: z.unknown().parse(parse(rules)),
    },
  ]);
}

async function formatted(file: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(join(root, file))), filepath: file });
}

/** Every file that is derived from the policies or the schemas, with its text, by path from the root. */
async function derived(policies: readonly Policy[]): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  files.set(FILLERS, await formatted(FILLERS, fillersModule()));
  files.set(PLAIN_RULES, await formatted(PLAIN_RULES, plainRulesModule((await structures()).nodes)));
  const manifest = (name: string, text: string): void => {
    files.set(`deploy/${name}.generated.yaml`, DO_NOT_EDIT + text);
  };
  manifest('base/crds', renderManifests('crds', { policies }));
  manifest('base/rbac', renderManifests('rbac', { policies }));
  manifest('components/claims/rbac', toYaml(claimAccess(NAMESPACE)));
  manifest('base/webhooks', renderManifests('webhooks', { policies, profile: 'warn' }));
  const bundles = {
    audit: auditOnly(read('policies/baseline.yaml')),
    baseline: read('policies/baseline.yaml'),
    restricted: read('policies/restricted.yaml'),
  };
  manifest('base/policies', documentsConfigMap('policies.yaml', bundles.baseline));
  manifest('overlays/audit/policies', documentsConfigMap('policies.yaml', bundles.audit));
  manifest('overlays/enforce/policies', documentsConfigMap('policies.yaml', bundles.restricted));
  manifest('components/monitoring/prometheusrule', prometheusRule(read('deploy/components/monitoring/alerts.yaml')));
  for (const [name, text] of Object.entries(bundles)) files.set(`deploy/chart/files/${name}.generated.yaml`, text);
  const { version } = packageJson.parse(JSON.parse(read('package.json')));
  for (const [file, text] of chartFiles((file) => files.get(file) ?? read(file), version)) {
    files.set(file, file.endsWith('.md') ? await formatted(file, text) : text);
  }
  for (const policy of policies) {
    const page = `policies/${policy.id}/README.md`;
    const beside = (file: string): string => read(`policies/${policy.id}/${file}`);
    const texts = { example: beside('example.yaml'), tests: beside('tests.yaml') };
    files.set(page, await formatted(page, policyPage(policy, texts)));
  }
  if (existsSync(join(root, 'README.md'))) {
    const readme = read('README.md').replace(TABLE, () => `\n${policiesTable(policies)}\n\n`);
    files.set('README.md', await formatted('README.md', readme));
  }
  return files;
}

const isCheck = process.argv.includes('--check');
const stale: string[] = [];

/** Notes that a file is stale, and writes it. */
function settle(file: string, text: string): void {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  stale.push(file);
  if (isCheck) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

// The list first: all else follows from the policies in it.
settle(INDEX, await formatted(INDEX, indexModule()));
const { POLICIES } = await import('../policies/index.ts');
for (const [file, text] of await derived(POLICIES)) settle(file, text);
if (isCheck && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}\nrun npm run generate and commit what it writes`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? 'nothing to do' : `wrote ${stale.join(', ')}`);
}
