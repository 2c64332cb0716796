import { compareText, formatPath } from '#gateway';
import { objectText, type FilePlace, type ReportError, type ReportFinding, type ReportObject } from '../finding.ts';
import type { FailOn } from '../failOn.ts';

/** What documents come to for one object or one of its fields, strictest first. */
const VERDICTS = ['deny', 'warn', 'audit', 'allow'] as const;
/** See {@link VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number];

/** What becomes of an object when its verdict changes, in the order in which they are told; `other`: the verdict stays, for other reasons. */
export const CHANGES = [
  'newly-denied',
  'no-longer-denied',
  'newly-warned',
  'newly-audited',
  'no-longer-warned',
  'no-longer-audited',
  'other',
] as const;
/** See {@link CHANGES}. */
export type Change = (typeof CHANGES)[number];

/** What one set of documents says of an object. */
export interface Judgement {
  readonly findings: readonly ReportFinding[];
  readonly errors: readonly ReportError[];
}

/** An object, judged under the documents that would be replaced and under those that would replace them. */
export interface TwiceJudged {
  readonly object: ReportObject;
  readonly place: FilePlace | undefined;
  readonly before: Judgement;
  readonly after: Judgement;
}

/** One rule whose effect on a field changes. */
export interface RuleChange {
  /** `<policy>/<rule>`; `<policy>/error` when the document could not judge the object. */
  readonly rule: string;
  /** The document that says so: of the new ones, or of the old ones when none of the new does. */
  readonly document: string;
  readonly path: string;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly message: string;
  readonly place: FilePlace | undefined;
}

/** An object for which something changes. */
export interface ChangedObject {
  readonly object: ReportObject;
  readonly place: FilePlace | undefined;
  readonly change: Change;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly rules: readonly RuleChange[];
}

/** A rule of a document, and the objects that it changes in one way. */
export interface RuleGroup {
  readonly change: Change;
  readonly rule: string;
  readonly document: string;
  readonly objects: readonly ChangedObject[];
}

/** How many objects of a namespace change in each way. */
export interface NamespaceCounts {
  /** `""` for what is cluster-scoped. */
  readonly namespace: string;
  readonly counts: Readonly<Record<Change, number>>;
}

/** A rule or document whose effect cannot be seen on what is there. */
export interface NotPreviewable {
  /** A rule, or `*` for a whole document. */
  readonly rule: string;
  readonly document: string;
  readonly why: string;
}

/** What the new documents are compared with. */
export interface Against {
  readonly source: 'files' | 'revision' | 'cluster' | 'baseline' | 'nothing';
  /** In words: `policies/`, `main:policies`, `the documents in the cluster`. */
  readonly name: string;
}

/** What would change if these documents replaced those. */
export interface Preview {
  readonly against: Against;
  /** Objects that were judged. */
  readonly judged: number;
  /** By change, then by namespace, kind and name. */
  readonly objects: readonly ChangedObject[];
  /** By change, the largest first. */
  readonly rules: readonly RuleGroup[];
  readonly namespaces: readonly NamespaceCounts[];
  readonly counts: Readonly<Record<Change, number>>;
  readonly notPreviewable: readonly NotPreviewable[];
}

/** Compares both judgements of each object. A change of message, severity or document alone is none. */
export function makePreview(
  judged: readonly TwiceJudged[],
  against: Against,
  notPreviewable: readonly NotPreviewable[],
): Preview {
  const objects = judged.flatMap((one) => changedObject(one) ?? []).sort(compareObjects);
  const namespaces = [...Map.groupBy(objects, ({ object }) => object.namespace)]
    .map(([namespace, own]): NamespaceCounts => ({ namespace, counts: countChanges(own) }))
    .sort((a, b) => compareCounts(a.counts, b.counts) || compareText(a.namespace, b.namespace));
  return {
    against,
    judged: judged.length,
    objects,
    rules: ruleGroups(objects),
    namespaces,
    counts: countChanges(objects),
    notPreviewable,
  };
}

/** Whether some object comes to a stricter verdict that is at or above the threshold. */
export function failsPreview({ objects }: Preview, failOn: FailOn): boolean {
  if (failOn === 'never') return false;
  return objects.some(({ before, after }) => rank(after) <= rank(failOn) && rank(after) < rank(before));
}

/** One line: `2 newly denied, 1 no longer denied in 14 objects`. */
export function previewSummary({ counts, judged }: Preview): string {
  const parts = CHANGES.filter((change) => counts[change] > 0).map((change) =>
    change === 'other' ? `${counts.other} for other reasons` : `${counts[change]} ${change.replaceAll('-', ' ')}`,
  );
  return `${parts.length === 0 ? 'nothing changes' : parts.join(', ')} in ${judged} ${judged === 1 ? 'object' : 'objects'}`;
}

