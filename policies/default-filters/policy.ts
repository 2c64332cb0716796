import { hash } from 'node:crypto';
import { LISTENER_KINDS, formatKey, namespaceKey, writtenMatches } from '#gateway';
import { definePolicy, type Finding, type FindingDetails, type Fix, type Subject } from '#policy';
import { z } from 'zod';
import { formatHeaders, headersOf } from './headers.ts';
import { filtersSchema } from './options.ts';
import { plainParents, type PlainParent } from './plainHttp.ts';
import {
  LIMIT,
  hasAll,
  isRedirectOnly,
  planRule,
  rulesEdits,
  undoneByBackends,
  type HeadersAt,
  type Rule,
  type WantedHeaders,
} from './rule.ts';

/** Filters that every route must have, added by the mutating webhook or asked for. */
export const defaultFilters = definePolicy({
  id: 'default-filters',
  kind: 'DefaultFilters',
  summary: 'Filters that every HTTPRoute and GRPCRoute must have, and nothing but redirects over plain HTTP.',
  description: `A document lists Gateway API's own header filters as they would stand in a rule. A rule that lacks them gets them, in a
deterministic place: merged into the rule's own modifier of that type, since the CRD refuses two, else at the end of its filters. Header
names are compared case-insensitively, and each name gets one action. A rule whose only job is a redirect is left alone. Metadata is never
touched, and a second pass finds nothing to do.

- \`mode: Mutate\`: the mutating webhook adds them; the validating one judges the final object, so that a route which slipped past the
  mutation, or has no room for it, meets the document's action.
- \`mode: Require\`: nothing is changed; a route without them meets the document's action. \`gateward check --fix\` writes the same edits into
  the repository, so that what lives in the cluster is what stands in git.
- \`mode: Suggest\`: a warning at most.

\`onConflict: KeepRoute\` leaves a header alone that the route's rule sets, adds or removes itself. With \`Override\` the rule is changed, and
a backend's own filter that works against it is reported. For a header that guards something, such as one that a backend trusts, take
\`Override\`.

\`httpsRedirect\`: a rule that is not a redirect may not be attached to a listener of protocol HTTP. The fix attaches the route by
\`sectionName\` to the HTTPS listener, where exactly one of the same parent serves all that the HTTP listener would, and names the redirect
that belongs in a route of its own, attached to the HTTP listeners alone. The mutating webhook never does this: plain HTTP would begin to answer 404 where it answered before. A
parent that is not in sight is not judged.

**Who owns the list.** \`rules\` and \`filters\` are atomic lists, so a filter that the webhook adds makes the whole list a change of whoever sent
the write. With server-side apply the API server files it under the applier's field manager: nobody else appears as an owner, an apply of the
same manifest sends the list without the filters again, the webhook adds them again, and what is stored does not change. Another manager that
applies the list as it stands in git meets a conflict, since the stored one differs: one manager should write a route.

**GitOps.** Argo CD compares what is stored with what stands in git, and shows a route that was mutated as OutOfSync for ever; with self-healing
it syncs again and again. Its server-side diff (annotation \`argocd.argoproj.io/compare-options: ServerSideDiff=true,IncludeMutationWebhook=true\`)
counts what webhooks add, and \`ignoreDifferences\` with the \`jqPathExpression\` \`.spec.rules[].filters\` leaves the filters out. Flux applies with a
server-side dry run, which webhooks mutate too, and finds no drift. Where git should say what runs, take \`mode: Require\`:
the webhook changes nothing, and \`gateward check --fix\` writes the same edits into the manifests.`,
  subjects: ['HTTPRoute', 'GRPCRoute'],
  reads: LISTENER_KINDS,
  options: {
    mode: z
      .enum(['Mutate', 'Require', 'Suggest'])
      .default('Require')
      .describe(
        'Mutate: the mutating webhook adds them. Require: the validating one asks for them. Suggest: a warning.',
      ),
    filters: filtersSchema
      .default([])
      .describe(
        'Filters as they would stand in a rule: at most one RequestHeaderModifier and one ResponseHeaderModifier.',
      ),
    onConflict: z
      .enum(['KeepRoute', 'Override'])
      .default('KeepRoute')
      .describe('What happens when the route does something else with the same header: KeepRoute | Override.'),
    httpsRedirect: z
      .strictObject({
        statusCode: z
          .literal([301, 302, 303, 307, 308])
          .default(301)
          .describe('The status code to redirect with. Gateway API has 303, 307 and 308 since v1.5.'),
      })
      .optional()
      .describe('When given: nothing but a redirect may be served over a listener of protocol HTTP.'),
  },
  messages: {
    'missing-filter': {
      severity: 'medium',
      why: 'A header that every response must carry, or no request may bring along, is forgotten in one route out of many.',
      text: '{{path}} lacks the default filters of {{document}}: {{headers}}. Add them to the rule; gateward check --fix does',
    },
    'no-room': {
      severity: 'medium',
      why: 'Gateway API limits the entries of a list, so the missing filters cannot be added by anybody but the author of the route.',
      text: '{{path}} lacks the default filters of {{document}}: {{headers}}, and has no room: {{limit}} entries are allowed. Merge some',
    },
    'undone-by-backend': {
      severity: 'medium',
      why: 'A filter of a backendRef acts on the same header as the filters that every rule must have.',
      text: '{{path}} works against the default filters of {{document}}: {{headers}}. Take it out of the backend',
    },
    'plain-http': {
      severity: 'high',
      why: 'A rule that answers over a listener of protocol HTTP sends requests, cookies and tokens in plain text.',
      text: '{{path}} serves the route in plain HTTP over {{listener}}. Attach it to the HTTPS listener with sectionName, and let a route of its own answer HTTP with a {{statusCode}} redirect ({{document}})',
    },
  },
  check: ({ options }) =>
    options.filters.length > 0 || options.httpsRedirect !== undefined
      ? []
      : [{ path: ['filters'], message: 'asks for nothing: give filters or httpsRedirect' }],
  bind: ({ options, spec }) => ({
    mode: options.mode,
    onConflict: options.onConflict,
    wanted: wantedHeaders(options.filters),
    statusCode: options.httpsRedirect?.statusCode,
    disclose: spec.disclose,
  }),
  mutates: ({ mode }) => mode === 'Mutate',
  evaluate: (subject, { bound, find, snapshot }) => {
    const findings: Finding[] = [];
    const { wanted, onConflict } = bound;
    const limit = bound.mode === 'Suggest' ? { atMost: 'Warn' as const } : {};
    const rules: readonly Rule[] = subject.object.spec.rules ?? [];
    for (const [at, rule] of rules.entries()) {
      if (isRedirectOnly(rule) || (onConflict === 'KeepRoute' && hasAll(rule, wanted))) continue;
      const path = ['spec', 'rules', at];
      let matches: readonly string[] | undefined;
      const details = (...lacking: readonly HeadersAt[]): FindingDetails => ({
        ...limit,
        about: aboutOf((matches ??= writtenMatches(rule).map(shorten)), lacking),
        aside: ['headers'],
      });
      const { missing, edits, noRoom } = planRule(rule, path, subject.raw, wanted, onConflict);
      const [first, ...others] = missing;
      if (first !== undefined) {
        const headers = formatAll(missing);
        const fix = { description: `add ${headers}`, edits: [...rulesEdits(subject.raw, rules), ...edits] };
        const at = others.length === 0 ? first.path : path;
        findings.push(find('missing-filter', at, { headers }, { ...details(...missing), fix }));
      }
      for (const full of noRoom) {
        findings.push(find('no-room', full.path, { headers: formatAll([full]), limit: LIMIT }, details(full)));
      }
      if (onConflict === 'KeepRoute') continue;
      for (const undone of undoneByBackends(rule, path, wanted)) {
        findings.push(find('undone-by-backend', undone.path, { headers: formatAll([undone]) }, details(undone)));
      }
    }
    if (bound.statusCode === undefined || rules.every(isRedirectOnly)) return findings;
    for (const plain of plainParents(subject, snapshot)) {
      const isNamed = plain.parent.namespace === subject.namespace || bound.disclose === 'Objects';
      const listener = isNamed ? `listener ${plain.listener}` : 'a listener of protocol HTTP';
      findings.push(
        find(
          'plain-http',
          plain.path,
          { listener, statusCode: bound.statusCode },
          {
            ...limit,
            related: [plain.parent],
            about: plain.listeners.map((name) => `${formatKey(plain.parent)} ${name}`),
            restsOn: plain.uncertain ? [namespaceKey(subject.namespace)] : [],
            fix: pinFix(plain, isNamed, bound.mode, rules, companionOf(subject, plain, isNamed, bound.statusCode)),
          },
        ),
      );
    }
    return findings;
  },
});

