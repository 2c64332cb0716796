import { readFile, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '#gateway';
import type { Requester } from '#policy';
import { applyPatch, policySet, repair, toPointer, type PatchOperation, type PolicySet } from '../engine/index.ts';
import type { Manifest } from '../cluster/manifests.ts';
import { OperatorError, errorText, writeProblem } from '../errors.ts';
import type { TextEdit } from '../report/context.ts';
import { objectText, reportObject, type ReportFinding } from '../report/finding.ts';
import { Lines, readYaml } from '../yaml/index.ts';
import { creationOf, rebuild } from './judge.ts';
import { replaceFiles, type NewText } from '../output/replaceFile.ts';

/** A file with the fixes of its findings written into it. */
export interface FixedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** Objects that were mended in it. */
  readonly objects: number;
}

/** What `--fix` would do. */
export interface Fixes {
  readonly files: readonly FixedFile[];
  /** One line for each object whose fixes cannot be written, with the reason. */
  readonly refused: readonly string[];
}

/**
 * Writes the edits of findings into the texts of the files, as they come about in a world, of all policy documents, whether they mutate or only ask. Nothing is stored
 * here. A fix is taken only if the document reads afterwards just as the patch says and no other value in it has changed.
 */
export async function fixManifests(
  manifests: readonly Manifest[],
  world: Snapshot,
  set: PolicySet,
  now: number,
  cwd: string,
  requester: Requester | undefined,
): Promise<Fixes> {
  const fixing = policySet(
    set.policies.map((bound) => ({ ...bound, mutates: true })),
    set.exemptions,
  );
  const files: FixedFile[] = [];
  const refused: string[] = [];
  const written = manifests.filter(({ range }) => range !== undefined);
  for (const [file, own] of Map.groupBy(written, (manifest) => manifest.file)) {
    const patches = new Map<Manifest, readonly PatchOperation[]>();
    for (const manifest of own) {
      try {
        const subject = creationOf(manifest, requester);
        const { patch } = repair(subject, world, fixing, now, (raw) => rebuild(subject, raw));
        if (patch.length > 0) patches.set(manifest, patch);
      } catch (error) {
        refused.push(refusal(manifest, error));
      }
    }
    if (patches.size === 0) continue;
    const before = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
      throw new OperatorError('input/unreadable', { file, problem: 'has gone while it was judged' }, error);
    });
    const fixed = await fixText(before, patches);
    refused.push(...fixed.refused);
    if (fixed.after !== before)
      files.push({ file, before, after: fixed.after, objects: patches.size - fixed.refused.length });
  }
  return { files, refused };
}

/**
 * Stores fixed files, all or none: each is whole at every moment, keeps its mode, and is followed where it is a link. Throws
 * {@link OperatorError} when one cannot be written.
 */
export async function storeFixes({ files }: Fixes, cwd: string): Promise<void> {
  const texts = new Map<NewText, string>();
  let current = '';
  try {
    for (const { file, after } of files) {
      current = file;
      const path = await realpath(resolve(cwd, file));
      texts.set({ path, text: after, mode: (await stat(path)).mode }, file);
    }
    await replaceFiles([...texts.keys()], (text) => {
      current = texts.get(text) ?? current;
    });
  } catch (error) {
    const problem = `${writeProblem(error)}; nothing was mended`;
    throw new OperatorError('output/unwritable', { file: current, problem }, error);
  }
}

/** The text with the patches of its manifests, from the last document to the first, so that offsets hold. */
async function fixText(
  text: string,
  patches: ReadonlyMap<Manifest, readonly PatchOperation[]>,
): Promise<{ readonly after: string; readonly refused: readonly string[] }> {
  const mark = text.startsWith('\u{feff}') ? 1 : 0;
  const refused: string[] = [];
  let after = text;
  const byDocument = [...Map.groupBy(patches, ([manifest]) => manifest.document).values()];
  for (const own of byDocument.sort((a, b) => (b[0]?.[0].document ?? 0) - (a[0]?.[0].document ?? 0))) {
    const range = own[0]?.[0].range;
    if (range === undefined) continue;
    let chunk = text.slice(range.start + mark, range.end + mark);
    for (const [manifest, patch] of own) {
      try {
        chunk = await fixDocument(chunk, manifest, patch);
      } catch (error) {
        refused.push(refusal(manifest, error));
      }
    }
    after = `${after.slice(0, range.start + mark)}${chunk}${after.slice(range.end + mark)}`;
  }
  return { after, refused };
}

async function fixDocument(chunk: string, manifest: Manifest, patch: readonly PatchOperation[]): Promise<string> {
  const { editYaml } = await import('../yaml/edit.ts');
  const base = toPointer(manifest.base);
  const edits = patch.map((operation) => ({ ...operation, path: stepsOf(`${base}${operation.path}`) }));
  const fixed = editYaml(chunk, edits);
  const wanted = applyPatch(
    readYaml(chunk).documents[0]?.value,
    patch.map((operation) => ({ ...operation, path: `${base}${operation.path}` })),
  );
  const read = readYaml(fixed);
  if (read.problems.length > 0 || read.documents.length !== 1 || !isDeepStrictEqual(read.documents[0]?.value, wanted)) {
    throw new Error('it cannot be written without changing something else too');
  }
  return fixed;
}

/** How the fixes of findings in these manifests are written into their files, as they stand there now. */
export function textEdits(
  manifests: readonly Manifest[],
  cwd: string,
): (finding: ReportFinding) => Promise<TextEdit | undefined> {
  const key = (file: string, document: number, object: ReportFinding['object']): string =>
    [file, document, objectText(object)].join('\n');
  const byPlace = Map.groupBy(manifests, ({ file, document, object }) => key(file, document, reportObject(object)));
  const texts = new Map<string, Promise<{ readonly text: string; readonly lines: Lines }>>();
  const readText = async (file: string): Promise<{ readonly text: string; readonly lines: Lines }> => {
    const text = (await readFile(resolve(cwd, file), 'utf8')).replace(/^\u{feff}/u, '');
    return { text, lines: new Lines(text) };
  };
  return async ({ fix, place, object }) => {
    if (fix === undefined || place === undefined) return undefined;
    const [manifest, ...others] = byPlace.get(key(place.file, place.document, object)) ?? [];
    if (manifest?.range === undefined || others.length > 0) return undefined;
    const { file, range } = manifest;
    const read = texts.get(file) ?? readText(file);
    texts.set(file, read);
    try {
      const { text, lines } = await read;
      const before = text.slice(range.start, range.end);
      return changeOf(lines, range.start, before, await fixDocument(before, manifest, fix.patch));
    } catch {
      // Left to a person, as by --fix.
      return undefined;
    }
  };
}

/** What makes one text of another that begins at an offset, without what both begin and end with. */
function changeOf(lines: Lines, offset: number, before: string, after: string): TextEdit {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return {
    start: lines.positionAt(offset + head),
    end: lines.positionAt(offset + before.length - tail),
    text: after.slice(head, after.length - tail),
  };
}

/** The steps of a JSON Pointer (RFC 6901). */
function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function refusal(manifest: Manifest, error: unknown): string {
  const { kind, object, file } = manifest;
  const { line, column } = manifest.locate([]);
  const reason = errorText(error);
  return `${file}:${line}:${column}: ${kind} ${object.metadata.name} is left to you: ${reason}`;
}
