import { ANY, formatKey, HOSTNAME_PROBLEMS, parseHostname } from '#gateway';
import {
  definePolicy,
  describeOwners,
  exactlyOneOfNamespaces,
  namespacesShape,
  type Finding,
  type FindingDetails,
} from '#policy';
import { z } from 'zod';
import { backstop } from './backstop.ts';
import { askedThrough, asking, servedFor, type Asked } from './asked.ts';
import {
  CLAIMING_KINDS,
  isHostless,
  openListeners,
  publicSuffixOf,
  targetHostnames,
  writtenHostnames,
} from './claims.ts';
import { heldHostnames } from './held.ts';
import { MESSAGES } from './messages.ts';
import { ownedHostname, OwnerTable, type Entitlement } from './owners.ts';
import { LOOKED_AT, LOOKED_AT_IN_ALL, Looks, rivalsOf, type Rival } from './rivals.ts';
import { suggestOwners } from './suggestOwners.ts';
import { Takeovers } from './takeover.ts';

/** What external-dns reads: https://kubernetes-sigs.github.io/external-dns. */
const EXTERNAL_DNS = 'external-dns.alpha.kubernetes.io/hostname';

const ownerSchema = z
  .strictObject({
    hostnames: z
      .array(z.string())
      .min(1)
      .describe('Hostnames as Gateway API writes them; *.example.com does not hold example.com; * is every name.'),
    ...namespacesShape,
  })
  .refine(...exactlyOneOfNamespaces)
  .describe('Namespaces that share these hostnames.');