/** Which requests miss which header, pair by pair, so that rules are told apart; short, since a match and a header may be long. */
function aboutOf(matches: readonly string[], parts: readonly HeadersAt[]): readonly string[] {
  return parts.flatMap(({ done }) => done.map(shorten)).flatMap((one) => matches.map((match) => `${match} ${one}`));
}

function shorten(text: string): string {
  return hash('sha256', text, 'base64');
}

/**
 * Attaches the route to the one HTTPS listener that serves all that the HTTP one would. Only a person or a repository does so, never the
 * mutating webhook: without a redirect beside it, plain HTTP would begin to answer 404. A route that holds the redirect itself must be
 * divided by hand.
 */
function pinFix(plain: PlainParent, isNamed: boolean, mode: string, rules: readonly Rule[], companion: string): Fix {
  const isSafe = plain.pin !== undefined && mode !== 'Mutate' && !rules.some(isRedirectOnly);
  return {
    description: `set sectionName to ${isNamed && plain.pin !== undefined ? plain.pin : 'the HTTPS listener'}, and redirect HTTP in another route: ${companion}`,
    edits: isSafe ? [{ op: 'add', path: [...plain.path, 'sectionName'], value: plain.pin }] : [],
  };
}

/**
 * The route that answers plain HTTP with a redirect, for the same hostnames on the same parent: YAML in one line, since JSON is YAML. It is
 * attached to the HTTP listeners alone: on an HTTPS listener it would redirect to itself. What may not be named stands in capitals, which the
 * API server refuses in a sectionName.
 */
