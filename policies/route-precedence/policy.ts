import {
  distinctKeys,
  formatKey,
  keyOf,
  precedence,
  repeatsTarget,
  requestMatches,
  type Contender,
  type FieldPath,
  type KubeObject,
  type ObjectKey,
  type Precedence,
  type PrecedenceReason,
  type RequestMatch,
} from '#gateway';
import { definePolicy, type Finding, type FindingDetails } from '#policy';
import { OwnMatches } from './ownMatches.ts';
import {
  MATCHES_COMPARED,
  PASSED_OVER,
  RULES_COMPARED,
  neighboursOf,
  placesOf,
  rivalsOf,
  unseenPlaces,
  type Place,
} from './places.ts';

/** The same match in another place, and who gets its requests. */
interface Contest {
  /** The other's place: a rule of this route, or of another. */
  readonly other: string;
  readonly related: readonly ObjectKey[];
  readonly outcome: 'lost' | 'won' | 'open';
  readonly reason: PrecedenceReason;
  readonly restsOn: readonly ObjectKey[];
  /** Which other route, under which hostname. */
  readonly about: readonly string[];
}

/** A rule that never gets a request is refused by nobody: every route involved stays Accepted (http, grpc). */
export const routePrecedence = definePolicy({
  id: 'route-precedence',
  kind: 'RoutePrecedence',
  summary: 'Every rule of a route can get a request, and no two routes ask for the same ones.',
  description: `Routes share listeners, and rules share requests: the specification says for each request which rule gets it. The most specific hostname
goes first, then the most specific path, method, headers and query parameters; among equals the older route, the first by
\`namespace/name\`, the earlier rule. The rules that lose stay accepted, and nothing in any status says so.

A rule that asks for more than another only takes its part of the requests; that is what rules are for, and no finding. A rule is
\`shadowed\` when each of its matches is asked for by a rule that goes first, at every listener and hostname where the route is served: it can
never get a request. A \`duplicate\` is a single match that another rule asks for too; the finding says which of the two gets the requests,
and why.

Only what a rule asks for is compared. Backends, weights and filters play no part, so that a traffic split which a rollout controller moves is
never a finding. Matches by regular expression mean what the implementation says, and are not compared; HTTPRoutes and GRPCRoutes are
compared with their own kind only. Where the specification can be read both ways (whether the hostname of the route counts or what a listener
leaves of it; whether the trailing slash of a prefix does) nobody is called the winner.

A route is compared with those that share an effective hostname on one of its listeners, found by index, those of its own namespace first: at
most ${RULES_COMPARED} rules in all, and ${MATCHES_COMPARED} matches, each counted at every hostname and listener; ${PASSED_OVER} routes of other kinds
are passed over. Beyond them nothing is claimed.`,
  subjects: ['HTTPRoute', 'GRPCRoute'],
  reads: ['Gateway', 'GRPCRoute', 'HTTPRoute', 'ListenerSet', 'TLSRoute', 'XListenerSet'],
  options: {},
  messages: {
    shadowed: {
      severity: 'medium',
      why: 'The rule can never get a request; whoever wrote it believes that it does.',
      text: '{{path}} never gets a request: requests for {{match}} go to {{winner}}, which {{reason}}. Remove the rule, or let it ask for something else',
    },
    duplicate: {
      severity: 'low',
      why: 'Two rules ask for the same requests and only one gets them; the other stays silent until the first one goes.',
      text: '{{path}}: {{other}} asks for {{match}} too; {{outcome}}. Keep one of the two',
    },
  },
  bind: () => undefined,
  suggest: () => ({
    name: 'precedence',
    comment: ['Rules of routes that never get a request. It needs no list; read its warnings, then choose Deny.'],
    spec: {},
  }),
  evaluate: (subject, { find, name, snapshot }) => {
    const places = placesOf(snapshot, subject);
    const neighbours = neighboursOf(snapshot, subject, places);
    if (neighbours.length === 0 && !repeatsTarget(subject)) return [];
    const rules = requestMatches(subject);
    // A manifest does not say when its object was created.
    const { creationTimestamp = subject.oldObject?.metadata.creationTimestamp } = subject.object.metadata;
    const own: KubeObject =
      creationTimestamp === undefined
        ? subject.object
        : { ...subject.object, metadata: { ...subject.object.metadata, creationTimestamp } };
    const unseen = unseenPlaces(snapshot, subject);
    const ours = new OwnMatches(rules);
    const rivals = rivalsOf(snapshot, neighbours, places, ours, creationTimestamp !== undefined);
    /** What some other route asks for too, anywhere. */
    const asked = new Set(
      [...rivals.values()].flatMap((byHostname) => [...byHostname.values()].flatMap((byText) => [...byText.keys()])),
    );

    const within = (rule: number, match: RequestMatch): readonly Contest[] => {
      const contender = { object: own, declared: '' };
      return ours
        .like(match)
        .filter((one) => one.rule < rule)
        .map((one) => ({
          // Not by its number: that moves when a rule is put before it, and the finding would pass for a new one.
          other: 'an earlier rule of this route',
          related: [],
          about: [],
          ...outcomeOf(precedence({ ...contender, ...one }, { ...contender, rule, match })),
          restsOn: [],
        }));
    };
    const at = (place: Place, rule: number, match: RequestMatch): readonly Contest[] => {
      const contender: Contender = { object: own, declared: place.declared, rule, match };
      return (rivals.get(place.at)?.get(place.hostname)?.get(match.text) ?? []).map((rival) => {
        const { object, kind } = rival.route;
        const key = keyOf(kind, object);
        const { declared, restsOn } = rival.place;
        return {
          other: name(key),
          related: [key],
          about: [`${place.hostname} ${formatKey(key)}`],
          ...outcomeOf(precedence({ object, declared, rule: rival.rule, match: rival.match }, contender)),
          restsOn: [...place.restsOn, ...restsOn],
        };
      });
    };

    const findings: Finding[] = [];
    for (const [r, matches] of rules.entries()) {
      const told: {
        readonly path: FieldPath;
        readonly match: RequestMatch;
        readonly contest: Contest;
        readonly about: readonly string[];
      }[] = [];
      const lost: Contest[] = [];
      for (const [m, match] of matches.entries()) {
        if (match === undefined) continue;
        if (!ours.repeats(match.target) && (asked.size === 0 || !asked.has(match.text))) continue;
        const inner = within(r, match);
        const outer = places.map((place) => at(place, r, match));
        const contest = foremost([...inner, ...outer.flat()]);
        if (contest === undefined) continue;
        const about = outer.flat().flatMap((one) => one.about);
        told.push({ path: ['spec', 'rules', r, 'matches', m], match, contest, about });
        const losses = outer.map((contests) => contests.find(isLost));
        if (inner.some(isLost)) lost.push(contest);
        else if (places.length > 0 && losses.every((loss) => loss !== undefined) && !unseen.elsewhere) {
          lost.push({
            ...contest,
            related: losses.flatMap(({ related }) => related),
            restsOn: [...losses.flatMap(({ restsOn }) => restsOn), ...unseen.restsOn],
          });
        }
      }
      const duplicates = told.map(({ path, match, contest, about }) => {
        const data = { match: match.text, other: contest.other, outcome: outcomeText(contest) };
        return find('duplicate', path, data, { ...detailsOf([contest]), about });
      });
      const [first] = told;
      const [loss] = lost;
      if (first !== undefined && loss !== undefined && lost.length === matches.length) {
        const others = matches.length - 1;
        const match = others === 0 ? first.match.text : `${first.match.text} (and ${others} more)`;
        const data = { match, winner: loss.other, reason: WHY[loss.reason] };
        // An UPDATE may take matches away, and with them whoever is named first; the rule stays as dead as it was.
        const details = {
          ...detailsOf(lost),
          about: told.map((one) => one.match.text),
          aside: ['match', 'winner', 'reason'],
          insteadOf: duplicates,
        };
        findings.push(find('shadowed', ['spec', 'rules', r], data, details));
      } else for (const duplicate of duplicates) findings.push(duplicate);
    }
    return findings;
  },
});

