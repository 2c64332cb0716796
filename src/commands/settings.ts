import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ConfigProblem } from '../config/document.ts';
import type { ReadSettings, Settings } from '../config/settings.ts';
import { readProblem } from '../cluster/files.ts';
import { OperatorError } from '../errors.ts';
import type { Io } from '../telemetry/io.ts';

const FILE = '.gateward.yaml';
/** The commands whose `-o` takes the formats of reports. */
const REPORTING = ['check', 'audit'];
/** Options that share their name with a setting and mean something else: the namespace of Gateward, results of another kind. */
const OTHERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['doctor', ['namespace', 'failOn']],
  ['manifests', ['namespace']],
]);

/**
 * Fills in the options of a command that its caller left open: from `GATEWARD_*`, else from the nearest `.gateward.yaml`, looked for from
 * the working directory up to the root of the repository. Paths in the file are taken from its folder. Throws {@link OperatorError} for
 * settings that are not in order. The server has no settings: in a pod Kubernetes makes `GATEWARD_*` variables of its own.
 */
export async function applySettings(command: Command, io: Io): Promise<void> {
  if (command.name() === 'serve') return;
  const file = findFile(io.cwd);
  const isInEnvironment = Object.keys(io.env).some((name) => name.startsWith('GATEWARD_'));
  if (file === undefined && !isInEnvironment) return;
  const { settingsOfEnvironment, settingsOfFile } = await import('../config/settings.ts');
  const { formatProblem } = await import('../config/document.ts');
  const required = (read: ReadSettings): Settings => {
    if ('settings' in read) return read.settings;
    const [first, ...more] = read.problems.map((problem: ConfigProblem) => formatProblem(problem));
    throw new OperatorError('settings/invalid', { problem: [first, ...more].join('\n') });
  };
  const environment = settingsOfEnvironment(io.env);
  for (const hint of environment.hints) io.stderr(`warning: ${hint}\n`);
  fill(command, required(environment), 'env');
  if (file === undefined) return;
  const settings = required(settingsOfFile(relative(io.cwd, file), textOf(file, io.cwd)));
  fill(command, rebased(settings, dirname(file), io.cwd), 'config');
}

function findFile(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, FILE);
    if (existsSync(file)) return file;
    // Without a repository only the working directory speaks: what lies above it may be anybody's.
    if (existsSync(join(folder, '.git')) || !isInRepository(folder)) return undefined;
  }
}

function isInRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true;
  return folder !== dirname(folder) && isInRepository(dirname(folder));
}

function textOf(file: string, cwd: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const problem = `${relative(cwd, file)}: ${readProblem(error)}`;
    throw new OperatorError('settings/invalid', { problem }, error);
  }
}

/** The settings with their paths as seen from the working directory. */
function rebased(settings: Settings, folder: string, cwd: string): Settings {
  const seen = (path: string): string => relative(cwd, resolve(folder, path)) || '.';
  const { policies, output, baseline } = settings;
  return {
    ...settings,
    ...(policies === undefined ? {} : { policies: policies.map(seen) }),
    ...(output === undefined
      ? {}
      : { output: output.map((word) => word.replace(/=(?!-$)(.+)$/, (_all, path: string) => `=${seen(path)}`)) }),
    ...(baseline === undefined ? {} : { baseline: seen(baseline) }),
  };
}

function fill(command: Command, settings: Settings, source: 'env' | 'config'): void {
  for (const [name, value] of Object.entries(settings)) {
    const option = command.options.find((candidate) => candidate.attributeName() === name);
    // Other commands print other formats.
    const isMeant =
      (name !== 'output' || REPORTING.includes(command.name())) && OTHERS.get(command.name())?.includes(name) !== true;
    const isKnown = option !== undefined && isMeant;
    const given = command.getOptionValueSource(name);
    if (isKnown && (given === undefined || given === 'default')) command.setOptionValueWithSource(name, value, source);
  }
}
