import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { GATEWAY_TEXT, check, commit, findingsOf, folderOf, routeText, suffixDocument } from '../support/checkRun.ts';

const DENY = { 'p/a.yaml': suffixDocument('{ action: Deny }') };
const policies = ['p'];

/** Before: one route that breaks a rule, one that keeps it, one that must not go. */
const BEFORE = {
  'm/gw.yaml': GATEWAY_TEXT,
  'm/old.yaml': routeText('old', 'old.other.com'),
  'm/good.yaml': routeText('good', 'good.example.com'),
  'm/kept.yaml': routeText('kept', 'kept.example.com', ', labels: { keep: "yes" }'),
};

/** After: the first is left as it was, the second breaks the rule now, the third is gone, a fourth is new. */
function change(folder: string): void {
  writeFileSync(join(folder, 'm/good.yaml'), routeText('good', 'good.other.com'));
  writeFileSync(join(folder, 'm/new.yaml'), routeText('new', 'new.other.com'));
  rmSync(join(folder, 'm/kept.yaml'));
}

const expected = (old: string): readonly string[] => [
  'm/good.yaml:7:5 deny suffix/foreign HTTPRoute default/good spec.hostnames[0]',
  'm/new.yaml:7:5 deny suffix/foreign HTTPRoute default/new spec.hostnames[0]',
  'm/old.yaml:7:5 warn suffix/foreign HTTPRoute default/old spec.hostnames[0]',
  `${old}m/kept.yaml:1:1 deny suffix/still-used HTTPRoute default/kept `,
];

describe('--old judges the change', () => {
  test('from a directory', async () => {
    using folder = folderOf({ ...DENY, ...BEFORE });
    using before = folderOf(BEFORE);
    change(folder.path);
    const run = await check(folder.path, { policies, paths: ['m'], old: before.path, output: ['json'] });
    expect([run.code, [...findingsOf(run)].sort()]).toEqual([1, [...expected(`${before.path}/`)].sort()]);
  });

  test.each([[['m']], [['./m/']], [['m/*.yaml']], [['.']]])('from a git revision, for the paths %j', async (paths) => {
    using folder = folderOf({ ...DENY, ...BEFORE });
    commit(folder.path);
    change(folder.path);
    const run = await check(folder.path, { policies, paths, old: 'HEAD', output: ['json'] });
    expect([run.code, [...findingsOf(run)].sort()]).toEqual([1, [...expected('HEAD:')].sort()]);
  });

  test('what was there before is a warning that says so', async () => {
    using folder = folderOf({ ...DENY, ...BEFORE });
    const { code, stdout } = await check(folder.path, { policies, paths: ['m'], old: 'm' });
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      'm/old.yaml:7:5  warn  suffix/foreign  HTTPRoute default/old  (was there before)',
    ]);
  });

  test('what cannot be parsed was never applied', async () => {
    using folder = folderOf({ ...DENY, ...BEFORE, 'bad/a.yaml': 'a: [\n' });
    const { code, stderr } = await check(folder.path, { policies, paths: ['m'], old: 'bad' });
    expect([code, stderr]).toEqual([
      1,
      'warning: bad/a.yaml:2:1: unexpected end of the stream within a flow collection; what it held counts as new\n',
    ]);
  });

  const classText = (controller: string, description: string): string =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: { name: public }\nspec:\n  controllerName: ${controller}\n  description: ${description}\n`;
  test.each([
    [
      'what a CRD lets nobody change',
      'example.com/b',
      'a',
      1,
      ['m/class.yaml:5:19 deny manifest/schema GatewayClass /public spec.controllerName'],
    ],
    ['what it lets change', 'example.com/a', 'b', 0, []],
  ])('%s', async (_name, controller, description, code, expected) => {
    using folder = folderOf({
      ...DENY,
      'old/class.yaml': classText('example.com/a', 'a'),
      'm/class.yaml': classText(controller, description),
    });
    const run = await check(folder.path, { policies, paths: ['m'], old: 'old', output: ['json'] });
    expect([run.code, findingsOf(run)]).toEqual([code, expected]);
  });

  test('an object without a name stood there before too', async () => {
    const route = routeText('web', 'a.example.com').replace('name: web', 'generateName: web-');
    const ingress = (labels: string): string =>
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, labels: { ${labels} } }\nspec: { rules: [{ host: a.example.com }] }\n`;
    using folder = folderOf({
      'p/a.yaml':
        'apiVersion: gateward.dev/v1alpha1\nkind: IngressCutover\nmetadata: { name: own }\nspec: { action: Deny }\n',
      'old/a.yaml': route,
      'old/b.yaml': ingress('a: b'),
      'm/a.yaml': `${routeText('first', 'b.example.com')}---\n${route}`,
      'm/b.yaml': ingress('a: c'),
    });
    const options = { policies, paths: ['m/b.yaml', 'm/a.yaml'], old: 'old', output: ['json'] };
    const run = await check(folder.path, options, { policies: POLICIES });
    expect(findingsOf(run).filter((line) => line.includes('Ingress'))).toEqual([
      'm/b.yaml:4:25 warn ingress-cutover/same-hostname Ingress default/web spec.rules[0].host',
    ]);
  });
});
