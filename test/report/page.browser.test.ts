import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { renderPicture, type Graph } from '../../src/report/graph/index.ts';
import { describeInBrowser, type Open, type Opened } from '../support/browser.ts';
import { SMALL_WORLD, graphOf, largeWorld, route } from '../support/pictureWorlds.ts';

describeInBrowser('the page in a browser', (openText) => {
  const open = async (graph: Graph, options?: Parameters<Open>[1]): Promise<Opened> =>
    openText(await renderPicture('html', graph), options);

  /** The titles of the boxes that are to be seen, in the order of the picture. */
  const boxes = (page: Page): Promise<readonly string[]> =>
    page
      .locator('.node:visible')
      .evaluateAll((all) => all.map((box) => box.getAttribute('aria-label')?.split('; ')[0] ?? ''));
  const focus = (page: Page): Promise<string> =>
    page.evaluate(
      'document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.textContent',
    );

  test('is still and quiet: no error, no warning, no request', async () => {
    const { page, complaints } = await open(graphOf(SMALL_WORLD));
    await page.locator('.node').first().click();
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('Gateway API status');
  });

  test('the filter keeps what matches with what it is connected with', async () => {
    const { page, complaints } = await open(graphOf(SMALL_WORLD));
    await page.getByRole('searchbox', { name: 'Find' }).fill('PAY.example');
    expect(await boxes(page)).toEqual([
      'GatewayClass public',
      'Gateway infra/public',
      'Listener web',
      'HTTPRoute shop/pay',
      'Service pay/api',
      'Service pay/ledger',
    ]);
    expect(await page.getByRole('status').textContent()).toBe(
      '1 of 25 boxes match; with what they are connected with, 6 are shown',
    );
    expect(await page.locator('.edge:visible').count()).toBe(5);
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByLabel('State').selectOption({ label: 'not managed' });
    await page.getByLabel('Kind').selectOption('HTTPRoute');
    expect(await boxes(page)).toEqual(['Service team/web', 'HTTPRoute team/idle', 'HTTPRoute team/mesh']);
    await page.getByRole('searchbox').fill('nothing has this name');
    expect(await boxes(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a namespace folds and unfolds, its lines end at its head', async () => {
    const { page, complaints } = await open(graphOf(SMALL_WORLD));
    const head = page.getByRole('button', { name: /^Routes of team/ });
    expect(await head.getAttribute('aria-expanded')).toBe('true');
    const all = await boxes(page);
    await head.click();
    expect(await head.getAttribute('aria-expanded')).toBe('false');
    expect(await boxes(page)).toEqual(all.filter((title) => !title.startsWith('HTTPRoute team/')));
    const ends = await page.locator('.edge.attaches:visible').count();
    expect(ends).toBeGreaterThan(3);
    await head.focus();
    await page.keyboard.press('Enter');
    expect(await boxes(page)).toEqual(all);
    await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    expect(await boxes(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a large world begins folded, and a problem of the list leads to its box', async () => {
    const { page, complaints } = await open(graphOf(largeWorld()));
    const height = (): Promise<number> => page.locator('svg.picture').evaluate((svg) => svg.clientHeight);
    expect(await boxes(page)).toEqual(['GatewayClass public', 'Gateway infra/public', 'Listener web', 'Listener alt']);
    expect(await height()).toBeLessThan(1000);
    await page.getByText(/^\d+ broken$/).click();
    await page.getByRole('link', { name: 'HTTPRoute team-00/route-17' }).click();
    expect(await boxes(page)).toContain('HTTPRoute team-00/route-17');
    const said = await page.getByRole('complementary', { name: 'Selected' }).locator('p').allTextContents();
    const missing = 'BackendNotFound: Service team-00/gone does not exist';
    expect(said).toEqual([
      'HTTPRoute team-00/route-17',
      'r17.team-00.example.com',
      'broken',
      'BackendNotFound: spec.rules[0].backendRefs[0]: Service team-00/gone does not exist',
      'Listener web → HTTPRoute team-00/route-17 · r17.team-00.example.com',
      'Listener alt → HTTPRoute team-00/route-17 · r17.team-00.example.com',
      `HTTPRoute team-00/route-17 → Service team-00/gone · port 80 · ${missing}`,
    ]);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    expect(await page.locator('.node:visible').count()).toBe(724);
    expect(await height()).toBeGreaterThan(10_000);
    expect(complaints).toEqual([]);
  });

  test('the keyboard reaches everything: controls in order, one stop in the picture, arrows inside', async () => {
    const { page, complaints } = await open(graphOf(SMALL_WORLD));
    const order: string[] = [];
    for (let at = 0; at < 7; at += 1) {
      await page.keyboard.press('Tab');
      order.push(await focus(page));
    }
    expect(order).toEqual(['text', 'namespace', 'kind', 'state', 'fold', 'unfold', 'Reset']);
    await page.locator('.head').first().focus();
    const walk: string[] = [];
    for (const key of [
      'ArrowDown',
      'ArrowDown',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowLeft',
      'End',
      'Home',
    ]) {
      await page.keyboard.press(key);
      walk.push((await focus(page)).split(';')[0] ?? '');
    }
    expect(walk).toEqual([
      'n0',
      'n1',
      'n5',
      'n6',
      'n14',
      'n6',
      'n13',
      'Gateways, ListenerSets, listeners of infra: 5, 2 broken',
    ]);
    expect(await page.locator('svg [tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('.node[aria-pressed="true"]').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.locator('.node[aria-pressed="true"]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('in the dark the colours are others, on paper they are light and the controls are gone', async () => {
    const { page } = await open(graphOf(SMALL_WORLD), { colorScheme: 'dark' });
    const paint = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.querySelector(".paper")).fill');
    const dark = await paint();
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await paint();
    expect({ dark, light }).toEqual({ dark: 'rgb(20, 23, 28)', light: 'rgb(255, 255, 255)' });
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    expect(await paint()).toBe(light);
    expect(await page.locator('#filter').isVisible()).toBe(false);
  });

  test('is whole without script', async () => {
    const { page } = await open(graphOf(SMALL_WORLD), { javaScriptEnabled: false });
    expect(await page.locator('.node').count()).toBe(25);
    expect(await page.locator('#filter').isVisible()).toBe(false);
    expect(await page.locator('.problem').first().isVisible()).toBe(true);
  });

  test('is as wide as the window at 400 pixels: only the picture scrolls', async () => {
    const { page } = await open(graphOf(SMALL_WORLD), { viewport: { width: 400, height: 800 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
  });

  test('foreign text stays text, and a script that gets in all the same would not run', async () => {
    const hostile = graphOf([...SMALL_WORLD, route('team/</script><img src=x onerror="document.title=1">', [], [])]);
    const { page, complaints } = await open(hostile);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.evaluate(
      'const s = document.createElement("script"); s.textContent = "document.title=2"; document.body.append(s)',
    );
    expect(await page.title()).toBe('Gateway API status');
    expect(complaints.join('\n')).toContain('Content Security Policy');
  });
});