function companionOf(
  { object }: Subject<'HTTPRoute' | 'GRPCRoute'>,
  { ref, parent, listeners }: PlainParent,
  isNamed: boolean,
  statusCode: number,
): string {
  const { name, generateName = '', namespace } = object.metadata;
  const gateway = isNamed ? { name: parent.name, namespace: parent.namespace } : { name: 'THE-GATEWAY' };
  const sectionNames = isNamed ? listeners : [ref?.sectionName ?? 'THE-HTTP-LISTENER'];
  const { hostnames } = object.spec;
  return JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      ...(name === '' ? { generateName: `${generateName}redirect-` } : { name: `${name}-redirect` }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: {
      parentRefs: sectionNames.map((sectionName) => ({ ...(ref ?? gateway), sectionName })),
      ...(hostnames === undefined ? {} : { hostnames }),
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode } }] }],
    },
  });
}

function wantedHeaders(filters: z.infer<typeof filtersSchema>): WantedHeaders {
  return new Map(
    filters.map((filter) => {
      const { set = [], add = [], remove = [] } = filter.requestHeaderModifier ?? filter.responseHeaderModifier ?? {};
      return [filter.type, headersOf({ set, add, remove })];
    }),
  );
}

/** `request: remove X-Forwarded-User; response: set Strict-Transport-Security`. */
function formatAll(parts: readonly HeadersAt[]): string {
  return parts.map(({ modifier, headers }) => `${modifier.side}: ${formatHeaders(headers)}`).join('; ');
}
