/**
 * The known disagreements with Envoy Gateway v1.9.1. Each has a matcher as narrow as the fact allows, a verdict, and the sentence of the
 * specification that decides, or that leaves it open. What no class matches is a finding.
 */
import type { Comparison } from './compare.ts';
import type { Evidence } from './evidence.ts';
import type { KnownClass } from './knownClass.ts';
import { LISTENER_CLASSES } from './listenerClasses.ts';
import { POLICY_CLASSES } from './policyClasses.ts';
import { ROUTE_CLASSES } from './routeClasses.ts';

/** In order: the first that matches gives the verdict. */
export const CLASSES: readonly KnownClass[] = [...ROUTE_CLASSES, ...LISTENER_CLASSES, ...POLICY_CLASSES];

/**
 * The disagreements that one follows from, as a sum follows from its terms: a Gateway's and a ListenerSet's conditions from their listeners,
 * counts from what is counted. Such a one has their verdict.
 */
export function causesOf(c: Comparison, evidence: Evidence): readonly Comparison[] {
  const differ = (found: readonly Comparison[]): Comparison[] =>
    found.filter(({ ours, theirs: other }) => ours !== other);
  if (c.question === 'attachedRoutes') {
    return differ(
      evidence
        .claimsOn(c.object)
        .flatMap(({ route, kind, index }) =>
          evidence
            .about(kind, route)
            .filter(({ at, question }) => at === `parents[${index}]` && question !== 'ResolvedRefs'),
        ),
    );
  }
  if (c.question === 'attachedListenerSets') {
    return differ(
      evidence
        .setsOf(c.object)
        .flatMap((set) =>
          evidence.about('ListenerSet', set).filter(({ at, question }) => at === '' && question === 'Accepted'),
        ),
    );
  }
  if (c.at !== '') return [];
  const listeners = evidence.about(c.kind, c.object).filter(({ at }) => at !== '');
  // What the controller says of the whole must be what its own words about the listeners amount to.
  if (c.question === 'Accepted' && summary(listeners) !== c.theirs) return [];
  return differ(listeners.filter(({ question }) => ['Accepted', 'Programmed', 'ResolvedRefs'].includes(question)));
}

/** What `Accepted` of the whole is, going by what the controller says of `Accepted` of each listener. */
function summary(listeners: readonly Comparison[]): string {
  const said = listeners.filter(({ question }) => question === 'Accepted').map((c) => c.theirs.startsWith('True/'));
  if (said.every(Boolean)) return 'True/Accepted';
  return said.some(Boolean) ? 'True/ListenersNotValid' : 'False/ListenersNotValid';
}
