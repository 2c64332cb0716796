import type { Condition, ListenerStatus, ObjectStatus, ParentReference } from '#gateway';
import { visible } from './visible.ts';

/** How a cell or reason that is not as it should be is marked; the identity for plain text. */
export type Mark = (text: string) => string;

interface Row {
  readonly title: string;
  readonly conditions: readonly Condition[];
  readonly routes: string;
}

const HEAD = ['OBJECT', 'ACCEPTED', 'RESOLVEDREFS', 'PROGRAMMED', 'ROUTES', 'WHY'];
const COLUMNS = ['Accepted', 'ResolvedRefs', 'Programmed'] as const;
/** Conditions that stand in no column and are as they should be when they are not True. */
const REMARKS = ['Conflicted', 'PartiallyInvalid', 'OverlappingTLSConfig', 'InsecureFrontendValidationMode'];

/** The statuses as a table: a row per object, listener, parent and ancestor; what is not as it should be has its reason and message. */
export function statusTable(statuses: readonly ObjectStatus[], mark: Mark): string {
  const rows = statuses.flatMap(rowsOf);
  if (rows.length === 0) return 'no Gateways, ListenerSets, Routes or BackendTLSPolicies\n';
  const cells = rows.map(({ title, conditions, routes }) => [
    visible(title),
    ...COLUMNS.map((type) => conditions.find((entry) => entry.type === type)?.status ?? ''),
    routes,
  ]);
  const widths = HEAD.slice(0, -1).map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (texts: readonly string[], why: string, paint: (text: string) => string): string => {
    const padded = texts.map((text, column) => {
      const wide = text.padEnd(widths[column] ?? 0);
      return text === 'False' || text === 'Unknown' ? wide.replace(text, paint(text)) : wide;
    });
    return `${padded.join('  ')}  ${why}`.trimEnd();
  };
  return [
    line(HEAD.slice(0, -1), HEAD.at(-1) ?? '', (text) => text),
    ...rows.map(({ conditions }, at) => line(cells[at] ?? [], whyOf(conditions, mark), mark)),
    '',
  ].join('\n');
}

/** Conditions that are not as they should be, each cause once; Programmed comes last, since it follows from the others and says least. */
export function wrongConditions(conditions: readonly Condition[]): readonly Condition[] {
  const seen = new Set<string>();
  return conditions
    .filter((entry) =>
      isRemark(entry) ? entry.status === 'True' : entry.status !== 'True' || entry.reason === 'ListenersNotValid',
    )
    .toSorted((a, b) => Number(a.type === 'Programmed') - Number(b.type === 'Programmed'))
    .filter(({ message }) => {
      const isNew = !seen.has(message);
      seen.add(message);
      return isNew;
    });
}

/** Whether a condition tells of something out of the ordinary when it is True. */
export function isRemark({ type }: Condition): boolean {
  return REMARKS.includes(type);
}

function whyOf(conditions: readonly Condition[], mark: Mark): string {
  return wrongConditions(conditions)
    .map(({ reason, message }) => `${mark(reason)}: ${visible(message)}`)
    .join('; ');
}

/** The object's own row, then one for each listener, parent or ancestor, indented. */
function rowsOf({ kind, object, status }: ObjectStatus): readonly Row[] {
  const { namespace = '', name } = object.metadata;
  const own = (remark: string, conditions: readonly Condition[] = []): Row => ({
    title: `${kind} ${namespace}/${name}${remark}`,
    conditions,
    routes: '',
  });
  const inner = (ref: ParentReference, conditions: readonly Condition[] = []): Row => ({
    title: `  ${referenceName(ref, namespace)}`,
    conditions,
    routes: '',
  });
  if (status === undefined) return [own(' (not managed)')];
  if ('parents' in status) {
    const { parents } = status;
    return [
      own(parents.length === 0 ? ' (no parent)' : ''),
      ...parents.map((at) => inner(at.parentRef, at.conditions)),
    ];
  }
  if ('ancestors' in status) {
    const { ancestors } = status;
    return [
      own(ancestors.length === 0 ? ' (not in use)' : ''),
      ...ancestors.map((at) => inner(at.ancestorRef, at.conditions)),
    ];
  }
  const sets = 'attachedListenerSets' in status ? status.attachedListenerSets : 0;
  const remark = sets === 0 ? '' : ` (${sets} ListenerSet${sets === 1 ? '' : 's'})`;
  return [own(remark, status.conditions), ...status.listeners.map(listenerRow)];
}

function listenerRow({ name, conditions, attachedRoutes }: ListenerStatus): Row {
  return { title: `  listener ${name}`, conditions, routes: String(attachedRoutes) };
}

/** `Gateway infra/public#https:443`: a parent with its section and port. */
export function referenceName(ref: ParentReference, namespace: string): string {
  const section = ref.sectionName === undefined ? '' : `#${ref.sectionName}`;
  const port = ref.port === undefined ? '' : `:${ref.port}`;
  return `${ref.kind ?? 'Gateway'} ${ref.namespace ?? namespace}/${ref.name}${section}${port}`;
}

/** Why routes have no status for parents that they name, a line each. */
export function unwrittenLines(statuses: readonly ObjectStatus[]): readonly string[] {
  const lines = statuses.flatMap(({ kind, object, status }) => {
    const { namespace = '', name } = object.metadata;
    const title = `${kind} ${namespace}/${name}`;
    if (status === undefined) return [`${title}: no chosen controller manages it, or its Gateway is not there`];
    if (!('unwritten' in status)) return [];
    if (status.parents.length === 0 && status.unwritten.length === 0) return [`${title}: it names no parent`];
    return status.unwritten.map(
      ({ claim, message }) => `${title}: no status for ${referenceName(claim.ref, namespace)}: ${message}`,
    );
  });
  return lines.map(visible);
}
