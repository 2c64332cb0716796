import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const IN_CEL = 'says it in CEL for the API server; test/e2e/backstop.test.ts holds that against the model';

/**
 * What only the model in src/gateway may work out. A tell-tale is text that a second implementation could hardly do without; the files that
 * have it for another reason are named with that reason, and the list must be exact, so that a pattern that matches nothing is seen.
 */
const TELLTALES: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly others: Readonly<Record<string, string>>;
}[] = [
  {
    what: 'hostname intersection: suffixes behind a wildcard',
    pattern: /'\*\.'|"\*\."|endsWith\([^)]*(?:suffix|hostname)/i,
    others: {
      'policies/hostname-ownership/backstop.ts': IN_CEL,
      'src/cluster/environmentProxy.ts': 'reads NO_PROXY, whose names mean others than hostnames of Gateway API',
    },
  },
  {
    what: 'attachment: which namespaces and kinds a listener admits',
    pattern: /allowedRoutes/,
    others: {
      'policies/listener-safety/backstop.ts': IN_CEL,
      'policies/listener-safety/policy.ts': 'judges the field itself: too open, no selector, a kind that cannot attach',
      'policies/namespace-gate/policy.ts': 'collects the label keys that selectors read',
    },
  },
  {
    what: 'ListenerSets: which namespaces a Gateway admits',
    pattern: /\.allowedListeners/,
    others: {
      'policies/listener-safety/policy.ts': 'judges the field itself',
    },
  },
  {
    what: 'grants: the pairs that a ReferenceGrant opens',
    pattern: /spec\.(?:from|to)\b/,
    others: {
      'policies/reference-grants/backstop.ts': IN_CEL,
      'policies/reference-grants/kinds.ts': 'finds misspelt kinds',
      'policies/reference-grants/usage.ts': 'finds entries that nothing uses, by the grants of the model',
    },
  },
];

function findings(pattern: RegExp, files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].filter(([, text]) => pattern.test(withoutComments(text))).map(([file]) => file);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').replace(/^\s*text: .*$/gm, '');
}

const files = new Map(
  globSync(['src/**/*.ts', 'policies/**/*.ts'], { cwd: root })
    .filter((file) => !file.startsWith('src/gateway/'))
    .sort()
    .map((file) => [file, readFileSync(resolve(root, file), 'utf8')]),
);

describe('intersection, attachment and grants are worked out in src/gateway and nowhere else', () => {
  test.each(TELLTALES.map((telltale) => [telltale.what, telltale] as const))('%s', (_what, { pattern, others }) => {
    expect(findings(pattern, files)).toEqual(Object.keys(others));
  });

  test.each([
    ["if (route.hostname.startsWith('*.')) return listener.endsWith(suffix);", 0],
    ['const { from } = listener.allowedRoutes?.namespaces ?? {};', 1],
    ['return gateway.spec.allowedListeners?.namespaces?.from === "All";', 2],
    ['return grant.spec.from.some((entry) => entry.kind === kind);', 3],
  ])('a second implementation is found: %s', (text, at) => {
    const { pattern } = TELLTALES[at] ?? { pattern: /$^/ };
    expect(findings(pattern, new Map([['planted.ts', text]]))).toEqual(['planted.ts']);
    expect(findings(pattern, new Map([['planted.ts', `/** ${text} */`]]))).toEqual([]);
  });
});
