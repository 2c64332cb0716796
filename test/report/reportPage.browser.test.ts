import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  makeReport,
  plain,
  render,
  type RenderContext,
  type Report,
  type ReportFinding,
} from '../../src/report/index.ts';
import { describeInBrowser, type Open, type Opened } from '../support/browser.ts';
import { SMALL_WORLD, graphOf } from '../support/pictureWorlds.ts';

const RULES: RenderContext['rules'] = [
  'backend-references/backend-not-found',
  'hostname-ownership/not-owned',
  'reference-grants/unused',
].map((id) => ({ id, why: `Why ${id} is there.`, severity: 'high', text: '{{path}} is wrong', kind: 'Kind' }));

const context: RenderContext = {
  face: 'check',
  paint: plain,
  rules: RULES,
  version: '1.2.3',
  now: Date.parse('2027-01-01T00:00:00Z'),
  fromRoot: (file) => file,
  packed: (text) => text.length,
  warn: () => undefined,
  picture: () => Promise.resolve(graphOf(SMALL_WORLD)),
};

const counts = { objects: 12, others: 0, files: 3, skipped: 0 };

function finding(at: number, changes: Partial<ReportFinding>): ReportFinding {
  return {
    rule: 'hostname-ownership/not-owned',
    policy: 'hostname-ownership',
    document: 'public',
    action: 'Deny',
    effect: 'deny',
    severity: 'high',
    message: `number ${at} is wrong`,
    certain: true,
    relief: 'none',
    object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', namespace: 'shop', name: 'pay' },
    path: ['spec', 'hostnames', at],
    place: {
      file: 'shop routes.yaml',
      document: 0,
      line: 10 + at,
      column: 5,
      text: '  - pay.example.com',
      source: undefined,
    },
    related: [],
    fix: undefined,
    fingerprint: String(at).padStart(64, '0'),
    ...changes,
  };
}

const warning: Partial<ReportFinding> = {
  rule: 'backend-references/backend-not-found',
  policy: 'backend-references',
  action: 'Warn',
  effect: 'warn',
  severity: 'medium',
};
const grant: Partial<ReportFinding> = {
  rule: 'reference-grants/unused',
  policy: 'reference-grants',
  action: 'Audit',
  effect: 'audit',
  severity: 'low',
  object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'ReferenceGrant', namespace: 'pay', name: 'open' },
  place: undefined,
};

/** Ten findings: four denied, four warnings of which two are at a listener, two audited. */
const TEN: readonly ReportFinding[] = [
  ...[0, 1, 2, 3].map((at) => finding(at, {})),
  ...[4, 5].map((at) => finding(at, { ...warning, certain: false, relief: 'unverified' })),
  ...[6, 7].map((at) =>
    finding(at, {
      ...warning,
      object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', namespace: 'infra', name: 'public' },
      path: ['spec', 'listeners', 0],
    }),
  ),
  ...[8, 9].map((at) => finding(at, grant)),
];

function reportOf(findings: readonly ReportFinding[], changes: Partial<Report> = {}): Report {
  return makeReport({ findings, exempted: [], errors: [], expiredExemptions: [], counts, ...changes });
}

const NONE = reportOf([]);
const SOME = reportOf(TEN, { problems: ['absent.yaml: no such file'] });
const MANY = reportOf(
  Array.from({ length: 5000 }, (_, at) =>
    finding(at, { ...(at % 5 === 0 ? {} : warning), message: `number ${at} of ${at % 7}` }),
  ),
);

