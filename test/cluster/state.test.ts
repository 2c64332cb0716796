import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFiles } from '../../src/cluster/files.ts';
import { ManifestReader } from '../../src/cluster/manifests.ts';
import { loadState } from '../../src/cluster/state.ts';
import { GATEWAY_TEXT, folderOf, routeText } from '../support/checkRun.ts';

describe('files', () => {
  test('are found below directories, sorted, each once', async () => {
    const files = {
      'b.yml': '',
      'a.yaml': '',
      'c/d.json': '',
      'c/e.txt': '',
      '.git/f.yaml': '',
      'node_modules/g.yaml': '',
    };
    using folder = folderOf(files);
    expect(await findFiles(['.', 'c/e.txt', 'a.yaml', 'c/*.json'], folder.path)).toEqual({
      files: ['a.yaml', 'b.yml', 'c/d.json', 'c/e.txt'],
      problems: [],
      charts: [],
    });
  });

  test('of a mounted ConfigMap are found once', async () => {
    using folder = folderOf({});
    mkdirSync(join(folder.path, '..2027'));
    writeFileSync(join(folder.path, '..2027/a.yaml'), '');
    symlinkSync('..2027', join(folder.path, '..data'));
    symlinkSync('..data/a.yaml', join(folder.path, 'a.yaml'));
    expect((await findFiles([folder.path], '/')).files).toEqual([join(folder.path, 'a.yaml')]);
  });

  test('whose name looks like a pattern are files', async () => {
    using folder = folderOf({ 'a[1].yaml': '', 'a1.yaml': '', 'b/c*/d.yaml': '', 'b/cc/e.yaml': '' });
    expect((await findFiles(['a[1].yaml', 'b/c*'], folder.path)).files).toEqual(['a[1].yaml', 'b/c*/d.yaml']);
    expect((await findFiles(['a[0-1].yaml', 'b/c?'], folder.path)).files).toEqual([
      'a1.yaml',
      'b/c*/d.yaml',
      'b/cc/e.yaml',
    ]);
  });

  test('are found by patterns that lead out of the folder', async () => {
    using folder = folderOf({ 'a/b.yaml': '', 'c/d/e.yaml': '' });
    const { files } = await findFiles(['../../a/*.yaml', '../d/*'], join(folder.path, 'c/d'));
    expect(files).toEqual(['../../a/b.yaml', 'e.yaml']);
  });
});

