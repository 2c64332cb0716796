import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ERRORS } from '../../src/errors.ts';

const root = resolve(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const present = tracked.filter((file) => existsSync(join(root, file)));

describe('the repository', () => {
  test('holds no key, certificate, machine path or registry host', () => {
    const forbidden = [
      /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----\n[A-Za-z0-9+/]/,
      /\/(?:work|root|home)\/[a-z]+\//,
      /(?:registry\.npmjs|proxy\.golang|repo1?\.maven|deb\.debian|crates\.io|files\.pythonhosted)/,
    ];
    const guilty = present
      .filter((file) => !file.startsWith('test/repo/'))
      .filter((file) => forbidden.some((pattern) => pattern.test(text(file))));
    expect(guilty).toEqual([]);
  });

  test('has no folder or file of leftovers', () => {
    expect(
      tracked.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|misc|types)(?:\/|\.[cm]?[jt]s$)/.test(file)),
    ).toEqual([]);
  });

  test('says of each source folder what it does', () => {
    const folders = new Set(
      tracked.filter((file) => /^src\/[^/]+\//.test(file)).map((file) => file.split('/').slice(0, 2).join('/')),
    );
    const silent = [...folders].filter((folder) => {
      const index = `${folder}/index.ts`;
      return !(present.includes(index) && text(index).startsWith('/**')) && !present.includes(`${folder}/README.md`);
    });
    expect(silent).toEqual([]);
  });

  test('ends no sentence of the code with a promise', () => {
    const code = present.filter((file) => /\.(?:ts|js|sh)$/.test(file) && !file.startsWith('test/repo/'));
    expect(code.filter((file) => /\b(?:TODO|FIXME|XXX|for now|not implemented)\b/i.test(text(file)))).toEqual([]);
  });

  test('keeps the lockfile free of download addresses', () => {
    expect(text('package-lock.json')).not.toMatch(/"resolved"/);
  });

  test('names each policy folder by its id, with page, example and tests', () => {
    const folders = new Set(
      tracked.filter((file) => /^policies\/[^/]+\//.test(file)).map((file) => basename(dirname(file))),
    );
    const incomplete = [...folders].filter((id) =>
      ['policy.ts', 'README.md', 'example.yaml', 'tests.yaml'].some(
        (file) => !present.includes(`policies/${id}/${file}`),
      ),
    );
    expect(incomplete).toEqual([]);
  });

  test('tries one and the same route at admission and in a pull request', () => {
    const { request } = z
      .object({ request: z.object({ name: z.string(), object: z.unknown() }) })
      .parse(JSON.parse(text('deploy/example/review.json')));
    expect([request.name, request.object]).toEqual(['checkout', load(text('deploy/example/route.yaml'))]);
  });

  test('documents every error code', () => {
    const readme = text('README.md');
    expect(Object.keys(ERRORS).filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });
});
