import { loadState } from '../cluster/state.ts';
import type { Log } from '../telemetry/index.ts';
import { OperatorError } from '../errors.ts';
import { fingerprintOf, settled } from './fingerprint.ts';
import { Reloading } from './reloading.ts';
import type { State } from './server.ts';

/**
 * The embedded state: manifests below a directory, all there is in this world, read again when they change. What cannot be read at the start
 * is told and left out; a change that brings new problems (a file half written) is not taken, since what it lacks would be denied.
 */
export async function fileState(directory: string, log: Log): Promise<State> {
  let known: ReadonlySet<string> | undefined;
  const source = await Reloading.start({
    fingerprint: settled(() => fingerprintOf([directory])),
    load: async () => {
      const { store, objects, problems, unnamed } = await loadState(directory);
      const fresh = problems.filter((problem) => known?.has(problem) !== true);
      const [first] = fresh;
      if (known !== undefined && first !== undefined) {
        throw new OperatorError('input/unreadable', { file: directory, problem: first });
      }
      if (objects === 0 && first !== undefined) {
        throw new OperatorError('input/unreadable', { file: directory, problem: first });
      }
      const lines = [...problems, ...unnamed];
      for (const problem of lines) if (known?.has(problem) !== true) log.warn('left out of the state', { problem });
      known = new Set(lines);
      return store;
    },
  });
  return {
    snapshot: () => source.value,
    reader: undefined,
    claims: undefined,
    waitingFor: () => [],
    stale: () => (source.problem === undefined ? [] : [`state not reloaded: ${source.problem}`]),
    notes: () => [],
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
