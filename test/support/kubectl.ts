import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { binaries } from '../e2e/binaries.ts';

/** A `PATH` on which `kubectl` is: the tests' own, or one with the kubectl of the end-to-end tests. Undefined where there is none. */
export async function pathWithKubectl(): Promise<string | undefined> {
  const path = process.env['PATH'] ?? '';
  try {
    return `${dirname((await binaries()).kubectl)}:${path}`;
  } catch {
    return spawnSync('kubectl', ['version', '--client']).status === 0 ? path : undefined;
  }
}

/** The same for tests to which any kubectl is good: the one that is there, without waiting for another to be built. */
export async function pathWithAnyKubectl(): Promise<string | undefined> {
  const isThere = spawnSync('kubectl', ['version', '--client']).status === 0;
  return isThere ? (process.env['PATH'] ?? '') : pathWithKubectl();
}
