/** Where kube-apiserver, etcd and kubectl come from: `KUBEBUILDER_ASSETS`, or a Go build kept in `.cache/e2e/`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const CACHE = join(HERE, '../../.cache/e2e');
const GO_MODULE = join(HERE, 'apiserver');
const GO_ENV = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };

/** The executables of a cluster. Without `etcd`, `apiserver` is the Go program of `apiserver/`, which brings its own. */
export interface Binaries {
  readonly apiserver: string;
  readonly etcd?: string;
  readonly kubectl: string;
}

/** Whether a cluster can be started here, and if not, why, in one line. */
export type Availability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

let resolved: Promise<Binaries> | undefined;

/** Finds the executables, building them when necessary (minutes the first time). Rejects with a message of one line. */
export function binaries(): Promise<Binaries> {
  resolved ??= resolve();
  return resolved;
}

/** Whether the end-to-end tests can run on this machine. May take minutes, since it builds what is missing. */
export async function clusterAvailability(): Promise<Availability> {
  if (process.env['GATEWARD_E2E'] === 'off') return { ok: false, reason: 'GATEWARD_E2E is off' };
  try {
    await binaries();
    await crdRoot();
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The folder with `standard/` and `experimental/` of the pinned Gateway API bundle: `GATEWARD_E2E_CRDS`, or the Go module cache. */
export async function crdRoot(): Promise<string> {
  const given = process.env['GATEWARD_E2E_CRDS'];
  if (given) return given;
  return join(await moduleFolder('crds', 'sigs.k8s.io/gateway-api'), 'config/crd');
}

/** Where the Go module cache has a module that the `go.mod` of a folder beside this file pins. */
export async function moduleFolder(pins: string, module: string): Promise<string> {
  const cwd = join(HERE, pins);
  await go(['mod', 'download', module], cwd);
  const { stdout } = await go(['list', '-m', '-f', '{{.Dir}}', module], cwd);
  return stdout.trim();
}

/** The release of Helm with which the chart is tried. */
const HELM = 'v3.22.0';

/** Helm: `GATEWARD_HELM`, or built with Go and kept in `.cache/e2e/`. Rejects with a message of one line. */
export async function helmBinary(): Promise<string> {
  const given = process.env['GATEWARD_HELM'];
  if (given) return given;
  if (!(await onPath('go'))) throw new Error('no Helm: set GATEWARD_HELM to its executable, or install Go');
  const folder = join(CACHE, `helm-${HELM}`);
  const built = join(folder, 'helm');
  await mkdir(CACHE, { recursive: true });
  const release = await lock(`${folder}.lock`, () => isExecutable(built));
  if (!release) return built;
  const partial = `${folder}.${process.pid}.tmp`;
  try {
    await go(['install', '-trimpath', '-ldflags', '-s -w', `helm.sh/helm/v3/cmd/helm@${HELM}`], tmpdir(), {
      GOBIN: partial,
    });
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    return built;
  } finally {
    await rm(partial, { recursive: true, force: true });
    await release();
  }
}

async function resolve(): Promise<Binaries> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (!assets) return build();
  const found = {
    apiserver: join(assets, 'kube-apiserver'),
    etcd: join(assets, 'etcd'),
    kubectl: join(assets, 'kubectl'),
  };
  for (const file of Object.values(found)) {
    if (!(await isExecutable(file)))
      throw new Error(`KUBEBUILDER_ASSETS is set, but ${file} is not an executable file`);
  }
  return found;
}

/** Builds the Go module once for each version of its sources, however many processes ask at the same time. */
async function build(): Promise<Binaries> {
  if (!(await onPath('go'))) {
    throw new Error(
      'no API server: set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl, or install Go',
    );
  }
  const sources = await Promise.all(
    ['go.mod', 'go.sum', 'main.go'].map((name) => readFile(join(GO_MODULE, name), 'utf8')),
  );
  const key = createHash('sha256')
    .update([...sources, process.platform, process.arch].join('\0'))
    .digest('hex')
    .slice(0, 16);
  const folder = join(CACHE, key);
  const built = { apiserver: join(folder, 'apiserver'), kubectl: join(folder, 'kubectl') };
  await mkdir(CACHE, { recursive: true });
  const release = await lock(`${folder}.lock`, async () => isExecutable(built.kubectl));
  if (!release) return built;
  const partial = `${folder}.${process.pid}.tmp`;
  try {
    const [, version, major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(sources[0] ?? '') ?? [];
    if (!version || !major || !minor) throw new Error('test/e2e/apiserver/go.mod requires no k8s.io/kubernetes');
    const stamp = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor })
      .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
      .join(' ');
    await mkdir(partial, { recursive: true });
    const ldflags = `-s -w ${stamp}`;
    await go(
      ['build', '-trimpath', '-ldflags', ldflags, '-o', `${partial}/`, '.', 'k8s.io/kubernetes/cmd/kubectl'],
      GO_MODULE,
    );
    await rename(partial, folder);
    return built;
  } finally {
    await rm(partial, { recursive: true, force: true });
    await release();
  }
}

/** Takes the lock file, or waits until `done` says that its holder has done the work: then there is nothing to release. */
async function lock(file: string, done: () => Promise<boolean>): Promise<(() => Promise<void>) | undefined> {
  for (;;) {
    if (await done()) return undefined;
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      if (!(await done())) return () => rm(file, { force: true });
      await rm(file, { force: true }); // the last holder was done between our two looks
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder && !isAlive(holder)) await rm(file, { force: true });
    await sleep(250);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function go(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string }> {
  try {
    return await run('go', args, { cwd, env: { ...GO_ENV, ...env }, maxBuffer: 1 << 26 });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`go ${args[0] ?? ''} failed: ${stderr.split('\n').at(-1) ?? ''}`, { cause: error });
  }
}

async function onPath(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const hits = await Promise.all(folders.map((folder) => isExecutable(join(folder, command))));
  return hits.includes(true);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
