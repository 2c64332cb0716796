import { valueAt } from '#gateway';
import { documentStateDoor, type Installation, type Replica } from '../cluster/installation.ts';
import { documentSource } from './inForce.ts';
import { fail, ok, unknown, warn, type Line } from './line.ts';
import { ourWebhooks } from './ours.ts';

/** How old a renewal of the Lease may be beyond its duration, in milliseconds: clocks differ. */
const LATE = 45_000;
/** Silence of a kind that is told, in seconds: a watch gives a sign of life more often. */
const SILENT = 60;

/** Whether what Gateward judges by is up to date: its documents, its leader, what its pods say of themselves. */
export function stalenessLines(seen: Installation): readonly Line[] {
  return [...documentLines(seen), leaseLine(seen), ...readyLines(seen), ...viewLines(seen)];
}

function documentLines(seen: Installation): readonly Line[] {
  const check = 'documents/ready';
  const source = documentSource(seen);
  if ('unseen' in seen.documents) {
    return source === 'files' ? [] : [unknown(check, 'the policy documents', seen.documents.unseen)];
  }
  const all = seen.documents.value;
  if (source === 'files') {
    if (all.length === 0) return [];
    const message = `${all.length} policy documents stand in the cluster and are not in force: Gateward takes those of files`;
    return [warn(check, 'the policy documents', message, 'start serve with --policies-from-cluster, or delete them')];
  }
  if (all.length === 0) {
    if (source === undefined) return [];
    const message = 'there is none, and Gateward takes those of the cluster: it is not ready';
    return [fail(check, 'the policy documents', message, 'run kubectl apply -f policies/baseline.yaml')];
  }
  const lines = all.flatMap(({ kind, name, value, generation }) => {
    const where = `${kind} ${name}`;
    const { status } = documentStateDoor.catch({}).parse(value);
    const ready = status?.conditions.find(({ type }) => type === 'Ready');
    const look = `run kubectl describe ${kind.toLowerCase()} ${name}`;
    if (ready === undefined)
      return [warn(check, where, 'has no status: no leader has looked at it', 'see the line lease/age')];
    if (ready.status !== 'True') return [fail(check, where, ready.message.split('\n').join('; '), look)];
    const observed = valueAt(value, ['status', 'observedGeneration']);
    if (observed === generation) return [];
    return [warn(check, where, `generation ${generation} is there, and the leader has seen ${String(observed)}`, look)];
  });
  return lines.length > 0 ? lines : [ok(check, 'the policy documents', `all ${all.length} are in force as they stand`)];
}

function leaseLine({ lease, namespace, now }: Installation): Line {
  const check = 'lease/age';
  const where = `Lease ${namespace}/gateward`;
  const look = `run kubectl -n ${namespace} logs -l app.kubernetes.io/name=gateward`;
  if ('unseen' in lease) return unknown(check, where, lease.unseen);
  if (lease.value === undefined) {
    return warn(check, where, 'is not there: no pod leads, so nothing audits what is there', look);
  }
  const { holder, renewed, durationSeconds } = lease.value;
  const age = Math.round((now - renewed) / 1000);
  if (holder === '') return warn(check, where, 'is held by nobody: no pod leads', look);
  if (!(now - renewed < durationSeconds * 1000 + LATE)) {
    return fail(check, where, `was renewed ${age} s ago by ${holder}: no pod leads`, look);
  }
  return ok(check, where, `is held by ${holder}`);
}

function readyLines(seen: Installation): readonly Line[] {
  const check = 'replicas/ready';
  if (ourWebhooks(seen).length === 0) return [];
  return told(seen, check, 'ready', (replica) => {
    if (!('value' in replica.ready)) return undefined;
    const { status, text } = replica.ready.value;
    const message = text.trim().split('\n').join('; ');
    if (status !== 200) {
      return fail(
        check,
        replica.name,
        `/readyz says ${status}: ${message}`,
        'mend what it names; it serves again by itself',
      );
    }
    // A pod that is ready and has something to tell tells it on lines of its own.
    const [, ...notes] = text.trim().split('\n');
    if (notes.length === 0) return ok(check, replica.name, '/readyz says 200');
    return warn(check, replica.name, `is ready, and says: ${notes.join('; ')}`, 'mend what it names');
  });
}

function viewLines(seen: Installation): readonly Line[] {
  const check = 'replicas/view';
  if (ourWebhooks(seen).length === 0) return [];
  return told(seen, check, 'metrics', (replica) => {
    const { metrics } = replica;
    if (!('value' in metrics)) return undefined;
    const of = (name: string, isBad: (value: number) => boolean): readonly string[] =>
      [...metrics.value]
        .filter(([series, value]) => series.startsWith(`${name}{`) && isBad(value))
        .map(([series]) => /kind="([^"]*)"/.exec(series)?.[1] ?? '');
    const silent = of('gateward_snapshot_age_seconds', (age) => age > SILENT);
    const partial = of('gateward_snapshot_whole', (whole) => whole === 0);
    if (silent.length === 0 && partial.length === 0) return ok(check, replica.name, 'sees every kind, up to date');
    const parts = [
      ...(silent.length === 0 ? [] : [`has heard nothing of ${silent.join(', ')} for ${SILENT} s`]),
      ...(partial.length === 0 ? [] : [`does not believe absences of ${partial.join(', ')}`]),
    ];
    return warn(check, replica.name, parts.join('; '), 'see the runbook GatewardViewStale');
  });
}

/** A line for each replica that could be asked; one for all that could not. */
function told(
  seen: Installation,
  check: string,
  what: 'ready' | 'metrics',
  line: (replica: Replica) => Line | undefined,
): readonly Line[] {
  const lines = seen.replicas.map(line);
  const silent = seen.replicas.filter((_, at) => lines[at] === undefined);
  const [first] = silent;
  const missing = first === undefined ? undefined : first[what];
  const reason = missing !== undefined && 'unseen' in missing ? missing.unseen : '';
  return [
    ...lines.filter((one) => one !== undefined),
    ...(first === undefined ? [] : [unknown(check, silent.map(({ name }) => name).join(', '), reason)]),
  ];
}
