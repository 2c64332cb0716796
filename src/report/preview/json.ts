import type { ChangedObject, Preview, RuleGroup } from './preview.ts';

/** Objects that a group names; the whole list stands in `objects`. */
const EXAMPLES = 3;

/** The preview as one JSON document; the contract that the README documents. Fields are only ever added. */
export function renderPreviewJson({
  against,
  judged,
  counts,
  rules,
  namespaces,
  objects,
  notPreviewable,
}: Preview): string {
  const document = {
    apiVersion: 'gateward.dev/v1alpha1',
    kind: 'Preview',
    against,
    summary: { objects: judged, changed: objects.length, ...counts },
    rules: rules.map(ruleJson),
    namespaces: namespaces.map(({ namespace, counts: own }) => ({ namespace, ...own })),
    objects: objects.map(objectJson),
    notPreviewable,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function ruleJson({ change, rule, document, objects }: RuleGroup): unknown {
  const examples = objects.slice(0, EXAMPLES).map(({ object }) => object);
  return { change, rule, document, objects: objects.length, examples };
}

function objectJson({ object, place, change, before, after, rules }: ChangedObject): unknown {
  return {
    object,
    change,
    before,
    after,
    file: place?.file ?? null,
    line: place?.line ?? null,
    rules: rules.map(({ place: at, ...rule }) => ({ ...rule, line: at?.line ?? null, column: at?.column ?? null })),
  };
}