describeInBrowser('the report in a browser', (openText) => {
  const open = async (report: Report, options?: Parameters<Open>[1]): Promise<Opened> =>
    openText(await render('html', report, context), options);
  /** The last word but two of the messages that are to be seen: their numbers. */
  const numbers = (page: Page): Promise<readonly number[]> =>
    page
      .locator('#rows tr:visible')
      .evaluateAll((rows) => rows.map((row) => Number(/number (\d+)/.exec(row.textContent)?.[1])));
  const told = (page: Page): Promise<string | null> => page.locator('#shown').textContent();

  test.each([
    ['nothing', NONE],
    ['ten findings', SOME],
    ['5,000 findings', MANY],
  ])('with %s it is still and quiet, and as wide as the window', async (_name, report) => {
    for (const width of [1400, 400]) {
      const { page, complaints } = await open(report, { viewport: { width, height: 900 } });
      expect([complaints, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([[], width]);
    }
  });

  test('says first what it comes to', async () => {
    const heading = async (report: Report): Promise<readonly (string | null)[]> => {
      const { page } = await open(report);
      return [await page.getByRole('heading', { level: 1 }).textContent(), await page.title()];
    };
    expect(await heading(NONE)).toEqual(['Nothing to report', 'Gateward check: Nothing to report']);
    expect(await heading(SOME)).toEqual([
      '1 of 12 objects would be denied',
      'Gateward check: 1 of 12 objects would be denied',
    ]);
  });

  test('filters by each field and by words, and says how many there are', async () => {
    const { page, complaints } = await open(SOME);
    expect([await numbers(page), await told(page)]).toEqual([[0, 1, 2, 3, 6, 7, 4, 5, 8, 9], '10 findings']);
    const pick = async (label: string, option: string): Promise<readonly number[]> => {
      await page.getByLabel(label, { exact: true }).selectOption(option);
      const left = await numbers(page);
      await page.getByRole('button', { name: 'Reset' }).click();
      await expect.poll(() => told(page)).toBe('10 findings');
      return left;
    };
    expect(await pick('Outcome', 'warn')).toEqual([6, 7, 4, 5]);
    expect(await pick('Policy', 'hostname-ownership')).toEqual([0, 1, 2, 3]);
    expect(await pick('Namespace', 'infra')).toEqual([6, 7]);
    expect(await pick('Rule', 'reference-grants/unused')).toEqual([8, 9]);
    expect(await pick('Action of the document', 'Audit')).toEqual([8, 9]);
    await page.getByRole('searchbox', { name: 'Search' }).fill('WRONG hostnames[2]');
    expect([await numbers(page), await told(page)]).toEqual([[2], '1 of 10 findings']);
    await page.getByRole('searchbox').fill('nothing has these words');
    expect([await numbers(page), await told(page)]).toEqual([[], 'No finding matches']);
    expect(complaints).toEqual([]);
  });

  test('a count, a policy and a namespace lead to their findings, and the address remembers which', async () => {
    const { page, complaints } = await open(SOME);
    await page.getByRole('link', { name: '4 warnings' }).click();
    expect(await numbers(page)).toEqual([6, 7, 4, 5]);
    expect(await page.evaluate('location.hash')).toBe('#?outcome=warn');
    await page.getByRole('link', { name: 'pay', exact: true }).click();
    expect(await numbers(page)).toEqual([8, 9]);
    await page.reload();
    expect([await numbers(page), await page.getByLabel('Namespace', { exact: true }).inputValue()]).toEqual([
      [8, 9],
      'pay',
    ]);
    expect(complaints).toEqual([]);
  });

  test('sorts by a column, the other way at the second click', async () => {
    const { page } = await open(SOME);
    const sort = async (name: string): Promise<readonly [string | null, readonly number[]]> => {
      await page.getByRole('button', { name, exact: true }).click();
      const head = page.getByRole('columnheader', { name, exact: true });
      return [await head.getAttribute('aria-sort'), await numbers(page)];
    };
    expect(await page.getByRole('columnheader', { name: 'Outcome' }).getAttribute('aria-sort')).toBe('ascending');
    expect(await sort('Rule')).toEqual(['ascending', [6, 7, 4, 5, 0, 1, 2, 3, 8, 9]]);
    expect(await sort('Rule')).toEqual(['descending', [8, 9, 0, 1, 2, 3, 6, 7, 4, 5]]);
    expect(await sort('Object')).toEqual(['ascending', [6, 7, 8, 9, 0, 1, 2, 3, 4, 5]]);
    expect(await page.locator('th[aria-sort]').count()).toBe(1);
  });

  test('a box of the picture shows its findings and leads to them', async () => {
    const { page, complaints } = await open(SOME);
    const box = page.getByRole('link', { name: /^Findings of HTTPRoute shop\/pay;/ });
    expect(await box.locator('.findings').textContent()).toBe('● 4 denied, 2 warnings');
    await box.click();
    expect([await numbers(page), await told(page)]).toEqual([[0, 1, 2, 3, 4, 5], '6 of 10 findings']);
    await page.getByRole('button', { name: /^Only about HTTPRoute shop\/pay/ }).click();
    expect(await told(page)).toBe('10 findings');
    await page.getByRole('link', { name: /^Findings of Listener web;/ }).press('Enter');
    expect(await numbers(page)).toEqual([6, 7]);
    expect(await page.locator('#picture').textContent()).toContain('2 findings are about what is not drawn');
    expect(complaints).toEqual([]);
  });

  test('thousands are shown by pages, and found in a moment', async () => {
    const { page, complaints } = await open(MANY);
    expect([await page.locator('#rows tr').count(), await told(page)]).toEqual([50, '5,000 findings, 1 to 50 shown']);
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await told(page)).toBe('5,000 findings, 51 to 100 shown');
    await page.getByRole('searchbox').fill('hostnames[4999]');
    expect([await numbers(page), await told(page)]).toEqual([[4999], '1 of 5,000 findings']);
    expect(await page.getByRole('group', { name: 'Pages' }).isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('an address of one finding opens it, wherever it is', async () => {
    const { page } = await open(MANY);
    await page.evaluate('location.hash = "f4321"');
    await expect.poll(() => page.locator('#f4321').isVisible()).toBe(true);
    expect(await page.locator('#f4321 details').getAttribute('open')).toBe('');
  });

  test('the keyboard reaches everything, and focus is to be seen', async () => {
    const { page } = await open(SOME);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the findings');
    await page.keyboard.press('Enter');
    const order: string[] = [];
    for (let at = 0; at < 9; at += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.evaluate('document.activeElement.name || document.activeElement.textContent'));
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    }
    expect(order).toEqual(['text', 'outcome', 'policy', 'namespace', 'rule', 'action', 'Reset', 'Outcome', 'Severity']);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('columnheader', { name: 'Severity' }).getAttribute('aria-sort')).toBe('ascending');
  });

  test('every control has a name, every id is there once, every inner link has an end', async () => {
    const { page } = await open(SOME);
    const nameless = await page.evaluate<
      readonly string[]
    >(`[...document.querySelectorAll('input, select, button, a, summary')]
      .filter((one) => (one.labels?.[0]?.textContent ?? one.getAttribute('aria-label') ?? one.textContent).trim() === '').map((one) => one.outerHTML)`);
    expect(nameless).toEqual([]);
    const wrong = await page.evaluate<readonly string[]>(`(() => {
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      const links = [...document.querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute('href').slice(1));
      return [...ids.filter((id, at) => ids.indexOf(id) !== at), ...links.filter((id) => !ids.includes(id))];
    })()`);
    expect(wrong).toEqual([]);
    expect(await page.getByRole('table', { name: 'Findings, the gravest first' }).count()).toBe(1);
    expect(
      await page.evaluate('[...document.querySelectorAll("h1, h2, h3")].map((one) => one.tagName).join(" ")'),
    ).toBe('H1 H2 H2 H2 H2 H2 H2 H3 H3 H3');
  });

  test('a rule leads to its help in the page', async () => {
    const { page } = await open(SOME);
    await page.getByRole('link', { name: 'hostname-ownership/not-owned' }).first().click();
    const help = page.locator('#rule-hostname-ownership-not-owned');
    expect(await help.isVisible()).toBe(true);
    expect(await help.textContent()).toContain('Why hostname-ownership/not-owned is there.');
    expect(await help.getByRole('link', { name: 'page of the policy' }).getAttribute('href')).toBe(
      'https://gateward.dev/rules/hostname-ownership',
    );
  });

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test('all text stands out from what is behind it', async () => {
      const { page } = await open(SOME, { colorScheme });
      await page.locator('#rows summary').first().click();
      expect(await page.evaluate<readonly string[]>(FAINT_TEXTS)).toEqual([]);
    });
  });

  test('on paper it is light, without controls, and has every finding that is chosen', async () => {
    const { page } = await open(MANY, { colorScheme: 'dark' });
    await page.getByLabel('Outcome', { exact: true }).selectOption('deny');
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator('#rows tr').count()).toBe(1000);
    expect(await page.locator('#filter').isVisible()).toBe(false);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.locator('#rows tr').count()).toBe(50);
  });

  test('is whole without script', async () => {
    const { page } = await open(MANY, { javaScriptEnabled: false });
    expect(await page.locator('#rows tr').last().isVisible()).toBe(true);
    expect(await page.locator('#rows tr').count()).toBe(5000);
    expect(await page.locator('#filter').isVisible()).toBe(false);
    await page.getByRole('link', { name: /^Findings of HTTPRoute shop\/pay/ }).click();
    expect(page.url()).toMatch(/#f0$/);
  });

  test('foreign text stays text, and a script that gets in all the same would not run', async () => {
    const hostile = '</script><img src=x onerror="document.title=1"><b>&lt;';
    const report = reportOf([
      finding(0, { message: hostile, document: hostile, fix: { description: hostile, patch: [] } }),
      finding(1, { object: { apiVersion: 'v1', kind: hostile, namespace: 'a"&b', name: hostile } }),
    ]);
    const { page, complaints } = await open(report);
    expect(await page.locator('img, main b b').count()).toBe(0);
    expect(await page.locator('#f1 td:nth-child(5) p').textContent()).toBe(hostile);
    await page.getByLabel('Namespace', { exact: true }).selectOption('a"&b');
    expect(await numbers(page)).toEqual([1]);
    expect(complaints).toEqual([]);
    await page.evaluate(
      'const s = document.createElement("script"); s.textContent = "document.title=2"; document.body.append(s)',
    );
    expect(await page.title()).toBe('Gateward check: 2 of 12 objects would be denied');
    expect(complaints.join('\n')).toContain('Content Security Policy');
  });
});

/** Texts of the page whose contrast is below 4.5 (WCAG 2, AA), each with its colours; what is drawn in SVG stands on its nearest box. */
const FAINT_TEXTS = `(() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      if (at.matches('.node')) return channels(getComputedStyle(at.querySelector('.box')).fill);
      if (at.matches('.group')) return channels(getComputedStyle(document.querySelector('.frame')).fill);
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text !== null; text = walk.nextNode()) {
    const element = text.parentElement;
    if (text.textContent.trim() === '' || !element.checkVisibility() || element.closest('script, title, button:disabled') !== null) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(channels(element.closest('svg') === null ? style.color : style.fill)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(text.textContent.trim().slice(0, 40) + ' ' + contrast.toFixed(2));
  }
  return faint;
})()`;
