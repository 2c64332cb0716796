import { normalise } from '#gateway';
import { subjectOf } from '#policy';
import { decide, evaluate, policySet } from '../../src/engine/index.ts';
import type { Dice } from '../support/dice.ts';
import { isRecord } from '../support/world.ts';
import { hold, type Door } from './door.ts';
import { sentObject } from './objects.ts';
import { busyStore, strictDocuments } from './world.ts';

/** Lists whose order changes no verdict. */
const UNORDERED: readonly string[] = [
  'backendRefs',
  'caCertificateRefs',
  'certificateRefs',
  'filters',
  'from',
  'headers',
  'hostnames',
  'kinds',
  'listeners',
  'matches',
  'parentRefs',
  'queryParams',
  'targetRefs',
  'to',
];

/** An UPDATE that brings nothing: the object as it stands, its lists in another order, its metadata touched. No policy denies it. */
export function ratchetDoor(): Door {
  const set = policySet(strictDocuments(), []);
  const stores = ['a', 'b', 'c'].map((seed) => busyStore(seed));
  return {
    name: 'ratchet',
    turn: 400,
    attempt: (dice) => {
      const { kind, namespace, object: rawOld } = sentObject(dice, 0);
      // Of two rules that ask for the same the first gets the requests.
      const movesRules = dice.chance(0.3);
      const lists = movesRules ? [...UNORDERED, 'rules'] : UNORDERED;
      const raw = shuffled(dice, lists, { ...rawOld, metadata: touched(dice, rawOld['metadata']) });
      const [old, next] = [normalise(kind, rawOld), normalise(kind, raw)];
      if (!old.ok || !next.ok || !isRecord(raw)) return;
      const store = dice.pick(stores).copy();
      store.put(kind, old.object);
      const subject = subjectOf({
        kind,
        operation: 'UPDATE',
        object: next.object,
        oldObject: old.object,
        raw,
        rawOld,
        namespace,
        subresource: '',
        requester: { username: 'dev', groups: [] },
      });
      const { denied, failed } = decide(evaluate(subject, store, set, 0), 'error');
      const told = denied
        .filter(({ policy }) => !(movesRules && policy === 'route-precedence'))
        .map(({ rule, message }) => `${rule}: ${message}`);
      hold(told.length === 0 && failed.length === 0, 'an UPDATE that brings nothing', told, failed, rawOld, raw);
    },
  };
}

function shuffled(dice: Dice, lists: readonly string[], value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = lists.includes(key) && !hasTwins(value) ? dice.some(value, value.length, value.length) : value;
    return items.map((item: unknown) => shuffled(dice, lists, item));
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shuffled(dice, lists, part, name)]));
}

/** Of headers with one name the first counts (http: HTTPHeaderMatch). */
function hasTwins(list: readonly unknown[]): boolean {
  const names = list.flatMap((item) => (isRecord(item) && 'value' in item ? [item['name']] : []));
  return new Set(names).size < names.length;
}

function touched(dice: Dice, metadata: unknown): unknown {
  if (!isRecord(metadata) || dice.chance(0.5)) return metadata;
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  return { ...metadata, annotations: { ...annotations, 'example.com/touched': 'true' } };
}
