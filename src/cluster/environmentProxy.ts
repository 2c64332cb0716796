import { BlockList, isIP } from 'node:net';

/** The variables that name a proxy, and the servers that are reached without one. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy by which the environment has a server reached, as kubectl and all programs in Go read it (golang.org/x/net/http/httpproxy):
 * HTTPS_PROXY, for a server of plain HTTP HTTP_PROXY, unless NO_PROXY names the server. Undefined for none: this machine is always reached directly.
 */
export function environmentProxy(server: string, environment: ProxyEnvironment): string | undefined {
  const url = URL.parse(server);
  if (url === null) return undefined;
  const { protocol, hostname, port } = url;
  const proxy = variable(environment, protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = hostname.replace(/^\[|\]$/g, '');
  if (proxy === '' || isLoopback(host)) return undefined;
  const served = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const isExcepted = variable(environment, 'NO_PROXY')
    .split(',')
    .some((entry) => excepts(entry.trim().toLowerCase(), host, served));
  if (isExcepted) return undefined;
  return /^(?:https?|socks5h?):\/\//.test(proxy) ? proxy : `http://${proxy}`;
}

function variable(environment: ProxyEnvironment, name: string): string {
  return environment[name] ?? environment[name.toLowerCase()] ?? '';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || isIn(host, '127.0.0.0', 8) || isIn(host, '::1', 128);
}

/** Whether an entry of NO_PROXY means a host: `*`, an address, a range of addresses, or a name with all below it; each but a range maybe with a port. */
function excepts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [address = '', prefix] = entry.split('/');
  if (prefix !== undefined) return /^\d{1,3}$/.test(prefix) && isIn(host, address, Number(prefix));
  // An IPv6 address without brackets has no port.
  const parts = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(entry);
  const name = parts === null ? entry : (parts[1] ?? parts[2] ?? '');
  const wanted = parts?.[3] ?? port;
  if (name === '' || wanted !== port) return false;
  if (isIP(name) !== 0) return isIn(host, name, isIP(name) === 6 ? 128 : 32);
  const below = name.startsWith('*.') ? name.slice(1) : name;
  return below.startsWith('.') ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
}

function isIn(host: string, address: string, prefix: number): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(host) !== isIP(address) || prefix > (family === 'ipv6' ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return range.check(host, family);
}
