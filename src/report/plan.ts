import { formatRelease, type Release } from '#gateway';

/** Something that a planned release lacks, and how many objects would miss it. */
export interface Lacked {
  /** `<policy>/<rule>`. */
  readonly rule: string;
  readonly kind: string;
  /** The field with its value, the apiVersion, or stored versions; empty for the whole kind. */
  readonly what: string;
  /** The releases that have it, as `standard since v1.5.1`; empty when that is not the question. */
  readonly where: string;
  readonly objects: number;
}

/** What becomes of objects when another release is installed. */
export interface Plan extends Release {
  /** The releases that are installed now; empty when no cluster was looked at. */
  readonly installed: readonly string[];
  /** Objects that use something which the planned release lacks. */
  readonly objects: number;
  /** By rule, kind and field. */
  readonly lacked: readonly Lacked[];
}

/** The plan for people: one line for what is planned, one for each thing that would be missed. */
export function planLines({ installed, objects, lacked, ...release }: Plan): readonly string[] {
  const place = installed.length === 0 ? '' : `, in place of ${installed.join(', ')}`;
  const sum = lacked.length === 0 ? 'nothing that it lacks is used' : `${counted(objects)} would break`;
  const rows = lacked.map(({ rule, kind, what, where, objects: users }) => [
    `${kind} ${what}`.trim(),
    rule.slice(rule.indexOf('/') + 1),
    counted(users),
    where === '' ? '' : `(${where})`,
  ]);
  const width = (column: number): number => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  return [
    `planned: ${formatRelease(release)}${place}: ${sum}`,
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd()),
  ];
}

function counted(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`;
}
