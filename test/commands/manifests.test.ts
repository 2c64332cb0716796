import { join } from 'node:path';
import { expect, test } from 'vitest';
import { POLICIES } from '../../policies/index.ts';
import { manifestsCommand } from '../../src/commands/manifests.ts';
import { testCa } from '../support/certificates.ts';
import { folderOf } from '../support/checkRun.ts';
import { testIo } from '../support/io.ts';

/** What `manifests` prints, or the line of its error. */
async function manifests(...words: readonly string[]): Promise<string> {
  const io = testIo();
  const policies = (): Promise<typeof POLICIES> => Promise.resolve(POLICIES);
  const command = manifestsCommand({ name: 'gateward', io, version: '1.2.3', root: '.', policies });
  try {
    await command.parseAsync(words, { from: 'user' });
    return io.out();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each([
  ['https://gateward.test', 'https://gateward.test'],
  ['https://gateward.test/', 'https://gateward.test'],
  ['https://[::1]:8443/a/b@c//', 'https://[::1]:8443/a/b@c'],
])('webhooks are called below the URL %s', async (url, base) => {
  const urls = [...(await manifests('webhooks', '--url', url)).matchAll(/ url: (.*)/g)].map(([, found]) => found);
  expect([...new Set(urls)].sort()).toEqual([`${base}/documents`, `${base}/mutate`, `${base}/validate`]);
});

test.each([
  'gateward.test',
  'http://gateward.test',
  'https:gateward.test',
  'https:///validate',
  'https://a@gateward.test',
  'https://gateward.test?a=b',
  'https://gateward.test/#',
  'https://gateward.test:99999',
  ' https://gateward.test',
  '',
])('the API server would not call webhooks at "%s"', async (url) => {
  expect(await manifests('webhooks', '--url', url)).toBe(
    `--url must be https://HOST[:PORT][/PATH], without user, query and fragment, not "${url}"`,
  );
});

test.each(['Team', 'a.b', '-a', 'a b', '', 'a'.repeat(64)])('"%s" is the name of no namespace', async (name) => {
  expect(await manifests('rbac', '--namespace', name)).toBe(`--namespace must be a DNS label, not "${name}"`);
});

test('a namespace may have a name of 63 characters', async () => {
  expect(await manifests('rbac', '--namespace', 'a'.repeat(63))).toContain(`namespace: ${'a'.repeat(63)}\n`);
});

test('--ca takes the certificates of a PEM file, and nothing else in it', async () => {
  const { pem } = await testCa();
  using folder = folderOf({
    'ca.crt': `# ours\n${pem}\n${pem}\n`,
    'text.crt': 'AA==\n',
    'broken.crt': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
    'empty.crt': '',
  });
  const bundle = (file: string): Promise<string> => manifests('webhooks', '--ca', join(folder.path, file));
  expect(await bundle('ca.crt')).toContain(`caBundle: ${Buffer.from(`${pem}\n${pem}\n`).toString('base64')}\n`);
  for (const file of ['text.crt', 'broken.crt', 'empty.crt']) {
    expect(await bundle(file)).toBe(`--ca ${folder.path}/${file}: holds no certificates in PEM`);
  }
  expect(await bundle('gone.crt')).toBe(`--ca ${folder.path}/gone.crt: no such file or directory`);
});