function outcomeOf({ first, reason }: Precedence): Pick<Contest, 'outcome' | 'reason'> {
  return { outcome: first === undefined ? 'open' : first === 'one' ? 'lost' : 'won', reason };
}

function isLost({ outcome }: Contest): boolean {
  return outcome === 'lost';
}

/** Of the contests for one match the one that says most: lost before open before won. */
function foremost(contests: readonly Contest[]): Contest | undefined {
  for (const wanted of ['lost', 'open', 'won'] as const) {
    const found = contests.find(({ outcome }) => outcome === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why the winner goes first; to follow "which". The last two name no winner. */
const WHY: Readonly<Record<PrecedenceReason, string>> = {
  'earlier-rule': 'comes first',
  older: 'is older',
  name: 'is of the same age and comes first by name',
  undated: 'is created first',
  open: 'the controller prefers',
};

function outcomeText({ outcome, reason }: Contest): string {
  if (outcome === 'open') {
    return reason === 'undated'
      ? 'the one that is created first will get the requests'
      : 'which of the two gets the requests is left to the controller';
  }
  return `${outcome === 'lost' ? 'it gets the requests, since it' : 'this route gets the requests, since it'} ${WHY[reason]}`;
}

function detailsOf(contests: readonly Contest[]): FindingDetails {
  return {
    related: distinctKeys(contests.flatMap(({ related }) => related)),
    restsOn: distinctKeys(contests.flatMap(({ restsOn }) => restsOn)),
  };
}
