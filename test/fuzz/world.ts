import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { KIND_NAMES, normalise, type Snapshot } from '#gateway';
import { definePolicy, type BoundPolicy } from '#policy';
import { POLICIES } from '../../policies/index.ts';
import { Store } from '../../src/cluster/store.ts';
import { Dice } from '../support/dice.ts';
import { isRecord } from '../support/world.ts';
import { sentObject } from './objects.ts';

const folder = resolve(import.meta.dirname, '../../policies');

/** What the policy {@link MARKED} forbids anywhere in an object. */
export const MARK = 'mark-9e3a77';

/** Denies every object that holds {@link MARK}: its verdict is known from the text of a review alone. */
const MARKED = definePolicy({
  id: 'marked',
  kind: 'Marked',
  summary: 'Forbids a text.',
  subjects: KIND_NAMES,
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  reads: [],
  messages: { found: { text: 'the object is marked.', severity: 'high', why: 'To know the verdict.' } },
  options: {},
  bind: () => ({}),
  *evaluate({ raw }, { find }) {
    if (JSON.stringify(raw).includes(MARK)) yield find('found', [], {});
  },
});

/** The example of every policy, speaking about everything and denying every violation, and {@link MARKED}. */
export function strictDocuments(): readonly BoundPolicy[] {
  return [...POLICIES, MARKED].flatMap((policy) => {
    const documents =
      policy === MARKED ? [{ name: 'marked', spec: { action: 'Deny' } }] : exampleOf(policy.id, policy.kind);
    const { bound, issues } = policy.bind(documents);
    if (issues.length > 0) throw new Error(JSON.stringify(issues));
    return bound;
  });
}

function exampleOf(id: string, kind: string): { readonly name: string; readonly spec: unknown }[] {
  return loadAll(readFileSync(join(folder, id, 'example.yaml'), 'utf8')).flatMap((document) => {
    if (!isRecord(document) || document['kind'] !== kind || !isRecord(document['spec'])) return [];
    return [{ name: id, spec: { ...document['spec'], action: 'Deny', match: {}, rules: {} } }];
  });
}

/** Some sixty valid objects of all kinds that name each other. */
export function busyStore(seed: string): Store {
  const store = new Store('all');
  const dice = new Dice(seed);
  for (let at = 0; at < 60; at += 1) {
    const { kind, object } = sentObject(dice, 0);
    const normalised = normalise(kind, object);
    if (normalised.ok) store.put(kind, normalised.object);
  }
  return store;
}

/** The snapshot, which breaks at the call with this number (from 0). */
export function breaking(base: Snapshot, call: number): { readonly snapshot: Snapshot; readonly broke: () => boolean } {
  let calls = 0;
  let hasBroken = false;
  const count = (): void => {
    calls += 1;
    if (calls <= call) return;
    hasBroken = true;
    throw new Error('the snapshot broke');
  };
  const snapshot: Snapshot = {
    get: (...of) => {
      count();
      return base.get(...of);
    },
    list: (...of) => {
      count();
      return base.list(...of);
    },
    lookup: (...of) => {
      count();
      return base.lookup(...of);
    },
    namespacesIn: (...of) => {
      count();
      return base.namespacesIn(...of);
    },
    sees: (kind) => {
      count();
      return base.sees(kind);
    },
  };
  return { snapshot, broke: () => hasBroken };
}
