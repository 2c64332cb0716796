import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { styleText } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Policy } from '#policy';
import { MANIFEST_RULES } from '../cluster/manifests.ts';
import type { RenderContext, RuleInfo } from '../report/context.ts';
import { plain, type Paint } from '../report/paint.ts';
import type { Io } from '../telemetry/io.ts';

/** What a face that reports is given besides its options. */
export interface FaceDeps {
  /** Every policy there is. */
  readonly policies: readonly Policy[];
  /** Gateward's own version, for reports that name their tool. */
  readonly version: string;
}

/** What formats need to know of this process; `color` is what the user says of it, undefined for nothing. */
export function renderContext(
  { color }: { readonly color: boolean | undefined },
  io: Io,
  { policies, version }: FaceDeps,
): RenderContext {
  const root = repositoryRoot(io.cwd);
  return {
    face: 'check',
    paint: wantsColor(color, io) ? colours : plain,
    rules: rulesOf(policies),
    version,
    now: io.now(),
    packed: (text) => gzipSync(text).length,
    warn: (line) => {
      io.stderr(`warning: ${line}\n`);
    },
    fromRoot: (file) => {
      const path = relative(root, resolve(io.cwd, file));
      return file.startsWith('<') || path.startsWith('..') ? file : path.split(sep).join('/');
    },
  };
}

/** Every rule that a report may name, sorted by id. */
function rulesOf(policies: readonly Policy[]): readonly RuleInfo[] {
  const own = Object.entries(MANIFEST_RULES).map(([id, why]): RuleInfo => ({
    id: `manifest/${id}`,
    why,
    severity: id === 'duplicate' ? 'medium' : 'high',
    text: '',
    kind: '',
  }));
  const ofPolicies = policies.flatMap(({ id: policy, kind, messages }) =>
    [...messages].map(([id, { why, severity, text }]): RuleInfo => ({
      id: `${policy}/${id}`,
      why,
      severity,
      text,
      kind,
    })),
  );
  return [...own, ...ofPolicies].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The folder that holds `.git`, from the working directory upwards; without one the working directory. */
function repositoryRoot(cwd: string): string {
  for (let folder = cwd; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
  }
  return cwd;
}

function wantsColor(color: boolean | undefined, { env, isTTY }: Io): boolean {
  if (color !== undefined) return color;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTTY.stdout && env['TERM'] !== 'dumb';
}

const COLOURS = { error: 'magenta', deny: 'red', warn: 'yellow', audit: 'blue', faint: 'dim', strong: 'bold' } as const;

const colours: Paint = (what, text) => styleText(COLOURS[what], text, { validateStream: false });
