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
    attachedRoutes === undefined ? '' : routesCell(attachedRoutes),
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

function routesCell({ predicted, actual }: NonNullable<StatusLine['attachedRoutes']>): string {
  return actual === undefined || actual === predicted ? String(predicted) : `${predicted}≠${actual}`;
}

/** What is said below a row: differences, what both sides find wrong, and what is on its way; each cause once. */
function below({ verdict, conditions, attachedRoutes, notes }: StatusLine): readonly string[] {
  const told = conditions.flatMap((condition) => sentence(condition));
  const isBehind = verdict === 'stale' || conditions.some((condition) => condition.verdict === 'stale');
  const seen = conditions.find((condition) => condition.verdict === 'stale')?.actual?.observedGeneration;
  const isWaiting = conditions.some((condition) => condition.verdict === 'waiting');
  const { predicted = 0, actual = predicted } = attachedRoutes ?? {};
  return [
    ...new Set([
      ...told,
      ...(actual === predicted
        ? []
        : [
            `attachedRoutes: predicted ${predicted}; the controller counts ${actual}${verdict === 'waiting' ? ' so far' : ''}`,
          ]),
      ...(isBehind
        ? [`not yet seen by the controller${seen === undefined ? '' : `: it wrote about generation ${seen}`}`]
        : []),
      ...(isWaiting ? ['waiting for the controller, which has said nothing yet'] : []),
      ...notes,
    ]),
  ];
}

function sentence({ type, verdict, predicted, actual }: ComparedCondition): readonly string[] {
  const because = `${predicted.reason}: ${predicted.message}`;
  if (verdict === 'agrees') {
    const isWell = type === 'Conflicted' ? predicted.status === 'False' : predicted.status === 'True';
    return isWell && predicted.reason !== 'ListenersNotValid' ? [] : [`${type} ${because}`];
  }
  if (verdict === 'uncertain') return [`${type}: cannot be predicted from what is in sight`];
  if (verdict !== 'differs') return [];
  const said = actual === undefined ? 'nothing' : `${actual.status} ${actual.reason}: ${actual.message}`;
  const expected = predicted.status === 'True' ? predicted.status : `${predicted.status} ${because}`;
  return [`${type}: predicted ${expected}; the controller says ${said}`];
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
    [unmanaged, 'nobody’s to write'],
  ];
  const told = parts.filter(([count], at) => count > 0 || at < 2).map(([count, text]) => `${count} ${text}`);
  return told.join(', ');
}
