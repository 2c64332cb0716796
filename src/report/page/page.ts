import type { RenderContext, RuleInfo } from '../context.ts';
import { helpUri } from '../context.ts';
import { objectText, type ReportFinding } from '../finding.ts';
import type { Graph } from '../graph/graph.ts';
import { PICTURE_STYLE } from '../graph/style.ts';
import { htmlPage } from '../htmlPage.ts';
import { Markup, markup, type MarkupPart } from '../markup.ts';
import { planLines } from '../plan.ts';
import { summaryLine, type Report } from '../report.ts';
import { mostSevereFirst } from '../severity.ts';
import { UNAUDITABLE_TEXT } from '../unauditable.ts';
import { anchorOf, filterForm, findingsTable } from './findings.ts';
import { counted, number } from './number.ts';
import { drawnWith, pictureSection, type Drawing } from './picture.ts';
import { PAGE_SCRIPT } from './script.ts';
import { PAGE_STYLE } from './style.ts';
import { tallies } from './tallies.ts';

/** So many findings are in a page; a browser is slow to take in more. */
const MAX_FINDINGS = 10_000;
/** So many lines of a list that nobody filters. */
const MAX_LINES = 500;
const NOTHING = new Markup('');

/** A part of the page that can be led to. */
interface Part {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/**
 * The report as one HTML page that needs no network and says so (Content-Security-Policy): what it comes to, where most of it is, the picture
 * of what was judged with its findings, all findings to filter and sort, the rules they break, and what was exempted or not judged. Whole
 * without script; usable with the keyboard, by screen readers, in the dark and on paper.
 */
export function renderPage(report: Report, context: RenderContext, graph: Graph | undefined): string {
  const findings = mostSevereFirst(report.findings).slice(0, MAX_FINDINGS);
  const drawing = graph === undefined ? undefined : drawnWith(graph, findings);
  const parts = partsOf(report, findings, context, drawing);
  const title = `Gateward ${context.face}`;
  const body = markup`<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<p class="brand">${title}</p>
<h1>${headline(report)}</h1>
<p class="quiet">${summaryLine(report)} · ${timeText(context.now)} · Gateward ${context.version}</p>
</header>
<nav aria-label="Parts of this report"><ul>${parts.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${tiles(report)}
${parts.map(({ content }) => content)}
</main>
<footer><p>What admission would do is said by one engine at admission, in CI and in audits. Rules: <code>gateward explain RULE</code>, or <a href="https://gateward.dev/rules" rel="noreferrer">gateward.dev/rules</a>.</p></footer>`;
  return htmlPage({
    title: [title, ': ', headline(report)],
    style: PICTURE_STYLE + PAGE_STYLE,
    script: PAGE_SCRIPT,
    body,
  });
}

function partsOf(
  report: Report,
  findings: readonly ReportFinding[],
  context: RenderContext,
  drawing: Drawing | undefined,
): readonly Part[] {
  const leftOut = report.findings.length - findings.length;
  const parts: readonly (Part | undefined)[] = [
    findings.length === 0
      ? { id: 'findings', title: 'Findings', content: calm(report) }
      : {
          id: 'findings',
          title: `Findings (${number(report.findings.length)})`,
          content: section(
            'findings',
            'Findings',
            markup`${leftOut > 0 ? markup`<p>The ${number(MAX_FINDINGS)} gravest; ${number(leftOut)} more are left out, <code>-o json</code> has all of them.</p>` : NOTHING}${filterForm(findings)}${findingsTable(findings, context, drawing)}`,
          ),
        },
    drawing === undefined || drawing.graph.nodes.length === 0
      ? undefined
      : {
          id: 'picture',
          title: 'Picture',
          content: section('picture', 'Picture', pictureSection(drawing, findings.length)),
        },
    report.plan === undefined
      ? undefined
      : {
          id: 'plan',
          title: 'Planned release',
          content: section('plan', 'Planned release', markup`<pre>${planLines(report.plan).join('\n')}</pre>`),
        },
    ...lists(report),
    rulesPart(report, context.rules),
  ];
  const overview: Part = { id: 'overview', title: 'Overview', content: tallies(report) };
  return [overview, ...parts.filter((part) => part !== undefined)];
}

function section(id: string, title: string, content: Markup): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title" tabindex="-1">${title}</h2>
${content}</section>
`;
}

/** What the report comes to, in one sentence. */
function headline({ summary, findings, errors }: Report): string {
  if (summary.denied > 0) {
    const objects = new Set(findings.filter(({ effect }) => effect === 'deny').map(({ object }) => objectText(object)));
    return `${number(objects.size)} of ${counted(summary.objects, 'object')} would be denied`;
  }
  if (summary.errors > 0) {
    const denies = errors.some(({ effect }) => effect === 'deny');
    return `${counted(summary.errors, 'error')}: not everything could be judged${denies ? ', and what cannot be judged is denied' : ''}`;
  }
  if (summary.findings > 0) return `Nothing would be denied; ${counted(summary.findings, 'finding')} to look at`;
  return summary.objects === 0 ? 'No Gateway API objects to judge' : 'Nothing to report';
}

function tiles({ summary, resolved }: Report): Markup {
  const tile = (count: number, word: string, look: string, set: string): Markup => {
    const inside = markup`<b>${number(count)}</b> ${word}`;
    return count === 0 || set === ''
      ? markup`<li><span class="tile ${count === 0 ? '' : look}">${inside}</span></li>`
      : markup`<li><a class="${look}" href="#findings" data-set="${set}">${inside}</a></li>`;
  };
  return markup`<section class="bare" aria-label="Counts"><ul class="tiles">
${tile(summary.denied, 'denied', 'deny', 'outcome=deny')}
${tile(summary.warned, summary.warned === 1 ? 'warning' : 'warnings', 'warn', 'outcome=warn')}
${tile(summary.audited, 'audited', 'audit', 'outcome=audit')}
${summary.errors > 0 ? tile(summary.errors, summary.errors === 1 ? 'error' : 'errors', 'error', '') : NOTHING}
${tile(summary.exempted, 'exempted', '', '')}
${summary.known > 0 ? tile(summary.known, 'known', '', '') : NOTHING}
${resolved === undefined ? NOTHING : [tile(summary.new ?? 0, 'new', 'warn', 'change=new'), tile(resolved.length, 'resolved', 'fine', '')]}
<li><span class="tile"><b>${number(summary.objects)}</b> ${summary.objects === 1 ? 'object' : 'objects'} judged</span></li>
</ul></section>`;
}

/** The page of a clean report. */
function calm({ summary }: Report): Markup {
  const isClean = summary.errors === 0;
  const text =
    summary.objects === 0
      ? `There is no object of Gateway API in ${counted(summary.files, 'file')}.`
      : isClean
        ? `${counted(summary.objects, 'object')} judged, and no rule is broken that is not exempted or known.`
        : 'No rule is broken by what could be judged. What could not be is listed below.';
  const sign = isClean
    ? new Markup(
        '<svg viewBox="0 0 56 56" fill="none" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="28" cy="28" r="24" stroke="currentColor" opacity=".25"/><path d="M17 29l8 8 15-17" stroke="currentColor"/></svg>',
      )
    : NOTHING;
  return markup`<section id="findings" class="calm" aria-labelledby="findings-title">${sign}<h2 id="findings-title">No findings</h2><p class="quiet">${text}</p></section>
`;
}

/** What is not among the findings, each part only when there is any of it. */
function lists({ errors, problems, exempted, resolved, unauditable, expiredExemptions }: Report): readonly Part[] {
  const part = (
    id: string,
    title: string,
    why: string,
    head: readonly string[],
    rows: readonly (readonly MarkupPart[])[],
  ): readonly Part[] =>
    rows.length === 0
      ? []
      : [
          {
            id,
            title: `${title} (${number(rows.length)})`,
            content: section(id, title, markup`<p class="quiet">${why}</p>${plainTable(title, head, rows)}`),
          },
        ];
  return [
    ...part(
      'unjudged',
      'Not judged',
      'Nothing is said of these, neither good nor bad.',
      ['what', 'object', 'why'],
      [
        ...problems.map((problem) => ['input', '', problem]),
        ...errors.map(({ policy, document, object, reason }) => [
          `${policy} (${document})`,
          objectText(object),
          reason,
        ]),
      ],
    ),
    ...part(
      'resolved',
      'Resolved',
      'In the last report, and gone since.',
      ['rule', 'object', 'field'],
      (resolved ?? []).map(({ rule, object, path }) => [ruleLink(rule), objectText(object ?? undefined), path]),
    ),
    ...part(
      'exempted',
      'Exempted',
      'Rules that are broken by leave of an operator, until the exemption ends.',
      ['rule', 'object', 'reason', 'exemption', 'ends'],
      exempted.map(({ finding, exemption }) => [
        ruleLink(finding.rule),
        objectText(finding.object),
        exemption.ticket === undefined ? exemption.reason : `${exemption.reason} (${exemption.ticket})`,
        exemption.name,
        timeText(exemption.expires),
      ]),
    ),
    ...part(
      'ended',
      'Exemptions that are over',
      'They are not honoured any more; take them away.',
      ['exemption'],
      expiredExemptions.map((name) => [name]),
    ),
    ...part(
      'unauditable',
      'Not auditable',
      'Rules in force that only admission can judge; an audit says nothing of them.',
      ['rule', 'documents', 'why'],
      unauditable.map(({ rule, documents, needs }) => [ruleLink(rule), documents.join(', '), UNAUDITABLE_TEXT[needs]]),
    ),
  ];
}

function plainTable(caption: string, head: readonly string[], rows: readonly (readonly MarkupPart[])[]): Markup {
  const left = rows.length - MAX_LINES;
  const row = (cells: readonly MarkupPart[]): Markup =>
    markup`<tr>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`;
  return markup`<table class="plain"><caption class="unseen">${caption}</caption><thead><tr>${head.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.slice(0, MAX_LINES).map(row)}</tbody></table>${left > 0 ? markup`<p class="quiet">${number(left)} more are left out.</p>` : NOTHING}`;
}

function ruleLink(rule: string): Markup {
  return markup`<a href="#${anchorOf(rule)}">${rule}</a>`;
}

/** The rules that anything in the report is about, with what stands on their pages. */
function rulesPart(
  { findings, exempted, resolved, unauditable }: Report,
  rules: readonly RuleInfo[],
): Part | undefined {
  const broken = Map.groupBy(findings, ({ rule }) => rule);
  const named = new Set([
    ...broken.keys(),
    ...exempted.map(({ finding }) => finding.rule),
    ...(resolved ?? []).map(({ rule }) => rule),
    ...unauditable.map(({ rule }) => rule),
  ]);
  const told = rules.filter(({ id }) => named.has(id));
  if (told.length === 0) return undefined;
  const content = told.map((rule) => ruleArticle(rule, broken.get(rule.id)?.length ?? 0));
  return {
    id: 'rules',
    title: 'Rules',
    content: section('rules', 'Rules', markup`<div class="rules">${content}</div>`),
  };
}

function ruleArticle({ id, why, severity, text, kind }: RuleInfo, count: number): Markup {
  const found =
    count === 0 ? NOTHING : markup` · <a href="#findings" data-set="rule=${id}">${counted(count, 'finding')}</a>`;
  const documents =
    kind === ''
      ? NOTHING
      : markup`<p class="quiet">It says: <span class="mono">${text}</span></p>
<p>What happens is set in a <code>${kind}</code> document, with <code>spec.action</code> or for this rule alone:</p>
<pre>spec:
  rules:
    ${id.slice(id.indexOf('/') + 1)}: Deny # Deny | Warn | Audit | Disabled</pre>
`;
  return markup`<article id="${anchorOf(id)}"><h3>${id}</h3>
<p class="quiet">Severity ${severity}${found} · <a href="${helpUri(id)}" rel="noreferrer">page of the policy</a></p>
<p>${why}</p>
${documents}</article>
`;
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/T(\d\d:\d\d).*/, ' $1 UTC');
}
