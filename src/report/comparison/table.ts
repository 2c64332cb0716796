import { formatKey } from '#gateway';
import { referenceName, type Mark } from '../statusTable.ts';
import { visible } from '../visible.ts';
import type { ComparedCondition } from './conditions.ts';
import type { IngressesLeft } from './ingresses.ts';
import type { StatusLine } from './line.ts';
import { tally, type StatusComparison } from './world.ts';

const HEAD = ['  OBJECT', 'ACCEPTED', 'RESOLVEDREFS', 'PROGRAMMED', 'ROUTES', 'ADDRESS'] as const;
const COLUMNS = ['Accepted', 'ResolvedRefs', 'Programmed'] as const;

/** A row of cells, and what is said below it. */
interface Row {
  readonly cells: readonly string[];
  readonly below: readonly string[];
  readonly isMarked: boolean;
}

/**
 * The comparison for people: a row per class, Gateway, ListenerSet, listener, route and parent. A row with `!` in front differs; its cells say
 * `predicted≠actual`, and the lines below what the controller says. Then the Ingresses that are left, and the sum.
 */
export function comparisonTable(comparison: StatusComparison, mark: Mark = (text) => text): string {
  const { lines, ingresses } = comparison;
  const rows = lines.flatMap((line, at) => rowsOf(line, lines[at - 1]));
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const write = (cells: readonly string[]): string =>
    cells
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const body =
    rows.length === 0
      ? ['no GatewayClasses, Gateways, ListenerSets, Routes or BackendTLSPolicies']
      : [
          write(HEAD),
          ...rows.flatMap(({ cells, below, isMarked }) => [
            isMarked ? mark(write(cells)) : write(cells),
            ...below.map((text) => `      ${visible(text)}`),
          ]),
        ];
  return `${[...body, '', ...ingressLines(ingresses, mark), sumLine(comparison)].join('\n')}\n`;
}

/** The row of a line; before it that of its object, when the line is about the first of its parts. */
function rowsOf(line: StatusLine, before: StatusLine | undefined): readonly Row[] {
  const { part, verdict, conditions, attachedRoutes, addresses = [] } = line;
  const isMarked = verdict === 'differs';
  const isFirst = before === undefined || titleOf(before) !== titleOf(line);
  const own: readonly Row[] =
    isFirst && part !== undefined ? [{ cells: [`  ${titleOf(line)}`], below: [], isMarked: false }] : [];
  const title = part === undefined ? titleOf(line) : `  ${partName(line)}`;
  const cells = [
    `${isMarked ? '!' : ' '} ${visible(title)}`,
    ...COLUMNS.map((type) => cellOf(conditions.find((entry) => entry.type === type))),
    attachedRoutes === undefined ? '' : routesCell(attachedRoutes, verdict),
    addresses.map(visible).join(', '),
  ];
  return [...own, { cells, below: below(line), isMarked }];
}

function titleOf({ kind, namespace, name }: StatusLine): string {
  return formatKey({ kind, namespace, name });
}

function partName({ part, namespace }: StatusLine): string {
  if (part === undefined) return '';
  if ('listener' in part) return `listener ${part.listener}`;
  return referenceName('parentRef' in part ? part.parentRef : part.ancestorRef, namespace);
}

function cellOf(condition: ComparedCondition | undefined): string {
  if (condition === undefined) return '';
  const { verdict, predicted, actual } = condition;
  const said = actual?.status ?? 'none';
  switch (verdict) {
    case 'agrees':
      return predicted.status;
    case 'differs':
      return predicted.status === said ? `${said} (!)` : `${predicted.status}≠${said}`;
    case 'waiting':
      return 'waiting';
    case 'stale':
      return `${said} (old)`;
    case 'uncertain':
      return `${said} (?)`;
  }
}

function routesCell(
  { predicted, actual = predicted }: NonNullable<StatusLine['attachedRoutes']>,
  verdict: StatusLine['verdict'],
): string {
  if (actual === predicted) return String(predicted);
  if (verdict === 'waiting') return `${actual} so far`;
  return verdict === 'stale' ? `${actual} (old)` : `${predicted}≠${actual}`;
}

