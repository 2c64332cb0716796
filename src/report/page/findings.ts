import { formatPath } from '#gateway';
import { objectText, shownName, type FilePlace, type FindingEffect, type ReportFinding } from '../finding.ts';
import type { RenderContext } from '../context.ts';
import { Markup, markup } from '../markup.ts';
import type { Drawing } from './picture.ts';
import { number } from './number.ts';

const EFFECT_WORDS: Readonly<Record<FindingEffect, string>> = {
  error: 'Error',
  deny: 'Denied',
  warn: 'Warning',
  audit: 'Audit',
};
const NOTHING = new Markup('');
/** So much of a line of a file is shown. */
const EXCERPT = 160;

/** `rule-hostname-ownership-not-owned`: where a rule stands in the page. */
export function anchorOf(rule: string): string {
  return `rule-${rule.replace('/', '-')}`;
}

/** What the rows can be filtered by; shown by the script, which does it. */
export function filterForm(findings: readonly ReportFinding[]): Markup {
  const counts = (valueOf: (finding: ReportFinding) => string): readonly (readonly [string, number])[] =>
    [...Map.groupBy(findings, valueOf)].map(([value, own]) => [value, own.length] as const).sort(byName);
  const option = ([value, count]: readonly [string, number], text = value): Markup =>
    markup`<option value="${value}">${text} (${number(count)})</option>`;
  const select = (label: string, name: string, options: readonly Markup[]): Markup =>
    markup`<div><label for="by-${name}">${label}</label><select id="by-${name}" name="${name}"><option value="">all</option>${options}</select></div>
`;
  const effects = counts(({ effect }) => effect);
  const rules = Map.groupBy(
    counts(({ rule }) => rule),
    ([rule]) => rule.slice(0, rule.indexOf('/')),
  );
  return markup`<form id="filter" role="search" aria-label="Filter the findings" autocomplete="off" hidden>
<div class="wide"><label for="by-text">Search</label><input type="search" id="by-text" name="text" placeholder="name, hostname, file, words of the message" spellcheck="false"></div>
${select(
  'Outcome',
  'outcome',
  (['error', 'deny', 'warn', 'audit'] as const).flatMap((effect) =>
    effects.filter(([value]) => value === effect).map((entry) => option(entry, EFFECT_WORDS[effect])),
  ),
)}${select(
    'Policy',
    'policy',
    counts(({ policy }) => policy).map((entry) => option(entry)),
  )}${select(
    'Namespace',
    'namespace',
    counts(namespaceValue).map((entry) => option(entry, entry[0] === '-' ? 'cluster-scoped' : entry[0])),
  )}${select(
    'Rule',
    'rule',
    [...rules].map(
      ([policy, own]) =>
        markup`<optgroup label="${policy}">${own.map((entry) => option(entry, entry[0].slice(policy.length + 1)))}</optgroup>`,
    ),
  )}${select(
    'Action of the document',
    'action',
    counts(({ action }) => action).map((entry) => option(entry)),
  )}${
    findings.some(({ change }) => change !== undefined)
      ? select(
          'Since the last report',
          'change',
          counts(({ change }) => change ?? '').map((entry) => option(entry)),
        )
      : NOTHING
  }<div class="narrow"><label for="by-sort">Sort by</label><select id="by-sort" name="sort">${COLUMNS.map(({ key, title }) => markup`<option value="${key}">${title}</option>`)}</select></div>
<button type="reset">Reset</button>
</form>
<div class="state" id="state" hidden><p id="shown" role="status"></p><button type="button" id="only" hidden>Only about <span id="about"></span> <span aria-hidden="true">✕</span><span class="unseen">: show all again</span></button><span class="pager" id="pager" role="group" aria-label="Pages" hidden><button type="button" id="back">Back</button><button type="button" id="on">Next</button></span></div>
`;
}

/** The columns of the table and the words by which the script sorts. */
const COLUMNS = [
  { key: 'outcome', title: 'Outcome' },
  { key: 'severity', title: 'Severity' },
  { key: 'rule', title: 'Rule' },
  { key: 'object', title: 'Object' },
  { key: 'finding', title: 'Finding' },
  { key: 'place', title: 'Place' },
] as const;

