import { formatKind, minimalGrants, pairsIn, type Snapshot } from '#gateway';
import { someOf, type Subject, type Suggestion } from '#policy';

/** What most documents allow, and no reason to allow less. */
const PAIRS = 8;

/** A line for each two namespaces of which one refers to the other: the kinds on both ends, as references in use have them. */
export function suggestAllow(subjects: readonly Subject<'ReferenceGrant'>[], snapshot: Snapshot): Suggestion {
  const relations = Map.groupBy(minimalGrants(snapshot), ({ from, namespace }) => `${from.namespace} ${namespace}`);
  const lines = [...relations.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const fromKinds = own.map(({ from: { group, kind } }) => ({ group, kind }));
    const targets = own.flatMap(({ to }) => to);
    return [
      {
        line: {
          from: { kinds: distinct(fromKinds), namespaces: [first.from.namespace] },
          to: { kinds: distinct(targets.map(({ group, kind }) => ({ group, kind }))), namespaces: [first.namespace] },
        },
        note: `to ${someOf([...new Set(targets.map((target) => `${formatKind(target)} ${target.name}`))])}`,
      },
    ];
  });
  const widest = Math.max(PAIRS, ...subjects.map(({ object }) => pairsIn(object)));
  return {
    name: 'reference-grants',
    comment: [
      lines.length === 0
        ? 'What a ReferenceGrant may open. No reference in sight crosses namespaces, so that no pair is listed and any will do.'
        : 'What a ReferenceGrant may open: the crossings of namespaces that are in use.',
      'Next: write lines for what teams may do, by label; gateward grants prints the least grants that are needed; then set action: Deny.',
    ],
    spec: { named: 'Always', allow: lines.map(({ line }) => line), ...(widest > PAIRS ? { maxPairs: widest } : {}) },
    notes: [
      ...lines.map(({ note }, at) => ({ path: ['allow', at], text: note })),
      ...(widest > PAIRS ? [{ path: ['maxPairs'], text: 'The widest grant that is there has as many.' }] : []),
    ],
  };
}

interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

function distinct(kinds: readonly GroupKind[]): readonly GroupKind[] {
  const known = new Map(kinds.map((entry) => [`${entry.group}/${entry.kind}`, entry]));
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
