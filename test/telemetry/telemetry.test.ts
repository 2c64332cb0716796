import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { policySet, type Exemption } from '../../src/engine/index.ts';
import { createLog, createMetrics, type ReviewRecord } from '../../src/telemetry/index.ts';
import { temporaryFolder } from '../support/certificates.ts';
import { memoryLog, series } from '../support/serving.ts';
import { toySet } from '../support/toyPolicy.ts';

const record: ReviewRecord = {
  webhook: 'validate',
  uid: 'u1',
  operation: 'CREATE',
  kind: 'HTTPRoute',
  namespace: '',
  name: 'web',
  dryRun: false,
  allowed: true,
  rules: [],
  related: [],
  errors: [],
  stale: [],
  milliseconds: 1.23456,
};

const DAY = 86_400_000;
const over: Exemption = {
  name: 'over',
  policies: [{ kind: 'Toy', name: 'b', rules: [] }],
  match: { names: [] },
  reason: 'moves',
  ticket: undefined,
  expires: 0,
};

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

describe('the log', () => {
  it('leaves out what there is nothing to say about', () => {
    const { log, lines } = memoryLog();
    log.review(record);
    expect(lines).toEqual([
      {
        level: 30,
        time: expect.any(String) as string,
        webhook: 'validate',
        uid: 'u1',
        operation: 'CREATE',
        kind: 'HTTPRoute',
        object: 'web',
        allowed: true,
        ms: 1.235,
        msg: 'review',
      },
    ]);
  });

  it('A51 shows at most 16 entries of a list, each short and in printable ASCII', () => {
    const { log, lines } = memoryLog();
    log.review({
      ...record,
      dryRun: true,
      rules: Array.from({ length: 18 }, (_, at) => `r${at}`),
      errors: [`é${'x'.repeat(300)}`],
    });
    const [line] = lines;
    expect([line?.['dryRun'], line?.['rules'], line?.['errors']]).toEqual([
      true,
      [...Array.from({ length: 16 }, (_, at) => `r${at}`), 'and 2 more'],
      [`\\u00e9${'x'.repeat(250)}...`],
    ]);
  });

  it('A51 stays below 8 KiB though every text is hostile and long', () => {
    const { log, text } = memoryLog();
    const hostile = '"\u0000'.repeat(50_000);
    const list = Array.from({ length: 40 }, () => hostile);
    log.review({
      ...record,
      operation: hostile,
      kind: hostile,
      namespace: hostile,
      name: hostile,
      rules: list,
      related: list,
      errors: list,
      stale: list,
    });
    expect(text()).toMatch(/^[\x20-\x7e]{1000,8191}\n$/);
  });

  it('writes what it holds when it is told to, and by itself after a moment', async () => {
    const file = join(temporaryFolder(), 'log');
    const log = createLog(file, 'info');
    log.info('first');
    log.flush();
    while (!textOf(file).includes('first')) await pause(10);
    log.info('second');
    expect(textOf(file)).not.toContain('second');
    while (!textOf(file).includes('second')) await pause(10);
  });

  it('F16 keeps 4 MiB for a pipe that nobody reads, and goes on when somebody does', async () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    const log = createLog(pipe, 'info');
    for (let at = 0; at < 100; at += 1) log.info(`${at} `.padEnd(100_000, 'x'));
    const piece = Buffer.alloc(64 * 1024);
    let text = '';
    while (!text.includes('"msg":"last"')) {
      try {
        text += piece.toString('latin1', 0, readSync(reader, piece));
      } catch {
        // There is nothing to read at the moment.
        log.info('last');
        log.flush();
        await pause(10);
      }
    }
    closeSync(reader);
    expect(text).toContain('"msg":"0 x');
    expect(text.length).toBeLessThan(5 * 1024 * 1024);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'F16 lets a process end that could not write it, and breaks nothing meanwhile',
    async () => {
      const script = `
      import { createLog } from '${join(import.meta.dirname, '../../src/telemetry/index.ts')}';
      process.on('uncaughtException', (error) => console.log(String(error)));
      const log = createLog('/dev/full', 'info');
      for (let at = 0; at < 3; at += 1) {
        log.info('lost');
        log.flush();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      console.log('done');`;
      const args = ['--conditions=source', '--input-type=module', '-e', script];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
      expect(stdout).toBe('done\n');
    },
  );

  it('keeps silent below its level', async () => {
    const file = join(temporaryFolder(), 'log');
    const log = createLog(file, 'error');
    log.review(record);
    log.warn('warned');
    log.error('failed', new Error('why'));
    log.flush();
    while (textOf(file) === '') await pause(10);
    const lines = textOf(file).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string; err: { message: string } }).err.message)).toEqual([
      'why',
    ]);
  });
});

