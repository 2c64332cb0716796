/** The alerts, by promtool; and that alerts, dashboard, runbooks and what the server counts know each other. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ShedReason } from '../../src/telemetry/metrics.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const monitoring = join(deploy, 'components/monitoring');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  labels: z.object({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const alerts = z
  .object({ groups: z.tuple([z.object({ rules: z.array(rule) })]) })
  .parse(parse(readFileSync(join(monitoring, 'alerts.yaml'), 'utf8'))).groups[0].rules;
const dashboard = z
  .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) })
  .parse(JSON.parse(readFileSync(join(monitoring, 'dashboard.json'), 'utf8')));

test.skipIf(!hasPromtool && process.env['GATEWARD_E2E'] !== 'required')(
  'promtool finds each alert raised when it should be',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'gateward-alerts-'));
    try {
      copyFileSync(join(monitoring, 'alerts.yaml'), join(dir, 'alerts.yaml'));
      copyFileSync(join(import.meta.dirname, 'alerts.promtool.yaml'), join(dir, 'tests.yaml'));
      expect(execFileSync('promtool', ['test', 'rules', 'tests.yaml'], { cwd: dir, encoding: 'utf8' })).toContain(
        'SUCCESS',
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);

test('every alert is tried, and has a runbook of its own', () => {
  const names = alerts.map(({ alert }) => alert).sort();
  const tried = readFileSync(join(import.meta.dirname, 'alerts.promtool.yaml'), 'utf8').matchAll(/alertname: (\w+)/g);
  expect([...new Set([...tried].map(([, name]) => name))].sort()).toEqual(names);
  expect(readdirSync(join(deploy, 'runbooks')).sort()).toEqual(names.map((name) => `${name}.md`));
  expect(alerts.map(({ annotations }) => annotations.runbook_url)).toEqual(
    alerts.map(({ alert }) => `https://gateward.dev/runbooks/${alert}`),
  );
});

test('the runbook of reviews that are turned away tells of each reason', () => {
  const reasons: readonly Exclude<ShedReason, 'unauthenticated'>[] = [
    'not-ready',
    'concurrency',
    'bytes',
    'queue',
    'deadline',
  ];
  const runbook = readFileSync(join(deploy, 'runbooks/GatewardSheds.md'), 'utf8');
  expect(reasons.filter((reason) => !runbook.includes(`\`${reason}\``))).toEqual([]);
});

test('alerts and dashboard ask for metrics that there are, and the dashboard shows what alerts fire on', () => {
  const namesIn = (text: string): readonly string[] =>
    [...text.matchAll(/\b(?:gateward|apiserver)_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));
  const shown = new Set(dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))));
  const fired = new Set(alerts.flatMap(({ expr }) => namesIn(expr)));
  expect([...fired].filter((name) => !shown.has(name))).toEqual([]);
  const counted = namesIn(readFileSync(resolve(deploy, '../src/telemetry/metrics.ts'), 'utf8'));
  const ours = [...shown].filter((name) => name.startsWith('gateward_'));
  expect(ours.filter((name) => !counted.includes(name))).toEqual([]);
});