/** What is said below a row: differences, what both sides find wrong, and what is on its way; each cause once. */
function below({ verdict, conditions, attachedRoutes, notes }: StatusLine): readonly string[] {
  // Programmed follows from the others and says least.
  const ordered = conditions.toSorted((a, b) => Number(a.type === 'Programmed') - Number(b.type === 'Programmed'));
  const of = (wanted: ComparedCondition['verdict']): readonly ComparedCondition[] =>
    ordered.filter((condition) => condition.verdict === wanted);
  const causes = new Map(
    of('agrees')
      .filter(isWrong)
      .toReversed()
      .map((one) => [one.predicted.message, one]),
  );
  const agreed = of('agrees').filter((one) => causes.get(one.predicted.message) === one);
  const isWaiting = of('waiting').length > 0;
  const [stale] = of('stale');
  const isStale = verdict === 'stale' || stale !== undefined;
  const seen = stale?.actual?.observedGeneration;
  const unsure = of('uncertain').map(({ type }) => type);
  const { predicted = 0, actual = predicted } = attachedRoutes ?? {};
  return [
    ...agreed.map(({ type, predicted: { reason, message } }) => `${type} ${reason}: ${message}`),
    ...differences(of('differs')),
    ...(actual === predicted ? [] : [`attachedRoutes: predicted ${predicted}; the controller counts ${actual}`]),
    ...(unsure.length === 0 ? [] : [`${unsure.join(', ')}: cannot be predicted from what is in sight`]),
    ...(isStale
      ? [`not yet seen by the controller${seen === undefined ? '' : `: it wrote about generation ${seen}`}`]
      : []),
    ...(isWaiting ? ['waiting for the controller, which has said nothing yet'] : []),
    ...notes,
  ];
}

/** Whether what both sides say is not as it should be. */
function isWrong({ type, predicted: { status, reason } }: ComparedCondition): boolean {
  return status !== (type === 'Conflicted' ? 'False' : 'True') || reason === 'ListenersNotValid';
}

function differences(conditions: readonly ComparedCondition[]): readonly string[] {
  const unsaid = conditions.filter(({ actual }) => actual === undefined).map(({ type }) => type);
  const silence = `${unsaid.join(', ')}: the controller has said nothing in more than a minute`;
  return [
    ...conditions.filter(({ actual }) => actual !== undefined).map(difference),
    ...(unsaid.length === 0 ? [] : [silence]),
  ];
}

function difference({ type, predicted, actual }: ComparedCondition): string {
  const said = `${actual?.status ?? ''} ${actual?.reason ?? ''}: ${actual?.message ?? ''}`;
  const because = predicted.status === 'True' ? '' : ` ${predicted.reason}: ${predicted.message}`;
  return `${type}: predicted ${predicted.status}${because}; the controller says ${said}`.replace(/[: ]+$/, '');
}

function ingressLines(ingresses: readonly IngressesLeft[], mark: Mark): readonly string[] {
  if (ingresses.length === 0) return [];
  const count = ingresses.reduce((sum, entry) => sum + entry.ingresses, 0);
  const lines = ingresses.flatMap(({ namespace, ingresses: here, hostnames }) => [
    visible(`  ${namespace}  ${here}`),
    ...hostnames.map(({ hostname, unserved }) =>
      unserved === undefined
        ? visible(`    ${hostname}  served by a route`)
        : mark(visible(`  ! ${hostname}  not yet served: ${unserved}`)),
    ),
  ]);
  return [`Ingresses left: ${count}`, ...lines, ''];
}

function sumLine(comparison: StatusComparison): string {
  const { agrees, differs, waiting, stale, uncertain, unmanaged } = tally(comparison);
  const parts: readonly (readonly [number, string])[] = [
    [agrees, 'as predicted'],
    [differs, `${differs === 1 ? 'differs' : 'differ'} (predicted≠actual)`],
    [waiting, 'waiting for the controller'],
    [stale, 'not yet seen by the controller'],
    [uncertain, 'uncertain'],
    [unmanaged, 'without a controller to write'],
  ];
  const told = parts.filter(([count], at) => count > 0 || at < 2).map(([count, text]) => `${count} ${text}`);
  return told.join(', ');
}