describe('the metrics', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tell the documents in force, and forget those that are not', async () => {
    const metrics = createMetrics();
    metrics.policies({ set: toySet({ a: { action: 'Deny' }, b: {} }), expired: [over, over] });
    metrics.policies({ set: toySet({ b: { action: 'Audit' } }), expired: [over] });
    const text = await metrics.registry.metrics();
    expect(text.split('\n').filter((line) => /^gateward_(policy|exempt)/.test(line))).toEqual([
      'gateward_policy_info{policy="toy",document="b",action="Audit"} 1',
      'gateward_exemptions{state="active"} 0',
      'gateward_exemptions{state="expired"} 1',
      'gateward_exemptions{state="expiring"} 0',
    ]);
  });

  it('tell the exemptions that end while the documents are in force', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const metrics = createMetrics();
    const exemptions = [1, 8, 30].map((day) => ({ ...over, expires: day * DAY }));
    metrics.policies({ set: policySet([], exemptions), expired: [over] });
    const told: unknown[] = [];
    for (const day of [0, 1, 2, 8, 30]) {
      vi.setSystemTime(day * DAY);
      const states = ['active', 'expired', 'expiring'];
      told.push(await Promise.all(states.map((state) => series(metrics, `gateward_exemptions{state="${state}"}`))));
    }
    expect(told).toEqual([
      [3, 1, 1],
      [2, 2, 0],
      [2, 2, 1],
      [1, 3, 0],
      [0, 4, 0],
    ]);
  });

  it('ask for the state of kinds when they are read', async () => {
    const metrics = createMetrics();
    let age = 1;
    let kind = 'Service';
    metrics.observeKinds(() => [{ kind, objects: 3, age, relists: 4, version: 7, whole: age < 2 }]);
    expect(await series(metrics, 'gateward_snapshot_age_seconds{kind="Service"}')).toBe(1);
    expect(await series(metrics, 'gateward_snapshot_whole{kind="Service"}')).toBe(1);
    age = 3;
    expect(await series(metrics, 'gateward_snapshot_age_seconds{kind="Service"}')).toBe(3);
    expect(await series(metrics, 'gateward_snapshot_whole{kind="Service"}')).toBe(0);
    expect(await series(metrics, 'gateward_snapshot_objects{kind="Service"}')).toBe(3);
    expect(await series(metrics, 'gateward_snapshot_relists_total{kind="Service"}')).toBe(4);
    expect(await series(metrics, 'gateward_snapshot_resource_version{kind="Service"}')).toBe(7);
    kind = 'Namespace';
    const text = await metrics.registry.metrics();
    expect(text.split('\n').filter((line) => line.startsWith('gateward_snapshot_objects'))).toEqual([
      'gateward_snapshot_objects{kind="Namespace"} 3',
    ]);
  });

  it('count reloads from zero, so that the first that fails is an increase', async () => {
    const metrics = createMetrics();
    metrics.reload('failure');
    const fresh = await createMetrics().registry.metrics();
    const reloads = (text: string): readonly string[] =>
      text.split('\n').filter((line) => line.startsWith('gateward_config_reload_total'));
    expect([reloads(fresh), reloads(await metrics.registry.metrics())]).toEqual([
      ['gateward_config_reload_total{result="success"} 0', 'gateward_config_reload_total{result="failure"} 0'],
      ['gateward_config_reload_total{result="success"} 0', 'gateward_config_reload_total{result="failure"} 1'],
    ]);
  });

  it('A53 put what they do not know under other', async () => {
    const metrics = createMetrics();
    metrics.review('mutate', 'EVIL', 'Evil', true, 0.002);
    metrics.shed('bytes');
    metrics.reload('failure');
    expect(
      await series(
        metrics,
        'gateward_admission_requests_total{webhook="mutate",operation="other",kind="other",allowed="true"}',
      ),
    ).toBe(1);
    expect(await series(metrics, 'gateward_admission_duration_seconds_bucket{le="0.0025",webhook="mutate"}')).toBe(1);
    expect(await series(metrics, 'gateward_admission_duration_seconds_bucket{le="0.001",webhook="mutate"}')).toBe(0);
    expect(await series(metrics, 'gateward_admission_shed_total{reason="bytes"}')).toBe(1);
    expect(await series(metrics, 'gateward_config_reload_total{result="failure"}')).toBe(1);
  });
});
