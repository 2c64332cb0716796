import type { Snapshot } from '#gateway';
import { mutate, read, validate, type World } from '../../src/serve/judge.ts';
import type { LiveReader } from '../../src/cluster/answered.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';
import { NAMESPACES, sentAgain, sentObject, type Sent } from './objects.ts';
import { holdAllowance, watched, wellFormed } from './oracle.ts';
import { patched } from './rfc6902.ts';
import { MARK, breaking, busyStore, strictDocuments } from './world.ts';
import { KINDS } from '#gateway';

const NOW = Date.UTC(2026, 10, 29);
const USERS: readonly string[] = [
  'dev',
  'platform',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
];

/** An AdmissionReview as the API server sends it, or nearly: `wildness` is how likely each part is not. */
export function sentReview(dice: Dice, wildness: number): { readonly text: string; readonly uid: string } {
  const sent = sentObject(dice, wildness);
  const operation = dice.pick(['CREATE', 'CREATE', 'UPDATE', 'UPDATE', 'DELETE', 'CONNECT']);
  const uid = `uid-${dice.below(1_000_000)}`;
  const kind = { group: sent.group, version: sent.version, kind: sent.kind };
  const resource = { group: sent.group, version: sent.version, resource: KINDS[sent.kind].plural };
  const odd = <T>(value: T): T | undefined | null | string | number | readonly [] =>
    dice.chance(wildness / 3) ? dice.pick([undefined, null, '', 'other', 1, []]) : value;
  const isGone = operation === 'DELETE' || operation === 'CONNECT';
  const request = {
    uid,
    kind: odd(kind),
    resource: odd(resource),
    requestKind: kind,
    requestResource: resource,
    ...(dice.chance(0.05) ? { subResource: dice.pick(['status', 'scale', 'finalize', '']) } : {}),
    name: odd(dice.chance(0.9) ? sent.name : ''),
    namespace: odd(sent.kind === 'Namespace' ? sent.name : sent.namespace),
    operation: odd(operation),
    userInfo: odd({ username: dice.pick(USERS), groups: dice.chance(0.5) ? ['platform-admins'] : [] }),
    object: isGone ? null : odd(marked(dice, sent.object)),
    oldObject:
      operation === 'UPDATE' ? odd(oldOf(dice, wildness, sent)) : operation === 'DELETE' ? odd(sent.object) : null,
    dryRun: dice.chance(0.2),
    options: null,
  };
  return { text: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }), uid };
}

function marked(dice: Dice, object: Sent['object']): Sent['object'] {
  return dice.chance(0.05) ? { ...object, marked: MARK } : object;
}

function oldOf(dice: Dice, wildness: number, sent: Sent): Sent['object'] {
  const old = sentAgain(dice, dice.chance(0.5) ? 0 : wildness, sent);
  return dice.chance(0.3) && typeof old['metadata'] === 'object' && old['metadata'] !== null
    ? { ...old, metadata: { ...old['metadata'], deletionTimestamp: '2026-11-21T00:00:00Z' } }
    : old;
}

