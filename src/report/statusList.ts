import type { ObjectStatus } from '#gateway';
import { writeYaml } from '../yaml/write.ts';

/** A `v1` List of objects with the status that a controller would fill: the JSON contract of `gateward status`. */
export interface StatusList {
  readonly apiVersion: 'v1';
  readonly kind: 'List';
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The List of a world's statuses. An object that no chosen controller manages has no status; a route's is `parents`, empty when nobody writes
 * one. Whatever status the input had is gone. Conditions have no `lastTransitionTime`: a prediction has no history.
 */
export function statusList(statuses: readonly ObjectStatus[]): StatusList {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: statuses.map(({ object, status }) => {
      const rest = Object.entries(object).filter(([field]) => field !== 'status');
      return { ...Object.fromEntries(rest), ...(status === undefined ? {} : { status: writtenStatus(status) }) };
    }),
  };
}

function writtenStatus(status: NonNullable<ObjectStatus['status']>): Readonly<Record<string, unknown>> {
  return 'parents' in status ? { parents: status.parents } : { ...status };
}

/** The List as JSON, indented, with a line break at its end. */
export function statusJson(statuses: readonly ObjectStatus[]): string {
  return `${JSON.stringify(statusList(statuses), undefined, 2)}\n`;
}

/** The List as YAML that kubectl reads back as the same (YAML 1.1: `"no"` and `"010"` are quoted). */
export function statusYaml(statuses: readonly ObjectStatus[]): string {
  return writeYaml(statusList(statuses));
}
