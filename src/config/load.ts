import type { BoundPolicy, Policy } from '#policy';
import { policySet, type Exemption, type PolicySet } from '../engine/index.ts';
import { didYouMean } from '../errors.ts';
import { issueProblem, problemAt, whereIs, type ConfigDocument, type ConfigProblem } from './document.ts';
import { POLICY_TEST_KIND, kindsOf, readEnvelope, type Envelope } from './envelope.ts';
import { EXEMPTION_KIND, parseExemption } from './exemption.ts';

/** What a set of documents comes to. */
export interface LoadedPolicies {
  /** The bound documents of every kind that is in order, with the exemptions that still hold. */
  readonly set: PolicySet;
  /** Exemptions that are over: reported, never honoured. */
  readonly expired: readonly Exemption[];
  /** What is wrong; a set with problems is not to be put in force. */
  readonly problems: readonly ConfigProblem[];
  /** What is in order and yet probably not meant. */
  readonly warnings: readonly ConfigProblem[];
  /** Documents of ours that were found, in order or not. */
  readonly count: number;
}

/**
 * Binds policy documents. Documents of other groups are passed over, so that a folder may hold a kustomization too. Everything that is
 * wrong is told at once, each with file, line, field and the nearest name that would do. `now` is in milliseconds since the epoch.
 */
export function loadPolicies(
  documents: readonly ConfigDocument[],
  policies: readonly Policy[],
  now: number,
): LoadedPolicies {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const named: Envelope[] = [];
  const firsts = new Map<string, ConfigDocument>();
  let count = 0;
  for (const document of documents) {
    const outside = readEnvelope(document, kindsOf(policies));
    if (outside === undefined || outside.kind === POLICY_TEST_KIND) continue;
    count += 1;
    if (!('spec' in outside)) {
      problems.push(...outside.problems);
      continue;
    }
    const id = `${outside.kind}/${outside.name}`;
    const first = firsts.get(id);
    if (first === undefined) {
      firsts.set(id, document);
      named.push(outside);
    } else {
      const where = whereIs(first.origin, first.locate?.(['metadata', 'name']));
      problems.push(
        problemAt(
          document,
          ['metadata', 'name'],
          `${outside.kind} "${outside.name}" stands twice: here and at ${where}`,
        ),
      );
    }
  }
  const bound = policies.flatMap((policy) => bindKind(policy, named, problems));
  const { exemptions, expired } = readExemptions(named, policies, now, problems, warnings);
  return { set: policySet(bound, exemptions), expired, problems: inOrder(problems, documents), warnings, count };
}

/** By the order of the documents, then by place: the order in which a person mends a file. */
function inOrder(problems: readonly ConfigProblem[], documents: readonly ConfigDocument[]): readonly ConfigProblem[] {
  const origins = new Map<string, number>();
  for (const { origin } of documents) if (!origins.has(origin)) origins.set(origin, origins.size);
  const rank = ({ origin }: ConfigProblem): number => origins.get(origin) ?? origins.size;
  return problems.toSorted(
    (a, b) => rank(a) - rank(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
}

function bindKind(policy: Policy, all: readonly Envelope[], problems: ConfigProblem[]): readonly BoundPolicy[] {
  const named = all.filter(({ kind }) => kind === policy.kind);
  const { bound, issues } = policy.bind(named);
  for (const issue of issues) {
    const owner = named.find(({ name }) => name === issue.document);
    if (owner !== undefined) problems.push(issueProblem(issue, owner.document));
  }
  return bound;
}

function readExemptions(
  all: readonly Envelope[],
  policies: readonly Policy[],
  now: number,
  problems: ConfigProblem[],
  warnings: ConfigProblem[],
): { readonly exemptions: readonly Exemption[]; readonly expired: readonly Exemption[] } {
  const exemptions: Exemption[] = [];
  const expired: Exemption[] = [];
  for (const named of all.filter(({ kind }) => kind === EXEMPTION_KIND)) {
    const parsed = parseExemption(named.name, named.spec, policies);
    if ('issues' in parsed) {
      problems.push(...parsed.issues.map((issue) => issueProblem(issue, named.document)));
      continue;
    }
    const { exemption } = parsed;
    (now < exemption.expires ? exemptions : expired).push(exemption);
    for (const [at, { kind, name }] of exemption.policies.entries()) {
      if (all.some((other) => other.kind === kind && other.name === name)) continue;
      const names = all.filter((other) => other.kind === kind).map((other) => other.name);
      const message = `there is no ${kind} "${name}"${didYouMean(name, names)}`;
      warnings.push(problemAt(named.document, ['spec', 'policies', at, 'name'], message));
    }
  }
  return { exemptions, expired };
}