function changedObject({ object, place, before, after }: TwiceJudged): ChangedObject | undefined {
  const was = effectsOf(before);
  const is = effectsOf(after);
  const rules = [...new Set([...was.keys(), ...is.keys()])].flatMap((key): RuleChange[] => {
    const [old, now] = [was.get(key), is.get(key)];
    const said = now ?? old;
    const [from, to] = [old?.effect ?? 'allow', now?.effect ?? 'allow'];
    if (said === undefined || from === to) return [];
    const { rule, document, path, message, place: at } = said;
    return [{ rule, document, path, before: from, after: to, message, place: at }];
  });
  if (rules.length === 0) return undefined;
  const [from, to] = [strictest(was.values()), strictest(is.values())];
  rules.sort((a, b) => rank(a.after) - rank(b.after) || compareText(a.rule, b.rule) || compareText(a.path, b.path));
  return { object, place, change: changeOf(from, to), before: from, after: to, rules };
}

type Said = Omit<RuleChange, 'before' | 'after'> & { readonly effect: Verdict };

/** The strictest effect of each rule on each field. */
function effectsOf({ findings, errors }: Judgement): ReadonlyMap<string, Said> {
  const effects = new Map<string, Said>();
  const add = (said: Said): void => {
    const key = `${said.rule} ${said.path}`;
    const known = effects.get(key);
    if (known === undefined || rank(said.effect) < rank(known.effect)) effects.set(key, said);
  };
  for (const { rule, document, path, effect, message, place } of findings) {
    add({ rule, document, path: formatPath(path), effect: effect === 'error' ? 'deny' : effect, message, place });
  }
  for (const { policy, document, effect, reason, place } of errors) {
    const message = `${document} could not judge it: ${reason}`;
    add({ rule: `${policy}/error`, document, path: '', effect, message, place });
  }
  return effects;
}

function strictest(said: Iterable<Said>): Verdict {
  return [...said].reduce<Verdict>((worst, { effect }) => (rank(effect) < rank(worst) ? effect : worst), 'allow');
}

function changeOf(before: Verdict, after: Verdict): Change {
  if (before === after) return 'other';
  if (after === 'deny') return 'newly-denied';
  if (before === 'deny') return 'no-longer-denied';
  if (after === 'warn') return 'newly-warned';
  if (before === 'warn') return 'no-longer-warned';
  return after === 'audit' ? 'newly-audited' : 'no-longer-audited';
}

/** The rules that bring about the change of an object. */
function rulesBehind({ change, before, after, rules }: ChangedObject): readonly RuleChange[] {
  if (change === 'other') return rules;
  const isStricter = rank(after) < rank(before);
  return rules.filter((rule) => (isStricter ? rule.after === after : rule.before === before));
}

function ruleGroups(objects: readonly ChangedObject[]): readonly RuleGroup[] {
  const groups = new Map<string, RuleGroup & { readonly objects: ChangedObject[] }>();
  for (const object of objects) {
    const seen = new Set<string>();
    for (const { rule, document } of rulesBehind(object)) {
      const key = JSON.stringify([object.change, rule, document]);
      if (seen.has(key)) continue;
      seen.add(key);
      const group = groups.get(key) ?? { change: object.change, rule, document, objects: [] };
      group.objects.push(object);
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort(
    (a, b) =>
      CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
      b.objects.length - a.objects.length ||
      compareText(a.rule, b.rule) ||
      compareText(a.document, b.document),
  );
}

function countChanges(objects: readonly ChangedObject[]): Readonly<Record<Change, number>> {
  const count = (change: Change): number => objects.filter((object) => object.change === change).length;
  return {
    'newly-denied': count('newly-denied'),
    'no-longer-denied': count('no-longer-denied'),
    'newly-warned': count('newly-warned'),
    'newly-audited': count('newly-audited'),
    'no-longer-warned': count('no-longer-warned'),
    'no-longer-audited': count('no-longer-audited'),
    other: count('other'),
  };
}

function compareCounts(a: NamespaceCounts['counts'], b: NamespaceCounts['counts']): number {
  return CHANGES.reduce((order, change) => order || b[change] - a[change], 0);
}

function compareObjects(a: ChangedObject, b: ChangedObject): number {
  return (
    CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
    compareText(a.object.namespace, b.object.namespace) ||
    compareText(objectText(a.object), objectText(b.object)) ||
    compareText(a.object.apiVersion, b.object.apiVersion) ||
    compareText(a.place?.file ?? '', b.place?.file ?? '') ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0)
  );
}

function rank(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}
