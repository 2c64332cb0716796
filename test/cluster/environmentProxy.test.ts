import { describe, expect, test } from 'vitest';
import { environmentProxy } from '../../src/cluster/environmentProxy.ts';

const PROXY = 'http://proxy.example.com:3128';

describe('the proxy of the environment', () => {
  test.each([
    ['https://api.example.com:6443', {}, undefined],
    ['https://api.example.com:6443', { HTTPS_PROXY: PROXY }, PROXY],
    ['https://api.example.com:6443', { https_proxy: PROXY }, PROXY],
    ['https://api.example.com:6443', { HTTP_PROXY: PROXY }, undefined],
    ['http://api.example.com', { HTTP_PROXY: PROXY }, PROXY],
    ['https://api.example.com', { HTTPS_PROXY: 'proxy:8080' }, 'http://proxy:8080'],
    ['https://api.example.com', { HTTPS_PROXY: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
    ['https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://127.0.0.2:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['https://[::2]:6443', { HTTPS_PROXY: PROXY }, PROXY],
    ['no server', { HTTPS_PROXY: PROXY }, undefined],
  ])('to %s with %j is %s', (server, environment, proxy) => {
    expect(environmentProxy(server, environment)).toBe(proxy);
  });

  // The rows of one entry of NO_PROXY: what it excepts, and the neighbour that it does not.
  test.each([
    ['*', ['https://a.example.com', 'https://10.0.0.1'], []],
    ['', [], ['https://a.example.com']],
    [
      'example.com',
      ['https://example.com', 'https://a.b.example.com:6443'],
      ['https://notexample.com', 'https://example.org'],
    ],
    ['EXAMPLE.com', ['https://example.com'], []],
    ['.example.com', ['https://a.example.com'], ['https://example.com']],
    ['*.example.com', ['https://a.example.com'], ['https://example.com']],
    ['*example.com', [], ['https://a.example.com', 'https://aexample.com']],
    ['example.com:6443', ['https://example.com:6443', 'https://a.example.com:6443'], ['https://example.com']],
    ['example.com:443', ['https://example.com'], ['https://example.com:6443']],
    [':443', [], ['https://example.com']],
    ['10.0.0.1', ['https://10.0.0.1:6443'], ['https://10.0.0.2']],
    ['10.0.0.1:6443', ['https://10.0.0.1:6443'], ['https://10.0.0.1']],
    ['10.0.0.0/8', ['https://10.255.0.1'], ['https://11.0.0.1', 'https://example.com']],
    ['10.0.0.0/33', [], ['https://10.0.0.0']],
    ['10.0.0.0/x', [], ['https://10.0.0.0']],
    ['2001:db8::/32', ['https://[2001:db8:1::1]:6443'], ['https://[2001:db9::1]', 'https://10.0.0.1']],
    ['2001:db8::1', ['https://[2001:db8::1]'], ['https://[2001:db8::2]']],
    ['[2001:db8::1]:6443', ['https://[2001:db8::1]:6443'], ['https://[2001:db8::1]']],
    ['example.org, example.com ', ['https://example.com', 'https://example.org'], ['https://example.net']],
  ])('NO_PROXY=%s', (entry, direct, byProxy) => {
    const environment = { HTTPS_PROXY: PROXY, NO_PROXY: entry };
    expect([...direct, ...byProxy].map((server) => [server, environmentProxy(server, environment)])).toEqual([
      ...direct.map((server) => [server, undefined]),
      ...byProxy.map((server) => [server, PROXY]),
    ]);
  });
});
