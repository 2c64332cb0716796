import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { definePolicy, type Policy } from '#policy';
import { CHECK_DEFAULTS, runCheck, type CheckOptions } from '../../src/check/index.ts';
import { OperatorError } from '../../src/errors.ts';
import type { FaceDeps } from '../../src/output/context.ts';
import type { Io } from '../../src/telemetry/io.ts';

/** A folder with these files; it goes when `using` ends. */
export function folderOf(files: Readonly<Record<string, string>>): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'gateward-check-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Runs git in a folder, with a name to commit by and none of the machine's own settings. */
export function git(folder: string, ...args: readonly string[]): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  execFileSync('git', ['-c', 'user.email=a@example.com', '-c', 'user.name=a', ...args], {
    cwd: folder,
    env,
    stdio: 'pipe',
  });
}

/** Commits all that a folder holds, into a repository that is made when there is none, on the branch main. */
export function commit(folder: string): void {
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '-qm', 'All there is');
}

/** What a run of `check` came to. */
export interface CheckRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given besides its folder. */
export interface RunInput {
  readonly stdin?: string | Uint8Array;
  readonly policies?: readonly Policy[];
  readonly env?: Io['env'];
  /** RFC 3339; default the first moment of 2027. */
  readonly now?: string;
}

/** Runs a command in a folder; what it throws stands on stderr, as the command line tells it. */
export async function run(
  cwd: string,
  command: (io: Io, deps: FaceDeps) => Promise<number>,
  { stdin, policies = EXAMPLE_POLICIES, env = {}, now = '2027-01-01T00:00:00Z' }: RunInput = {},
): Promise<CheckRun> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    stdin: () => Promise.resolve(Buffer.from(stdin ?? '')),
    isTTY: { stdin: stdin === undefined, stdout: false, stderr: false },
    env,
    cwd,
    now: () => Date.parse(now),
  };
  try {
    return { code: await command(io, { policies, version: '1.2.3' }), stdout, stderr };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { code: error.exitCode, stdout, stderr: `${stderr}error: ${error.message}\n` };
  }
}

/** Runs `check` in a folder. */
export async function check(cwd: string, options: Partial<CheckOptions>, more: RunInput = {}): Promise<CheckRun> {
  return run(cwd, (io, deps) => runCheck({ ...CHECK_DEFAULTS, ...options }, io, deps), more);
}

/** The findings of a run with `-o json`, each as one line; and the summary. */
export function findingsOf({ stdout }: CheckRun): readonly string[] {
  const report = z
    .object({
      findings: z.array(
        z.object({
          rule: z.string(),
          effect: z.string(),
          certain: z.boolean(),
          path: z.string(),
          file: z.string(),
          line: z.number(),
          column: z.number(),
          object: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }).nullable(),
        }),
      ),
    })
    .parse(JSON.parse(stdout));
  return report.findings.map(({ rule, effect, certain, path, file, line, column, object }) =>
    [
      `${file}:${line}:${column}`,
      certain ? effect : `${effect}?`,
      rule,
      object === null ? '-' : `${object.kind} ${object.namespace}/${object.name}`,
      path,
    ].join(' '),
  );
}

/** Hostnames end in example.com; routes have a Gateway; a label is filled in where the document says Mutate. */
const suffix = definePolicy({
  id: 'suffix',
  kind: 'Suffix',
  summary: 'Hostnames end in a suffix, and Gateways exist.',
  subjects: ['HTTPRoute'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  reads: ['Gateway'],
  messages: {
    foreign: { text: '{{path}} "{{hostname}}" does not end in {{suffix}}', severity: 'high', why: 'Others own it.' },
    'no-gateway': { text: '{{path}} names no Gateway there is', severity: 'medium', why: 'It would serve nothing.' },
    unlabelled: { text: '{{path}} lacks the label checked', severity: 'low', why: 'Labels are read by others.' },
    'still-used': { text: 'the route is still in use', severity: 'low', why: 'It serves.' },
  },
  options: {
    suffix: z.string().default('.example.com'),
    label: z.enum(['Mutate', 'Require', 'Ignore']).default('Ignore'),
  },
  bind: ({ options }) => options,
  mutates: ({ label }) => label === 'Mutate',
  *evaluate({ operation, object, namespace }, { bound, find, snapshot }) {
    if (operation === 'DELETE') {
      if (object.metadata.labels?.['keep'] !== undefined) yield find('still-used', [], {});
      return;
    }
    if (object.metadata.annotations?.['poison'] !== undefined) throw new Error('poisoned');
    for (const [index, hostname] of (object.spec.hostnames ?? []).entries()) {
      if (hostname.endsWith(bound.suffix)) continue;
      const fix = {
        description: `use "shop${bound.suffix}"`,
        edits: [{ op: 'replace' as const, path: ['spec', 'hostnames', index], value: `shop${bound.suffix}` }],
      };
      yield find(
        'foreign',
        ['spec', 'hostnames', index],
        { hostname, suffix: bound.suffix },
        bound.label === 'Mutate' ? {} : { fix },
      );
    }
    for (const [index, { name, namespace: other = namespace }] of (object.spec.parentRefs ?? []).entries()) {
      if (snapshot.get('Gateway', other, name) !== undefined) continue;
      const restsOn = [{ kind: 'Gateway' as const, namespace: other, name }];
      yield find('no-gateway', ['spec', 'parentRefs', index, 'name'], {}, { restsOn });
    }
    const { labels } = object.metadata;
    if (bound.label !== 'Ignore' && labels?.['checked'] === undefined) {
      const edits =
        labels === undefined
          ? [{ op: 'add' as const, path: ['metadata', 'labels'], value: { checked: 'yes' } }]
          : [{ op: 'add' as const, path: ['metadata', 'labels', 'checked'], value: 'yes' }];
      yield find('unlabelled', ['metadata', 'labels'], {}, { fix: { description: 'add the label checked', edits } });
    }
  },
});

/** One small policy with a rule of each sort. */
export const EXAMPLE_POLICIES: readonly Policy[] = [suffix];

/** A document of the example policy. */
export function suffixDocument(spec: string, name = 'suffix'): string {
  return `apiVersion: gateward.dev/v1alpha1\nkind: Suffix\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

/** A route, as one line of YAML. */
export function routeText(name: string, hostname: string, more = ''): string {
  return [
    'apiVersion: gateway.networking.k8s.io/v1',
    'kind: HTTPRoute',
    `metadata: { name: ${name}${more} }`,
    'spec:',
    '  parentRefs: [{ name: public }]',
    '  hostnames:',
    `  - ${hostname}`,
    '',
  ].join('\n');
}

/** A Gateway of the default namespace. */
export const GATEWAY_TEXT = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public }
spec: { gatewayClassName: public, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;
