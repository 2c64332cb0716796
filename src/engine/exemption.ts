import type { KubeObject, ObjectKey, Snapshot } from '#gateway';
import { applies, subjectOf, type BoundPolicy, type Match, type Subject } from '#policy';

/** A PolicyExemption, parsed: an operator's decision that some violations do not count until a date. */
export interface Exemption {
  readonly name: string;
  readonly policies: readonly { readonly kind: string; readonly name: string; readonly rules: readonly string[] }[];
  readonly match: Match & {
    /** Object names, `*` standing for any characters; empty = all. */
    readonly names: readonly string[];
  };
  readonly reason: string;
  readonly ticket: string | undefined;
  /** Milliseconds since the epoch; from then on it is reported, never honoured. */
  readonly expires: number;
}

/** What exemptions say of a rule of a document for a subject. */
export interface Exempting {
  /** The one that covers it. */
  readonly by: Exemption | undefined;
  /** Without one: what is out of sight, and may turn out to make one cover it. */
  readonly unknown: readonly ObjectKey[];
}

const NONE: Exempting = { by: undefined, unknown: [] };

/** Whether an exemption covers a rule of a document for a subject now. Whom exemptions mean is found out once, however many rules are asked for. */
export function exempting(
  exemptions: readonly Exemption[],
  bound: BoundPolicy,
  subject: Subject,
  snapshot: Snapshot,
  now: number,
): (rule: string) => Exempting {
  if (exemptions.length === 0) return () => NONE;
  // As it will be: what an object was before excuses nothing.
  const asItWillBe = subjectOf({ ...subject, oldObject: undefined });
  const meant = exemptions.flatMap((exemption) => {
    const policies = exemption.policies.filter(
      ({ kind, name }) => kind === bound.policy.kind && name === bound.document,
    );
    const isMeant =
      now < exemption.expires &&
      policies.length > 0 &&
      isWithin(exemption.match, subject) &&
      matchesName(exemption.match.names, nameToBe(subject.object));
    const covers = isMeant && applies(exemption.match, asItWillBe, snapshot);
    return covers === false ? [] : [{ exemption, policies, covers }];
  });
  const ofRule = (rule: string): Exempting => {
    const speaking = meant.filter(({ policies }) =>
      policies.some(({ rules }) => rules.length === 0 || rules.some((id) => `${bound.id}/${id}` === rule)),
    );
    const unknown: ObjectKey[] = [];
    for (const { exemption, covers } of speaking) {
      if (covers === true) return { by: exemption, unknown: [] };
      unknown.push(covers.unknown);
    }
    return { by: undefined, unknown };
  };
  const known = new Map<string, Exempting>();
  return (rule) => {
    const exempted = known.get(rule) ?? ofRule(rule);
    known.set(rule, exempted);
    return exempted;
  };
}

/** What is in no namespace is in none of those that an exemption names; a Namespace may be one of them. */
function isWithin({ namespaces, namespaceSelector }: Match, { kind, namespace }: Subject): boolean {
  const isNarrowed = namespaces !== undefined || namespaceSelector !== undefined;
  return !isNarrowed || namespace !== '' || kind === 'Namespace';
}

/** The name of an object; of one that is still to be given a name the pattern of those that it may be given: `web-*`. */
function nameToBe({ metadata: { name, generateName = '' } }: KubeObject): string {
  return name === '' && generateName !== '' ? `${generateName}*` : name;
}

/** Whether a name is among those of an exemption; without any every name is. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesGlob(pattern, name));
}

/** `*` stands for any characters, also none; linear in the text, whatever the pattern. */
function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
