import {
  REFERRING_KINDS,
  asGrant,
  planGrants,
  type GrantPlan,
  type KindName,
  type NamedGrant,
  type Snapshot,
} from '#gateway';
import { named, storeOf } from '../cluster/state.ts';
import { EXIT } from '../errors.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../telemetry/io.ts';
import { writeYaml } from '../yaml/write.ts';
import type { CheckOptions } from './options.ts';
import { readManifests } from './readManifests.ts';

/** What `gateward grants` is told. */
export interface GrantsOptions extends Pick<CheckOptions, 'paths' | 'kustomize' | 'stdinFilename' | 'namespace'> {
  /** A whole cluster, in place of files. */
  readonly cluster?: Snapshot;
  /** Says what would change instead of printing the grants. */
  readonly diff: boolean;
  readonly output: 'yaml' | 'json';
}

/**
 * `gateward grants`: prints the least ReferenceGrants that the references in use need, ready to apply; with `diff` what to add, change and
 * remove to get there. Gives the exit code: `EXIT.findings` for a difference. Throws an `OperatorError` when there is nothing to read.
 */
export async function runGrants(options: GrantsOptions, io: Io): Promise<number> {
  const { snapshot, code } =
    options.cluster === undefined ? await fromFiles(options, io) : { snapshot: options.cluster, code: EXIT.clean };
  const plan = planGrants(snapshot);
  const changes = plan.steps.filter(({ action }) => action !== 'keep');
  if (options.output === 'json') {
    io.stdout(`${JSON.stringify({ grants: plan.grants.map(asGrant), steps: plan.steps }, undefined, 2)}\n`);
  } else io.stdout(options.diff ? describeSteps(plan) : plan.grants.map(toYaml).join(''));
  if (options.cluster === undefined && changes.some(({ action }) => action !== 'add')) {
    io.stderr('note: only these files were seen; a grant may serve objects elsewhere, which --cluster shows\n');
  }
  return options.diff && changes.length > 0 ? Math.max(EXIT.findings, code) : code;
}

async function fromFiles(
  options: GrantsOptions,
  io: Io,
): Promise<{ readonly snapshot: Snapshot; readonly code: number }> {
  const { manifests, code } = await readManifests(options, 'grants', io);
  // A referrer whose name is still to be generated refers too; a grant without a name cannot be told to be kept.
  const counted = manifests.filter(({ kind, object }) => object.metadata.name !== '' || isReferrer(kind));
  return { snapshot: storeOf(named(counted), 'some'), code };
}

function isReferrer(kind: KindName): boolean {
  return REFERRING_KINDS.some((referring) => referring === kind);
}

/** A YAML document. What nothing grants today is said above it: to apply it is a decision, not a clean-up. */
function toYaml(grant: NamedGrant): string {
  const fresh = grant.to.filter(({ isGranted }) => !isGranted).map(({ kind, name }) => `${kind} ${name}`);
  const comment = fresh.length === 0 ? '' : `# Not granted today, though referred to: ${visible(fresh.join(', '))}\n`;
  return `---\n${comment}${writeYaml(asGrant(grant))}`;
}

function describeSteps({ steps }: GrantPlan): string {
  const marks = { keep: '=', add: '+', change: '~', remove: '-' } as const;
  return steps
    .map(
      ({ action, namespace, name, why }) =>
        `${visible(`${marks[action]} ReferenceGrant ${namespace}/${name}: ${why}`)}\n`,
    )
    .join('');
}
