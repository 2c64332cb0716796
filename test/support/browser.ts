import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { chromium, type Browser, type Page } from 'playwright-core';

/** The browser: `CHROMIUM`, or `chromium` of the PATH; undefined when there is none. */
function browserPath(): string | undefined {
  const named = process.env['CHROMIUM'];
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
  return [...(named === undefined || named === '' ? [] : [named]), ...found].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A page from disk, without a network; `complaints` collects errors and whatever it asks for but itself. */
export interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens the text of a page. */
export type Open = (text: string, options?: Parameters<Browser['newContext']>[0]) => Promise<Opened>;

/** A suite with a browser; skipped with a word where there is none, unless `GATEWARD_E2E=required`. */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  const executablePath = browserPath();
  const isSkipped = executablePath === undefined && process.env['GATEWARD_E2E'] !== 'required';
  if (isSkipped) console.warn(`${name}: skipped, there is no chromium on PATH and none in CHROMIUM`);

  describe.skipIf(isSkipped)(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateward-page-'));
    let browser: Browser;

    beforeAll(async () => {
      if (executablePath === undefined) throw new Error('GATEWARD_E2E=required, but there is no chromium on PATH');
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true });
      await browser.close();
    });

    tests(async (text, options = {}) => {
      const file = join(mkdtempSync(join(folder, 'x-')), 'page.html');
      writeFileSync(file, text);
      const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 900 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      const url = pathToFileURL(file).href;
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (request.url() !== url) complaints.push(request.url());
      });
      await page.goto(url);
      return { page, complaints };
    });
  });
}