/** Reviews through both webhooks as far as the server's routes: all policies over a busy cluster, some of it out of sight or broken. */
export function reviewDoor(): Door {
  const watching = watched(strictDocuments());
  const stores = ['a', 'b', 'c'].map((seed) => busyStore(seed));
  const hidden = busyStore('a').copy();
  for (const kind of ['Namespace', 'Service', 'Gateway'] as const) hidden.setVisibility(kind, 'none');
  const ending = busyStore('b');
  for (const name of NAMESPACES) {
    const metadata = { name, deletionTimestamp: '2026-11-21T00:00:00Z' };
    ending.put('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  const snapshots: readonly Snapshot[] = [...stores, hidden, ending];
  return {
    name: 'reviews',
    turn: 500,
    attempt: async (dice) => {
      const { text, uid } = sentReview(dice, dice.pick([0, 0, 0.01, 0.05, 0.2]));
      const body: unknown = JSON.parse(text);
      const base = dice.pick(snapshots);
      const fault = breaking(base, dice.chance(0.2) ? dice.below(12) : Infinity);
      const broken = dice.chance(0.1) ? dice.pick(watching.set.policies) : undefined;
      watching.reset((document) => document.policy === broken?.policy);
      const asking = dice.chance(0.3) ? readerOf(dice, stores) : undefined;
      const world: World = {
        set: watching.set,
        snapshot: fault.snapshot,
        reader: asking?.reader,
        claims: undefined,
        stale: [],
      };
      const circumstances = { now: NOW, signal: () => AbortSignal.timeout(60_000), trusted: dice.chance(0.5) };
      const review = read('validate', body, world.set);
      hold(review.kind !== 'unreadable', 'a review with a uid has no answer', text);
      const verdict = await validate(review, world, circumstances);
      const answer = wellFormed('validate', verdict.answer, uid);
      const broke = fault.broke() || watching.hasBroken() || (asking?.broke() ?? false);
      if (answer.allowed) holdAllowance({ body, snapshot: base, watched: watching, broke });
      const unexplained = verdict.errors.filter((error) => !/cannot be seen|out of sight/.test(error));
      hold(broke || unexplained.length === 0, 'a policy threw by itself', unexplained, text);
      hold(broke || answer.code !== 500, 'judging broke down by itself', text);
      await mutateAndHold(text, uid, world, broke);
    },
  };

  async function mutateAndHold(text: string, uid: string, world: World, broke: boolean): Promise<void> {
    const body: unknown = JSON.parse(text);
    const circumstances = { now: NOW, signal: () => AbortSignal.timeout(60_000), trusted: false };
    const first = read('mutate', body, world.set);
    hold(first.kind !== 'unreadable', 'a review with a uid has no answer', text);
    const verdict = await mutate(first, world, circumstances);
    const { patch } = wellFormed('mutate', verdict.answer, uid);
    hold(
      broke || watching.hasBroken() || verdict.errors.every((error) => error.includes('broke')),
      'a mutation threw by itself',
      verdict.errors,
      text,
    );
    if (patch.length === 0 || first.kind !== 'subject') return;
    const object = patched(first.subject.raw, patch);
    const request = { ...withRequest(body), object };
    const again = read('mutate', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }, world.set);
    hold(again.kind === 'subject', 'what was patched is not understood', text);
    const { answer } = await mutate(again, world, circumstances);
    const second = wellFormed('mutate', answer, uid);
    hold(second.patch.length === 0, 'a second mutation wants more', patch, second.patch, text);
  }
}

function withRequest(body: unknown): object {
  return typeof body === 'object' && body !== null && 'request' in body && typeof body.request === 'object'
    ? { ...body.request }
    : {};
}

/** An API server that has what another cluster has, does not say, or breaks. */
function readerOf(
  dice: Dice,
  stores: readonly Snapshot[],
): { readonly reader: LiveReader; readonly broke: () => boolean } {
  const other = dice.pick(stores);
  const manner = dice.pick(['answers', 'answers', 'silent', 'rejects', 'throws']);
  let hasBroken = false;
  const read: LiveReader['read'] = (keys) => {
    if (manner === 'rejects' || manner === 'throws') {
      hasBroken = true;
      if (manner === 'throws') throw new Error('the reader broke');
      return Promise.reject(new Error('the reader broke'));
    }
    return Promise.resolve(
      keys.map((key) => {
        if (manner === 'silent') return undefined;
        const { kind, namespace, name } = key;
        const one = name === '' ? undefined : other.get(kind, namespace, name);
        const objects = name === '' ? [...other.list(kind, namespace)] : one === undefined ? [] : [one];
        return { key, objects };
      }),
    );
  };
  return { reader: { read }, broke: () => hasBroken };
}
