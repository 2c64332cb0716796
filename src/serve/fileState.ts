import type { Snapshot } from '../gateway/index.ts';
import { OperatorError } from '../errors.ts';
import { fingerprintOf } from './folder.ts';
import { Reloading } from './reloading.ts';
import type { State } from './server.ts';
import type { Log } from '../telemetry/index.ts';

/** The embedded state: manifests in files and directories, all there is in this world, read again when they change. */
export async function fileState(
  paths: readonly string[],
  load: (paths: readonly string[]) => Promise<Snapshot>,
  log: Log,
): Promise<State> {
  const source = await Reloading.start({
    fingerprint: async () => {
      try {
        return await fingerprintOf(paths);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        throw new OperatorError('input/unreadable', { file: paths.join(', '), problem }, error);
      }
    },
    load: () => load(paths),
  });
  return {
    snapshot: () => source.value,
    reader: undefined,
    waitingFor: () => [],
    notes: () => (source.problem === undefined ? [] : [`state not reloaded: ${source.problem}`]),
    kinds: () => [],
    check: async () => {
      const result = await source.check();
      if (result === 'changed') log.info('reloaded', { what: 'state' });
      if (result === 'refused')
        log.warn('not reloaded: the last good one stays', { what: 'state', problem: source.problem });
    },
    follow: () => undefined,
    close: () => Promise.resolve(),
  };
}