/** Every finding, a row each, in the order given; `f7` is the id of the eighth. */
export function findingsTable(
  findings: readonly ReportFinding[],
  context: RenderContext,
  drawing: Drawing | undefined,
): Markup {
  const heads = COLUMNS.map(
    ({ key, title }, at) => markup`<th scope="col" class="c${at + 1}" data-key="${key}">${title}</th>`,
  );
  const rows = findings.map((finding, at) => row(finding, at, context, drawing?.boxOf.get(finding) ?? ''));
  return markup`<table id="table"><caption class="unseen">Findings, the gravest first</caption><thead><tr>${heads}</tr></thead>
<tbody id="rows">
${rows}</tbody></table>
`;
}

function row(finding: ReportFinding, at: number, { fromRoot }: RenderContext, box: string): Markup {
  const { rule, action, effect, severity, message, certain, relief, object, path, place, change } = finding;
  const slash = rule.indexOf('/') + 1;
  const notes = [
    certain ? '' : 'unverified',
    relief === 'ratcheted' ? 'was there before' : '',
    relief === 'repaired' ? 'mended on admission' : '',
    change === 'new' ? 'new' : '',
  ].filter((note) => note !== '');
  const file = place === undefined ? '' : fromRoot(place.file);
  const sorted = [object?.namespace, object?.kind, object?.name].join('/');
  const line = String(place?.line ?? 0).padStart(7, '0');
  return markup`<tr id="f${at}" data-e="${effect}" data-s="${severity}" data-r="${rule}" data-n="${namespaceValue(finding)}" data-a="${action}" data-c="${change ?? ''}" data-x="${box}" data-o="${sorted}" data-w="${file} ${line}"><td><span class="chip ${effect}">${EFFECT_WORDS[effect]}</span>${notes.map((note) => markup`<span class="note">${note}</span>`)}</td><td>${severity}</td><td><a href="#${anchorOf(rule)}">${rule.slice(0, slash)}<wbr>${rule.slice(slash)}</a></td><td>${objectCell(finding)}${path.length === 0 ? NOTHING : markup`<p class="mono quiet">${breakable(formatPath(path))}</p>`}</td><td><p>${message}</p>${more(finding)}</td><td class="mono">${place === undefined ? NOTHING : breakable(`${file}:${place.line}`)}</td></tr>
`;
}

function objectCell({ object }: ReportFinding): Markup {
  if (object === undefined) return NOTHING;
  const { kind, namespace } = object;
  const name = shownName(object);
  return markup`<p><span class="quiet">${kind}</span> ${namespace === '' ? name : markup`${namespace}/<wbr>${name}`}</p>`;
}

/** What a person who mends it wants to see. */
function more({ place, fix, related, document, action, fingerprint }: ReportFinding): Markup {
  const entries = [
    ...(fix === undefined ? [] : [['fix', fix.description] as const]),
    ...related.map((other) => {
      const where = other.place === undefined ? '' : ` (${other.place.file}:${other.place.line})`;
      return ['see also', `${objectText({ apiVersion: '', ...other })}${where}`] as const;
    }),
    ...(document === '' ? [] : [['document', `${document}, action ${action}`] as const]),
    ...(place?.source === undefined ? [] : [['rendered from', place.source] as const]),
    ['fingerprint', fingerprint.slice(0, 16)] as const,
  ];
  const patch =
    fix === undefined || fix.patch.length === 0
      ? NOTHING
      : markup`<pre>${fix.patch.map((operation) => JSON.stringify(operation)).join('\n')}</pre>`;
  return markup`<details><summary>${fix === undefined ? 'More' : 'More, with a fix'}</summary>${excerpt(place)}<dl>${entries.map(([term, text]) => markup`<dt>${term}</dt><dd>${text}</dd>`)}</dl>${patch}</details>`;
}

/** The line of the file, with a mark where the finding begins. */
function excerpt(place: FilePlace | undefined): Markup {
  if (place === undefined || place.text.trim() === '') return NOTHING;
  const at = place.column - 1;
  const from = at < EXCERPT ? 0 : at - EXCERPT / 2;
  const before = `${from > 0 ? '…' : ''}${place.text.slice(from, at)}`;
  const after = `${place.text.slice(at, from + EXCERPT)}${place.text.length > from + EXCERPT ? '…' : ''}`;
  return markup`<pre><span class="quiet">${String(place.line)}  </span>${before}<mark>${after}</mark></pre>`;
}

/** A path that may go on in the next line after each step. */
function breakable(path: string): Markup {
  return markup`${path.split(/(?<=[/.])/).map((step) => markup`${step}<wbr>`)}`;
}

/** `-` for what is in no namespace, which no namespace is called. */
function namespaceValue({ object }: ReportFinding): string {
  return object === undefined || object.namespace === '' ? '-' : object.namespace;
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}