describe('manifests', () => {
  const read = (text: string, namespace = 'default'): ManifestReader => {
    const reader = new ManifestReader(namespace);
    reader.add({ name: 'a.yaml', text });
    return reader;
  };

  test.each([
    ['none', routeText('a', 'a'), 'team', 'team'],
    ['an empty one', routeText('a', 'a', ', namespace: ""'), 'team', 'team'],
    ['null', routeText('a', 'a', ', namespace:'), 'team', 'team'],
    ['their own', routeText('a', 'a', ', namespace: own'), 'team', 'own'],
    ['one where none belongs', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a, namespace: own }\n', 'team', ''],
  ])('that name %s as namespace', (_name, text, given, expected) => {
    const { manifests, findings } = read(text, given).manifests;
    expect(findings).toEqual([]);
    expect(manifests.map(({ namespace, object }) => [namespace, object.metadata.namespace ?? ''])).toEqual([
      [expected, expected],
    ]);
  });

  test('are sent as written, but for the namespace', () => {
    const [manifest] = read(routeText('a', 'a.example.com')).manifests.manifests;
    expect(manifest?.raw).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'a', namespace: 'default' },
      spec: { parentRefs: [{ name: 'public' }], hostnames: ['a.example.com'] },
    });
  });

  test('of which only so many are wanted', () => {
    const reader = new ManifestReader('default', 2);
    reader.add({ name: 'a.yaml', text: ['a', 'b', 'c', 'd'].map((name) => routeText(name, 'a')).join('---\n') });
    const { manifests, beyond } = reader.manifests;
    expect([manifests.map(({ object }) => object.metadata.name), beyond]).toEqual([['a', 'b'], 2]);
  });

  test('of which very many cannot be read', () => {
    const told = (count: number): readonly string[] =>
      read('a: [\n---\n'.repeat(count)).manifests.findings.map(
        ({ message, at, origin }) => `${origin.document} ${at.line} ${message}`,
      );
    expect(told(100).at(-1)).toBe('99 200 unexpected end of the stream within a flow collection');
    expect(told(103)).toEqual([...told(100), '100 202 3 more documents cannot be read']);
  });

  test('whose name is still to be generated are no duplicates', () => {
    const text = routeText('a', 'a').replace('name: a ', 'generateName: a- ');
    const { manifests, findings } = read(`${text}---\n${text}`).manifests;
    expect([manifests.length, findings]).toEqual([2, []]);
  });

  test('items of a typed list take their kind from it', () => {
    const text = `apiVersion: v1\nkind: NamespaceList\nitems:\n- metadata: { name: a }\n- metadata: { name: b }\n`;
    const { manifests } = read(text).manifests;
    expect(manifests.map(({ kind, object, base }) => [kind, object.metadata.name, base])).toEqual([
      ['Namespace', 'a', ['items', 0]],
      ['Namespace', 'b', ['items', 1]],
    ]);
  });

  test.each([
    ['null', 'items: null', []],
    ['none', 'items: []', []],
    ['a map', 'items: {}', ['gateway.networking.k8s.io has no kind "HTTPRouteList"; did you mean "HTTPRoute"?']],
    ['no field', '', ['gateway.networking.k8s.io has no kind "HTTPRouteList"; did you mean "HTTPRoute"?']],
  ])('of a typed list whose items are %s', (_name, items, expected) => {
    const { findings } = read(`apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRouteList\n${items}\n`).manifests;
    expect(findings.map(({ message }) => message)).toEqual(expected);
  });
});

describe('a state folder', () => {
  test('is all there is; what is wrong in it is told and left out', async () => {
    const files = {
      'gw.yaml': GATEWAY_TEXT,
      'routes/a.yaml': `${routeText('a', 'a.example.com')}---\n${routeText('b', '')}---\na: [\n`,
      'routes/z.yaml': routeText('a', 'later.example.com'),
    };
    using folder = folderOf(files);
    const { store, objects, problems } = await loadState(folder.path);
    expect([store.sees('Gateway'), store.sees('Service'), objects]).toEqual(['all', 'all', 2]);
    expect(store.get('HTTPRoute', 'default', 'a')?.spec.hostnames).toEqual(['later.example.com']);
    expect(store.get('Gateway', 'default', 'public')?.spec.gatewayClassName).toBe('public');
    expect(problems.map((problem) => problem.slice(folder.path.length))).toEqual([
      '/routes/a.yaml:18:1: unexpected end of the stream within a flow collection',
      expect.stringMatching(/^\/routes\/a\.yaml:15:3: spec\.hostnames\[0\]: /),
      `/routes/z.yaml:3:19: HTTPRoute default/a stands here and at ${folder.path}/routes/a.yaml:3:19; when both are applied the later one wins`,
    ]);
  });

  test('tells of an object whose name is still to be generated', async () => {
    const text = routeText('a', 'a').replace('name: a ', 'generateName: a- ');
    using folder = folderOf({ 'a.yaml': `${routeText('b', 'b')}---\n${text}` });
    const { objects, problems, unnamed } = await loadState(folder.path);
    expect([objects, problems, unnamed]).toEqual([
      1,
      [],
      [`${folder.path}/a.yaml:11:13: HTTPRoute a-* has no name yet: no cluster holds such an object`],
    ]);
  });

  test('that is not there is a problem', async () => {
    using folder = folderOf({ a: '' });
    renameSync(join(folder.path, 'a'), join(folder.path, 'b'));
    expect((await loadState(join(folder.path, 'a'))).problems).toEqual([`${folder.path}/a: no such file or directory`]);
  });
});
