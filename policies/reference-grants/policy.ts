import { addedSources, formatKind, keyOf, opensAll, pairsIn, REFERRING_KINDS, type ReferenceGrant } from '#gateway';
import { definePolicy, listed, type Edit, type Fix } from '#policy';
import { z } from 'zod';
import { backstop } from './backstop.ts';
import { misspellings } from './kinds.ts';
import { MESSAGES } from './messages.ts';
import { allowSchema, describeLines, fits } from './pairs.ts';
import { suggestAllow } from './suggestAllow.ts';
import {
  describeOpened,
  describeSource,
  describeTargets,
  describeUsers,
  lostBy,
  namesInUse,
  unusedPairs,
  unusedParts,
  usageOf,
  type Usage,
} from './usage.ts';

/** How many entries the CRD allows in `from` and in `to`. */
const ENTRIES = 16;
/** At most so many of those who would lose a target are asked for before that is believed. */
const ASKED = 16;

/** What a ReferenceGrant may open. */
export const referenceGrants = definePolicy({
  id: 'reference-grants',
  kind: 'ReferenceGrantScope',
  summary: 'What a ReferenceGrant may open: named targets, allowed pairs, no wider than it is used.',
  description: `A ReferenceGrant lets objects of other namespaces refer to its own. Inside one grant every \`from\` goes with every \`to\`, and a \`to\`
without a name opens every object of its kind: with a Secret, every private key of the namespace.

\`allow\` lists what a grant may open, as pairs: one \`from\` entry and one \`to\` entry must fit one line completely, by kind and by namespace.
Without lines any pair will do.

**Use** is read from the references that live objects make: all fields of routes, Gateways, ListenerSets and XBackends that can cross
namespaces. \`unused\` and \`wider-than-used\` are warnings at most, since the route may come after the grant. \`in-use\` judges a DELETE, or an
UPDATE that takes something away: it speaks up when a live reference loses its last grant, and says whose. A grant for kinds that Gateward does
not know is not judged by its use. The fix of \`unnamed-target\` writes the names in use, when the whole cluster is in sight.

Grants of all versions are judged alike: v1 and v1beta1 are one shape. What a grant of one relation needs at the least, \`gateward grants\` prints.`,
  subjects: ['ReferenceGrant'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  reads: [...REFERRING_KINDS, 'ReferenceGrant'],
  options: {
    named: z
      .enum(['Always', 'Secrets', 'Never'])
      .default('Always')
      .describe('Which targets need to[].name: Always, only Secrets, or Never.'),
    allow: z
      .array(allowSchema)
      .default([])
      .describe('What a grant may open; empty = any pair. A pair must fit one line completely.'),
    maxPairs: z.int().min(1).default(8).describe('At most so many pairs in one grant: from entries times to entries.'),
  },
  messages: MESSAGES,
  bind: ({ options }) => options,
  backstop: (bound) => backstop(bound),
  suggest: (subjects, snapshot) => suggestAllow(subjects, snapshot),
  *evaluate(subject, { bound, find, name, snapshot }) {
    const { object, oldObject, namespace, operation } = subject;
    const before = operation === 'DELETE' ? object : oldObject;
    if (before !== undefined) {
      const lost = lostBy(snapshot, before);
      if (lost.length > 0) {
        const change = operation === 'DELETE' ? 'Deleting this grant' : 'Narrowing this grant';
        const data = { change, users: describeUsers(lost, name), targets: describeTargets(lost) };
        const related = [...new Map(lost.map(({ by }) => [by.object, keyOf(by.kind, by.object)])).values()];
        // Another grant may have come, and who refers may have gone, since the snapshot was taken.
        const restsOn = [{ kind: 'ReferenceGrant', namespace, name: '' } as const, ...related.slice(0, ASKED)];
        yield find('in-use', operation === 'DELETE' ? [] : ['spec'], data, { related, restsOn });
      }
    }
    if (operation === 'DELETE') return;

    const { from, to } = object.spec;
    const usage = usageOf(snapshot, object);
    const seesAll = usage.isWhole && usage.sources.every(({ kind }) => snapshot.sees(kind) === 'all');

    for (const [at, target] of to.entries()) {
      const isSecret = target.group === '' && target.kind === 'Secret';
      if (target.name !== undefined || bound.named === 'Never' || (bound.named === 'Secrets' && !isSecret)) continue;
      const added = oldObject === undefined || !opensAll(oldObject, target) ? [] : addedSources(object, oldObject);
      // What was open stays a warning; opening it to somebody else is a violation of its own.
      const newly = added.length === 0 ? '' : `, now to ${listed(added.map(describeSource))} too`;
      const fix = namingFix(to, at, target, usage, seesAll);
      yield find('unnamed-target', ['spec', 'to', at, 'name'], { kind: formatKind(target), namespace, newly }, { fix });
    }

    for (const [at, source] of bound.allow.length === 0 ? [] : from.entries()) {
      // Within the namespace a grant opens nothing.
      if (source.namespace === namespace) continue;
      for (const kind of new Map(to.map((target) => [`${target.group}/${target.kind}`, target])).values()) {
        const answer = fits(bound.allow, namespace, source, kind, snapshot);
        if (answer.fits) continue;
        const data = {
          from: describeSource(source),
          to: formatKind(kind),
          namespace,
          newly: describeOpened(object, oldObject, source, kind),
          allowed: describeLines(bound.allow),
        };
        yield find('pair-not-allowed', ['spec', 'from', at], data, { restsOn: answer.restsOn });
      }
    }

    const pairs = pairsIn(object);
    if (pairs > bound.maxPairs) yield find('too-wide', ['spec'], { limit: bound.maxPairs }, { size: pairs });

    for (const { path, written, advice, fix } of misspellings(object)) {
      yield find('unknown-kind', path, { written, advice }, fix === undefined ? {} : { fix });
    }

    if (usage.isWhole) {
      const parts = unusedParts(object, usage);
      for (const { path, part } of parts) yield find('unused', path, { part }, { restsOn: usage.sources });
      const idle = parts.length === 0 ? unusedPairs(object, usage) : [];
      if (idle.length > 0) {
        yield find('wider-than-used', ['spec'], { pairs: listed(idle) }, { restsOn: usage.sources });
      }
    }

    // From the last to the first: each edit removes an entry, and the positions before it stay.
    const own = [...from.keys()].filter((at) => from[at]?.namespace === namespace).reverse();
    for (const at of own) {
      const edits: Edit[] = own.length < from.length ? [{ op: 'remove', path: ['spec', 'from', at] }] : [];
      const fix = { description: edits.length > 0 ? 'remove the entry' : 'remove the grant', edits };
      yield find('self-grant', ['spec', 'from', at, 'namespace'], {}, { fix });
    }
  },
});

/** Names a target by what is in use: the entry itself takes the first name, further ones are added at the end. */
function namingFix(
  to: ReferenceGrant['spec']['to'],
  at: number,
  { group, kind }: ReferenceGrant['spec']['to'][number],
  usage: Usage,
  seesAll: boolean,
): Fix {
  const used = namesInUse(usage, { group, kind });
  if (used.length === 0) return { description: 'name the targets that are meant', edits: [] };
  const has = (name: string): boolean =>
    to.some((one) => one.group === group && one.kind === kind && one.name === name);
  const [first, ...others] = used.filter((name) => !has(name));
  if (first === undefined) return { description: 'remove the entry: all that is in use is named beside it', edits: [] };
  const description = `name what is in use: ${listed([first, ...others])}`;
  if (!seesAll || to.length + others.length > ENTRIES) return { description, edits: [] };
  return {
    description,
    edits: [
      { op: 'add', path: ['spec', 'to', at, 'name'], value: first },
      ...others.map((name): Edit => ({ op: 'add', path: ['spec', 'to', '-'], value: { group, kind, name } })),
    ],
  };
}
