import { isDeepStrictEqual } from 'node:util';
import { checkSchema, normalise, type KindName } from '#gateway';
import { subjectOf, type BoundPolicy, type Subject } from '#policy';
import { defaultFilters } from '../../policies/default-filters/policy.ts';
import { applyPatch, policySet, repair, toPointer, toPatch } from '../../src/engine/index.ts';
import type { Dice } from '../support/dice.ts';
import { hold, type Door } from './door.ts';
import { sentObject, type Sent } from './objects.ts';
import { parsePointer, patched } from './rfc6902.ts';
import { busyStore } from './world.ts';

/** Patches of documents that mutate: they apply by the letter of RFC 6902, make nothing that a CRD refuses, and leave nothing to do. */
export function patchDoor(): Door {
  const store = busyStore('a');
  return {
    name: 'patches',
    turn: 20,
    attempt: async (dice) => {
      holdEdits(dice);
      const sent = sentObject(dice, 0, dice.pick(['HTTPRoute', 'GRPCRoute'] as const));
      const set = policySet(documentsOf(dice), []);
      const subject = subjectIn(sent, sent.object);
      if (subject === undefined) return;
      const rebuild = (raw: unknown): Subject => {
        const next = subjectIn(sent, raw);
        hold(next !== undefined, 'what was patched does not fit its shape', raw);
        return next;
      };
      const { patch } = repair(subject, store, set, 0, rebuild);
      if (patch.length === 0) return;
      const object = patched(sent.object, JSON.parse(JSON.stringify(patch)));
      hold(
        isDeepStrictEqual(object, JSON.parse(JSON.stringify(applyPatch(sent.object, patch)))),
        'applied otherwise',
        patch,
        sent.object,
      );
      hold(
        repair(rebuild(object), store, set, 0, rebuild).patch.length === 0,
        'more to do after a patch',
        patch,
        sent.object,
      );
      const old = await problemsOf(sent, sent.object);
      // CEL rules are looked at only where the rest is in order: an object that was not may show new ones.
      if (old.length === 0) {
        const made = await problemsOf(sent, object);
        hold(made.length === 0, 'a patch made what the CRD refuses', made, patch, sent.object);
      }
    },
  };
}

async function problemsOf({ kind, version }: Sent, raw: unknown): Promise<readonly string[]> {
  const problems = await checkSchema(kind, version, 'experimental', raw);
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function subjectIn(
  { kind, namespace }: { readonly kind: KindName; readonly namespace: string },
  raw: unknown,
): Subject | undefined {
  const normalised = normalise(kind, raw);
  if (!normalised.ok) return undefined;
  return subjectOf({
    kind,
    operation: 'CREATE',
    object: normalised.object,
    oldObject: undefined,
    raw,
    rawOld: undefined,
    namespace,
    subresource: '',
    requester: undefined,
  });
}

const HEADERS: readonly string[] = ['X-A', 'x-a', 'X-B', 'a', 'A', 'b'];

function documentsOf(dice: Dice): readonly BoundPolicy[] {
  const documents = Array.from({ length: 1 + dice.below(2) }, (_, at) => ({
    name: `d${at}`,
    spec: {
      action: 'Deny',
      mode: 'Mutate',
      filters: dice.some(['requestHeaderModifier', 'responseHeaderModifier'], 1, 2).map((field) => {
        const names = dice
          .some(HEADERS, 1, 4)
          .filter((name, place, all) => all.findIndex((one) => one.toLowerCase() === name.toLowerCase()) === place);
        const [first = 'X-C', ...others] = names;
        return {
          type: field === 'requestHeaderModifier' ? 'RequestHeaderModifier' : 'ResponseHeaderModifier',
          [field]: {
            set: [{ name: first, value: dice.pick(['1', '2']) }],
            ...(others.length > 0 ? { remove: others } : {}),
          },
        };
      }),
      ...(dice.chance(0.5) ? { httpsRedirect: { statusCode: 301 } } : {}),
      ...(dice.chance(0.5) ? { onConflict: 'KeepRoute' } : {}),
    },
  }));
  const { bound, issues } = defaultFilters.bind(documents);
  return issues.length > 0 ? [] : bound;
}

const SEGMENTS: readonly string[] = ['a', '', '~', '/', '~1', '~0/', 'constructor', 'toString', '-', '0', 'é'];

/** One edit at a path of odd names. */
function holdEdits(dice: Dice): void {
  const path = dice.some(SEGMENTS, 1, 4);
  hold(isDeepStrictEqual(parsePointer(toPointer(path)), path), 'another path', path);
  const document = path.reduceRight<unknown>((inner, segment) => ({ beside: 1, [segment]: inner }), 'old');
  const before = JSON.stringify(document);
  const patch = toPatch([
    dice.pick([
      { op: 'add', path, value: 'new' },
      { op: 'replace', path, value: null },
      { op: 'remove', path },
    ] as const),
  ]);
  const [ours, theirs] = [applyPatch(document, patch), patched(document, patch)];
  hold(isDeepStrictEqual(ours, theirs), 'applied otherwise', patch, ours, theirs);
  hold(JSON.stringify(document) === before, 'the document itself was changed', patch);
}