/** Who may claim a hostname. */
export const hostnameOwnership = definePolicy({
  id: 'hostname-ownership',
  kind: 'HostnameOwnership',
  summary: 'Who may claim a hostname: in routes, in listeners, in annotations.',
  description: `The \`owners\` of all HostnameOwnership documents form one table. The most specific hostname with an owner decides, and it
alone: an owner of \`*.example.com\` may use \`a.b.example.com\`, but not \`shop.example.com\` where that has an owner of its own, and never
\`example.com\`, which no wildcard holds. Lines that name the same hostname share it. Everything under \`spec\` but \`owners\` speaks for its own
document only; the strictest document wins.

**Wildcards** are asked for as a whole. The line that covers all of a claimed wildcard decides: with \`*.example.com\` for platform and
\`x.shop.example.com\` for team-shop, platform may claim \`*.example.com\` and \`*.shop.example.com\`, and team-shop may claim neither. Platform
thereby holds \`x.shop.example.com\` until team-shop claims it; from then on the narrower hostname wins wherever both are served.

**What is judged**: every hostname of HTTPRoutes, GRPCRoutes, TLSRoutes and of the listeners of Gateways and ListenerSets, and of the
annotations listed under \`annotations\`, in the object's metadata and in a Gateway's \`spec.infrastructure\`. A route's wildcard counts as what its
listeners leave of it. A route without hostnames serves everything its listeners serve, and a listener without one everything there is: both
are \`no-hostname\` unless their namespace owns all of it. A listener that does not admit the route's namespace counts too, since it may begin to
without the route being judged again. Routes whose parents are all Services are left out, unless they ask for the default Gateways too: a mesh
reads no hostnames.

**Rivals**: \`conflict\` is an object of another owner with the same or an overlapping hostname, where the claimant has no right to the name; a
claimant that has one is only warned of an intruder. \`takeover\` is a conflict in which the other object loses traffic on a port of a Gateway that
both use: the claim is more specific, or its path or gRPC method is, or it asks for more of a request, by method, headers or query
parameters, or its route is older and both ask for the same. Namespaces that own just the same are one owner. At most ${LOOKED_AT} namespaces and
objects are looked at for each hostname, and ${LOOKED_AT_IN_ALL} for one object; beyond them nothing is claimed.

**Claims**: two replicas that are asked at the same moment do not see each other's object yet. With \`claims: Enforce\` a write that nothing stands
against has its hostnames held by \`HostnameClaim\` objects before it is allowed, one for each hostname, routes and listeners apart. What is
held is judged as a rival is, by \`conflict\` and its action: namespaces that are one owner share, of overlapping hostnames the older claim
stays, and who has a right to a hostname takes it over. A claim whose object is in the cluster answers 403; one whose object is not there (yet)
429 with \`Retry-After: 1\`, which kubectl obeys. An UPDATE holds only hostnames that are new, a dry run holds none. A claim without its object is
taken away after 120 s. When hostnames cannot be held in time, \`failureMode\` decides. It needs \`serve --client-ca\`, see \`deploy/README.md\`.

Hostnames are compared in one canonical form: lower case, no trailing dot, internationalised names as \`xn--\`. A public suffix, or a wildcard
over one, is refused unless a line of \`owners\` names it.`,
  subjects: CLAIMING_KINDS,
  reads: ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'Gateway', 'ListenerSet', 'XListenerSet'],
  options: {
    owners: z.array(ownerSchema).describe('Who owns which hostnames; the most specific hostname wins.'),
    annotations: z
      .array(z.string().min(1))
      .default([EXTERNAL_DNS])
      .describe('Keys of annotations that claim hostnames too, divided by commas.'),
    claims: z
      .enum(['Disabled', 'Enforce'])
      .default('Disabled')
      .describe(
        'Enforce: the server holds each hostname by a HostnameClaim object in the cluster, so that of two writers at once only one wins.',
      ),
  },
  messages: MESSAGES,
  check: ({ options }) =>
    options.owners.flatMap((owner, at) =>
      owner.hostnames.flatMap((text, index) =>
        ownedHostname(text) === undefined
          ? [{ path: ['owners', at, 'hostnames', index], message: `"${text}" is not a hostname` }]
          : [],
      ),
    ),
  bind: ({ options, spec }, all) => ({
    annotations: options.annotations,
    claims: options.claims,
    judgesTargets: (spec.rules['foreign-target'] ?? 'Disabled') !== 'Disabled',
    table: new OwnerTable(
      all.flatMap((document) =>
        document.options.owners.map(({ hostnames, namespaces, namespaceSelector }, at) => ({
          document: document.name,
          at,
          hostnames: hostnames.flatMap((text) => ownedHostname(text) ?? []),
          namespaces,
          namespaceSelector,
        })),
      ),
    ),
  }),
  owners: ({ table }) => table,
  claims: {
    enforced: ({ claims }) => claims === 'Enforce',
    of: (subject, tools) => heldHostnames(subject, tools),
  },
  annotations: (bound) => bound.annotations,
  backstop: ({ annotations, table }) => backstop(annotations, table),
  suggest: (subjects, snapshot) => suggestOwners(subjects, [EXTERNAL_DNS], snapshot),
  evaluate: (subject, { bound: { annotations, judgesTargets, table }, find, name, snapshot }) => {
    const { namespace } = subject;
    const findings: Finding[] = [];
    const mayUse = (hostname: string): Entitlement => table.entitlement(hostname, namespace, snapshot);
    let listed: string | undefined;
    const allowed = (): string => (listed ??= table.allowedTo(namespace, snapshot));
    const takeovers = new Takeovers(subject, snapshot);
    const looks = new Looks();
    const contest = (asked: Asked, { entitled, restsOn }: Entitlement = mayUse(asked.hostname)): void => {
      const { path, claim, uncut, hostname, use, listener } = asked;
      const wanted = { hostname, use, listener, entitled };
      const { met, robbed } = rivalsOf(subject, wanted, table, takeovers, looks, snapshot);
      const details = (rival: Rival, about: readonly string[]): FindingDetails => ({
        related: [rival.key],
        restsOn: [...restsOn, ...uncut, ...rival.restsOn],
        about,
        ...(entitled ? { atMost: 'Warn' } : {}),
      });
      if (met !== undefined) {
        const data = { claim, rival: name(met.key), relation: met.relation };
        findings.push(find('conflict', path, data, details(met, aboutOf(asked))));
      }
      // Of the robbed one that is certain is told of.
      const victim = robbed.find(({ restsOn: unsure }) => unsure.length === 0) ?? robbed[0];
      if (victim !== undefined) {
        const data = { claim, rival: name(victim.key), reason: victim.taken.reason };
        const about = robbed.flatMap(({ key, taken }) => {
          const from = `${hostname} ${formatKey(key)}`;
          return [from, ...taken.parts.map((part) => `${from} ${part}`)];
        });
        // An UPDATE may leave alone whoever is named, and take no more from others.
        findings.push(find('takeover', path, data, { ...details(victim, about), aside: ['rival', 'reason'] }));
      }
    };

    const written = writtenHostnames(subject, annotations);
    const served = servedFor(subject, written, snapshot);
    const askedBy = asking(subject, served, snapshot);
    for (const one of written) {
      const { text, path } = one;
      const parsed = parseHostname(text);
      if ('problem' in parsed) {
        const data = { hostname: clip(text), problem: HOSTNAME_PROBLEMS[parsed.problem] };
        findings.push(find('invalid-hostname', path, data, { about: [text] }));
        continue;
      }
      const suffix = table.names(parsed.hostname) ? undefined : publicSuffixOf(parsed.hostname);
      if (suffix !== undefined) {
        const problem = `claims the public suffix "${suffix}", under which anybody may register names`;
        findings.push(find('invalid-hostname', path, { hostname: text, problem }));
      }
      for (const asked of askedBy(one, parsed.hostname)) {
        const { hostname, claim, uncut } = asked;
        const entitlement = mayUse(hostname);
        const { entitled, owners } = entitlement;
        const restsOn = [...entitlement.restsOn, ...uncut];
        const about = aboutOf(asked);
        if (owners === undefined) {
          findings.push(find('unowned', path, { claim, namespace, allowed: allowed() }, { restsOn, about }));
        } else if (!entitled) {
          const owner = { owner: describeOwners(owners), policy: owners[0].document };
          const data = { claim, ...owner, namespace, allowed: allowed() };
          findings.push(find('not-owned', path, data, { restsOn, about }));
        }
        contest(asked, entitlement);
      }
    }

    for (const { path, listener } of openListeners(subject)) {
      const { entitled, restsOn } = mayUse(ANY);
      if (entitled) continue;
      const extent = 'every hostname there is';
      const data = { kind: 'listener', extent, namespace, allowed: allowed() };
      findings.push(find('no-hostname', path, data, { restsOn, about: [listener] }));
    }
    for (const through of isHostless(subject) ? served : []) {
      const { parent, isDeclared, missing, hostnames } = through;
      const extent = `everything that ${isDeclared ? formatKey(parent) : name(parent)} serves`;
      const answers = hostnames.map((hostname) => ({ hostname, ...mayUse(hostname) }));
      const refused = answers.filter(({ entitled }) => !entitled);
      const all = mayUse(ANY);
      if ((missing !== undefined && !all.entitled) || refused.length > 0) {
        // One hostname that is refused whatever the labels of the namespace say makes the finding certain.
        const least = refused.toSorted((a, b) => a.restsOn.length - b.restsOn.length)[0]?.restsOn ?? [];
        const restsOn = missing === undefined ? least : [missing, ...all.restsOn];
        const data = { kind: 'route', extent, namespace, allowed: allowed() };
        const about = refused.map(({ hostname }) => hostname);
        findings.push(find('no-hostname', ['spec', 'hostnames'], data, { restsOn, related: [parent], about }));
      }
      for (const asked of askedThrough(through, extent)) contest(asked);
    }

    for (const { text, path } of judgesTargets ? targetHostnames(subject) : []) {
      const parsed = parseHostname(text);
      if ('problem' in parsed) continue;
      const { entitled, owners, restsOn } = mayUse(parsed.hostname);
      if (entitled || owners === undefined) continue;
      const owner = { owner: describeOwners(owners), policy: owners[0].document };
      const data = { hostname: text, ...owner, namespace, allowed: allowed() };
      findings.push(find('foreign-target', path, data, { restsOn }));
    }
    return findings;
  },
});

/** What is found of a name in DNS, or that nobody serves, covers no traffic for it in the next UPDATE; the other way round it does. */
function aboutOf({ hostname, use, isServed }: Pick<Asked, 'hostname' | 'use' | 'isServed'>): readonly string[] {
  return use === 'annotation' || !isServed ? [hostname] : [hostname, `traffic of ${hostname}`];
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
