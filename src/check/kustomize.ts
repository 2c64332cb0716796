import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { objectsOf, valueAt } from '#gateway';
import { findFiles, readFiles, type TextFile } from '../cluster/files.ts';
import { identityOf, type ObjectIdentity, type Origin, type Relocate } from '../cluster/manifests.ts';
import { OperatorError } from '../errors.ts';
import { tellLines, type Io } from '../telemetry/io.ts';
import { readYaml } from '../yaml/index.ts';

const run = promisify(execFile);

/** The most that is read of what kustomize prints, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;
const KUSTOMIZATION = /^(?:kustomization\.ya?ml|Kustomization)$/;
/** Fields of a kustomization whose entries are files or directories with objects. */
const SOURCES = ['resources', 'bases', 'components'];

/** What kustomize makes of a directory, and where that was written. */
export interface Rendering {
  readonly file: TextFile;
  readonly relocate: Relocate;
}

/** An object of a file that a kustomization is made of. */
interface Source extends Omit<Origin, 'range'> {
  readonly identity: ObjectIdentity;
  readonly value: unknown;
}

/**
 * Renders a directory with `kubectl kustomize` or `kustomize build`. An object is looked up in the file that its origin annotation names
 * (`buildMetadata: [originAnnotations]`), else in all the files that the kustomization is made of; one that is in none of them stays where
 * it was rendered. Throws {@link OperatorError}: `usage/invalid` when there is no such command, `input/unreadable` when it fails.
 */
export async function renderKustomization(directory: string, command: string, io: Io): Promise<Rendering> {
  const text = await build(directory, command, io);
  const sources = await sourcesOf(directory, io.cwd);
  return {
    file: { name: `<kustomize ${directory}>`, text },
    relocate: (origin, value) => {
      const source = sourceOf(value, sources, directory, io.cwd);
      if (source === undefined) return { ...origin, range: undefined };
      return {
        ...source,
        range: undefined,
        // What a patch has changed stands in no file as it is: the object itself is shown.
        locate: (path, part) =>
          isDeepStrictEqual(valueAt(source.value, path), valueAt(value, path))
            ? source.locate(path, part)
            : source.locate(['metadata', 'name'], part),
      };
    },
  };
}

/** Standard output of the first command there is. */
async function build(directory: string, called: string, io: Io): Promise<string> {
  const path = resolve(io.cwd, directory);
  const commands = [
    ['kubectl', 'kustomize', path],
    ['kustomize', 'build', path],
  ] as const;
  for (const [command, ...args] of commands) {
    try {
      const { stdout, stderr } = await run(command, args, { cwd: io.cwd, env: io.env, maxBuffer: MAX_OUTPUT });
      tellLines(io.stderr, stderr);
      return stdout;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue;
      throw new OperatorError('input/unreadable', { file: directory, problem: failureOf(command, error) }, error);
    }
  }
  const problem = 'neither kubectl nor kustomize is on PATH, and -k needs one of them';
  throw new OperatorError('usage/invalid', { problem, command: called });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function failureOf(command: string, error: unknown): string {
  if (codeOf(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `renders to more than ${MAX_OUTPUT >> 20} MiB`;
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return `${command}: ${lines.at(-1)?.replace(/^error: /i, '') ?? 'failed'}`;
}

/** The objects of every local file that a kustomization is made of. */
async function sourcesOf(directory: string, cwd: string): Promise<readonly Source[]> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    if (seen.has(folder)) return;
    seen.add(folder);
    const names = await readdir(folder).catch(() => []);
    const own = names.filter((name) => KUSTOMIZATION.test(name)).map((name) => join(folder, name));
    for await (const file of readFiles(own, cwd)) {
      if (!('text' in file)) continue;
      const value = readYaml(file.text).documents[0]?.value;
      const entries = SOURCES.flatMap((field) => valueAt(value, [field]) ?? []);
      for (const entry of entries) if (typeof entry === 'string') await enter(join(folder, entry));
    }
  };
  const enter = async (path: string): Promise<void> => {
    // A remote base is no path here, and a directory holds a kustomization of its own.
    const found = await readdir(path).catch(() => undefined);
    if (found !== undefined) await visit(path);
    else files.add(relative(cwd, path));
  };
  await visit(resolve(cwd, directory));
  const sources: Source[] = [];
  const { files: readable } = await findFiles([...files], cwd);
  for await (const file of readFiles(readable, cwd)) {
    if (!('text' in file)) continue;
    const yaml = readYaml(file.text);
    for (const document of yaml.documents) {
      for (const { value, path: base } of objectsOf(document.value)) {
        sources.push({
          file: file.name,
          document: document.index,
          base,
          source: undefined,
          locate: (path, part) => document.locate([...base, ...path], part),
          lineAt: yaml.lineAt,
          identity: identityOf(value),
          value,
        });
      }
    }
  }
  return sources;
}

/** The source of a rendered object: of its kind and file, with the name that its own begins or ends with; undefined when several are. */
function sourceOf(value: unknown, sources: readonly Source[], directory: string, cwd: string): Source | undefined {
  const { kind, name, namespace } = identityOf(value);
  const origin = originPath(value);
  const file = origin === undefined ? undefined : relative(cwd, resolve(cwd, directory, origin));
  const ofKind = sources.filter(
    (source) => source.identity.kind === kind && (file === undefined || source.file === file),
  );
  const exact = ofKind.filter(({ identity }) => identity.name === name);
  const near = ofKind.filter(({ identity }) => identity.name !== '' && name.includes(identity.name));
  const candidates = exact.length > 0 ? exact : near;
  if (candidates.length < 2) return candidates[0];
  const longest = Math.max(...candidates.map(({ identity }) => identity.name.length));
  const best = candidates.filter(({ identity }) => identity.name.length === longest);
  const sameNamespace = best.filter(({ identity }) => identity.namespace === namespace);
  return best.length === 1 ? best[0] : sameNamespace.length === 1 ? sameNamespace[0] : undefined;
}

/** The file that kustomize says an object is from, seen from the rendered directory; undefined for one of another repository too. */
function originPath(value: unknown): string | undefined {
  const annotation = valueAt(value, ['metadata', 'annotations', 'config.kubernetes.io/origin']);
  if (typeof annotation !== 'string') return undefined;
  const origin = readYaml(annotation).documents[0]?.value;
  const path = valueAt(origin, ['path']);
  return typeof path === 'string' && valueAt(origin, ['repo']) === undefined ? path : undefined;
}
