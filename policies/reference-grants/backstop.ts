import { celAll, celAny, celKind, celNamespaceIn, celText, celTexts, type Backstop, type BackstopCheck } from '#policy';
import type { MESSAGES } from './messages.ts';
import { describeLines, type AllowLine } from './pairs.ts';

type Check = BackstopCheck<typeof MESSAGES>;

/** Named targets, allowed pairs and their number, of the grant alone. */
export function backstop({
  named,
  allow,
  maxPairs,
}: {
  readonly named: 'Always' | 'Secrets' | 'Never';
  readonly allow: readonly AllowLine[];
  readonly maxPairs: number;
}): Backstop<'ReferenceGrant', typeof MESSAGES> {
  const checks = [
    ...(named === 'Never' ? [] : [unnamed(named === 'Secrets')]),
    ...(allow.length === 0 ? [] : [notAllowed(allow)]),
    tooWide(maxPairs),
  ];
  return {
    parts: [{ kinds: ['ReferenceGrant'], checks }],
    unsaid: {
      ...(named === 'Never' ? { 'unnamed-target': 'named is Never' } : {}),
      ...(allow.length === 0 ? { 'pair-not-allowed': 'allow has no line' } : {}),
    },
  };
}

function unnamed(isOfSecrets: boolean): Check {
  const asked = isOfSecrets ? `target.group == '' && target.kind == 'Secret' && ` : '';
  return {
    rule: 'unnamed-target',
    items: (object) =>
      `${object}.spec.to.filter(target, ${asked}!has(target.name)).map(target, target.group + '/' + target.kind)`,
    path: 'spec.to[].name',
    data: (item) => ({ kind: celKind(item), namespace: 'request.namespace', newly: `''` }),
    unless: 'a target without a name that is opened to somebody else',
  };
}

/** A pair as a text: group/kind and namespace of its `from`, group/kind of its `to`. None of them has a blank in it. */
function notAllowed(allow: readonly AllowLine[]): Check {
  const pair = `source.group + '/' + source.kind + ' ' + source.namespace + ' ' + target.group + '/' + target.kind`;
  return {
    rule: 'pair-not-allowed',
    items: (object) =>
      `${object}.spec.from.map(source, ${object}.spec.to.map(target, ${pair}).join('\\n')).join('\\n').split('\\n')`,
    refused: (item) =>
      `![${item}.split(' ')].exists(ends, ${celAny(['ends[1] == request.namespace', ...allow.map(fits)])})`,
    path: 'spec.from',
    data: (item) => ({
      from: `${celKind(`${item}.split(' ')[0]`)} + ' of ' + ${item}.split(' ')[1]`,
      to: celKind(`${item}.split(' ')[2]`),
      namespace: 'request.namespace',
      newly: `''`,
      allowed: celText(describeLines(allow)),
    }),
    unless: `names that are added to a pair that was there${
      allow.some(({ from }) => from.namespaceSelector !== undefined)
        ? ', and the labels of the namespaces that are let in, which are not in sight'
        : ''
    }`,
  };
}

/** A namespace that is let in by its labels may be any. */
function fits({ from, to }: AllowLine): string {
  const among = (end: string, kinds: AllowLine['from']['kinds']): readonly string[] =>
    kinds.length === 0 ? [] : [`${end} in ${celTexts(kinds.map(({ group, kind }) => `${group}/${kind}`))}`];
  return celAll(
    [
      ...among('ends[0]', from.kinds),
      ...(from.namespaces === undefined ? [] : [`ends[1] in ${celTexts(from.namespaces)}`]),
      ...among('ends[2]', to.kinds),
      celNamespaceIn(to),
    ].filter((condition) => condition !== 'true'),
  );
}

function tooWide(maxPairs: number): Check {
  return {
    rule: 'too-wide',
    items: (object) => `${object}.spec.from.size() * ${object}.spec.to.size() > ${maxPairs} ? ['pairs'] : []`,
    path: 'spec',
    data: () => ({ limit: celText(String(maxPairs)) }),
    unless: 'a grant that was too wide and becomes wider',
  };
}
