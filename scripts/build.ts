/**
 * `npm run build`: bundles the program into `dist/`, one file for each part that is loaded on demand. A small `check` from single modules spends
 * most of its time on finding and linking them. What only a server or a cluster needs stays in `node_modules`, unbundled, but for the client
 * library: its credentials are a hundredth of it, and all of it takes 55 MiB.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');

const UNBUNDLED = ['@peculiar/x509', 'fastify', 'pino', 'prom-client', 'reflect-metadata', 'undici'];

/** Modules that only some runs need, and that take long to load: a chunk takes them when it first uses them. */
const LAZY =
  /^(?:let|const) (?:\w+ = require\("node:(?:child_process|crypto|fs\/promises|v8|zlib)"\)|require_re2js = require\("[^"]+"\));$/gm;

/** Writes the program into a folder, which is emptied first. */
export async function buildProgram(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await build({
    cwd: ROOT,
    input: { bin: 'src/bin.ts' },
    platform: 'node',
    external: UNBUNDLED,
    // Its thousands of models do nothing when they are loaded, which nobody but us can know.
    treeshake: { moduleSideEffects: (id) => !id.includes('/@kubernetes/client-node/') },
    // CommonJS: reaching Node's own modules through `import` makes all of their exports, streams and web cryptography among them.
    output: {
      dir: folder,
      format: 'cjs',
      // One character outside of Latin 1 makes V8 hold the whole file in twice the memory.
      charset: 'ascii',
      comments: { jsdoc: false, annotation: false, legal: true },
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      codeSplitting: { groups: [{ name: 're2js', test: /[\\/]node_modules[\\/]re2js[\\/]/ }] },
    },
    plugins: [
      {
        name: 'lazy-modules-of-node',
        renderChunk: (code) =>
          code.replace(LAZY, (line) => line.replace(/= (.*);$/, '= new Proxy({}, { get: (_, name) => $1[name] });')),
      },
    ],
    logLevel: 'warn',
  });
}

if (import.meta.main) await buildProgram(join(ROOT, 'dist'));
