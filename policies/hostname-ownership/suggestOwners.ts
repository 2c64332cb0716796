import { canonicalHostname, compareText, formatKey, keyOf, parseHostname, type Snapshot } from '#gateway';
import { someOf, type Subject, type Suggestion, type SuggestionNote } from '#policy';
import { asking, servedFor } from './asked.ts';
import { isHostless, openListeners, writtenHostnames, type CLAIMING_KINDS } from './claims.ts';

/** Who uses a hostname, as comments tell it: namespace → objects. */
type Users = Map<string, Set<string>>;

/**
 * A line for each set of namespaces that use the same hostnames, in so many words: routes, listeners, annotations, and Ingresses, whose
 * hostnames move to routes one day. Several namespaces with one hostname share it, so that whatever is there today is owned.
 */
export function suggestOwners(
  subjects: readonly Subject<(typeof CLAIMING_KINDS)[number]>[],
  annotations: readonly string[],
  snapshot: Snapshot,
): Suggestion {
  const claims = new Map<string, Users>();
  const claim = (hostname: string, namespace: string, by: string): void => {
    const users = claims.get(hostname) ?? new Map<string, Set<string>>();
    claims.set(hostname, users);
    users.set(namespace, (users.get(namespace) ?? new Set()).add(by));
  };
  let nameless = 0;
  for (const subject of subjects) {
    const written = writtenHostnames(subject, annotations);
    const served = servedFor(subject, written, snapshot);
    const askedBy = asking(subject, served, snapshot);
    const by = nameOf(subject);
    for (const one of written) {
      const parsed = parseHostname(one.text);
      if ('problem' in parsed) continue;
      for (const { hostname } of askedBy(one, parsed.hostname)) claim(hostname, subject.namespace, by);
    }
    nameless += openListeners(subject).length + (isHostless(subject) ? 1 : 0);
  }
  for (const ingress of snapshot.list('Ingress')) {
    for (const { host } of ingress.spec?.rules ?? []) {
      // A rule without a host takes what no other does: a claim to nothing in particular.
      const hostname = host === undefined || host === '' ? undefined : canonicalHostname(host);
      if (hostname !== undefined) claim(hostname, ingress.metadata.namespace ?? '', `Ingress ${ingress.metadata.name}`);
    }
  }
  const lines = linesOf(claims);
  const rules = nameless === 0 ? {} : { 'no-hostname': 'Audit' };
  return {
    name: 'hostnames',
    comment: [
      lines.length === 0
        ? 'Who may use which hostname: none is in use, so nobody owns one.'
        : `Who may use which hostname, guessed from who uses it: routes, listeners, annotations and Ingresses. The most specific line wins, and *.example.com does not hold example.com.`,
      'Next: settle the shared lines, give a team the wildcard that it works under, name teams by labels (namespaceSelector) where they have many namespaces; then set action: Deny.',
    ],
    spec: { owners: lines.map(({ hostnames, namespaces }) => ({ hostnames, namespaces })), ...withRules(rules) },
    notes: [
      ...lines.map(({ note }, at): SuggestionNote => ({ path: ['owners', at], text: note })),
      ...(nameless === 0
        ? []
        : [
            {
              path: ['rules', 'no-hostname'],
              text: `${nameless} ${nameless === 1 ? 'listener or route names' : 'listeners and routes name'} no hostname and would be told of at every apply; set it to Warn once they do.`,
            },
          ]),
    ],
  };
}

interface Line {
  readonly hostnames: readonly string[];
  readonly namespaces: readonly string[];
  readonly note: string;
}

/** Hostnames with the same users together; lines of one namespace first, shared ones last. */
function linesOf(claims: ReadonlyMap<string, Users>): readonly Line[] {
  const byUsers = Map.groupBy([...claims], ([, users]) => JSON.stringify([...users.keys()].sort()));
  return [...byUsers.values()]
    .map((group): Line => {
      const namespaces = [...(group[0]?.[1].keys() ?? [])].sort();
      const hostnames = group.map(([hostname]) => hostname).sort(byDomain);
      return {
        hostnames,
        namespaces,
        note: noteOn(
          namespaces,
          group.map(([, users]) => users),
        ),
      };
    })
    .sort((a, b) => a.namespaces.length - b.namespaces.length || compareText(a.namespaces.join(), b.namespaces.join()));
}

function noteOn(namespaces: readonly string[], all: readonly Users[]): string {
  const used = namespaces.map((namespace) => {
    const objects = new Set(all.flatMap((users) => [...(users.get(namespace) ?? [])]));
    return { namespace, objects: [...objects].sort() };
  });
  const [only] = used;
  if (used.length === 1) return `from ${someOf(only?.objects ?? [])}`;
  const told = used.map(({ namespace, objects }) => `${namespace} (${someOf(objects)})`).join('; ');
  const isServed = used.filter(({ objects }) => !objects.every(isListener)).length < 2;
  return isServed
    ? `shared: a Gateway names what a route serves: ${told}. That is fine as long as these belong together.`
    : `shared: used by ${told}. Decide who owns it and take the others out: they can take each other's traffic.`;
}

function isListener(object: string): boolean {
  return ['Gateway ', 'ListenerSet ', 'XListenerSet '].some((kind) => object.startsWith(kind));
}

function nameOf({ kind, object }: Subject): string {
  return formatKey({ ...keyOf(kind, object), namespace: '' });
}

function withRules(rules: Readonly<Record<string, string>>): { readonly rules?: Readonly<Record<string, string>> } {
  return Object.keys(rules).length === 0 ? {} : { rules };
}

/** Names of one domain together, the domain before what is below it. */
function byDomain(a: string, b: string): number {
  const reversed = (hostname: string): string => hostname.split('.').reverse().join('.');
  return compareText(reversed(a), reversed(b));
}
