import { ANY, GATEWAY_GROUP, HOSTNAME_PROBLEMS, isWildcard } from '#gateway';
import {
  celNamespaceIn,
  celText,
  celTexts,
  describeOwners,
  type Backstop,
  type BackstopCheck,
  type OwnedHostname,
} from '#policy';
import type { CLAIMING_KINDS } from './claims.ts';
import type { MESSAGES } from './messages.ts';
import type { OwnerTable } from './owners.ts';

type Kind = (typeof CLAIMING_KINDS)[number];
type Check = BackstopCheck<typeof MESSAGES>;
type Items = (object: string) => string;

const NAME = '([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])*[a-z]([a-z0-9-]{0,61}[a-z0-9])?';
/** Hostnames that are canonical as they stand, and no address. */
const CANONICAL = celText(`^([*][.])?${NAME}$`);
/** The same in a list divided by commas, perhaps one in a line. */
const PADDED = celText(`^\\s*([*][.])?${NAME}\\s*$`);
/** Hostnames as the CRDs let them pass. */
const WRITTEN = celText('^([*][.])?[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$');
/** Names of more labels are not judged: each label costs a look. */
const LABELS = 32;
/** A longer name is no hostname (RFC 1035), whoever owns what is above it. */
const LONGEST_NAME = 253;
/** Of a route as many wildcards are judged, and where there are more hostnames with owners none: each is held against each. */
const WILDCARDS = 2;
const OWNED = 5000;
/** Longer annotations are not judged: dividing them costs too much. */
const LONGEST_ANNOTATION = 4096;

/**
 * Who owns which hostname, as the keys of a ConfigMap, where `_` stands for the asterisk that no key may have. A value has a line for each
 * owner, as messages name it, and one for the document that says so.
 */
export function backstop(annotations: readonly string[], table: OwnerTable): Backstop<Kind, typeof MESSAGES> {
  const owned = [...table.below(ANY), ...table.over(ANY)];
  const bySelector = new Map(
    owned
      .flatMap(({ owners }) => owners)
      .filter(({ namespaceSelector }) => namespaceSelector !== undefined)
      .map((owner) => [celNamespaceIn(owner), describeOwners([owner])]),
  );
  const identities = [...bySelector].map(([holds, text]) => `(${holds} ? [${celText(text)}] : [])`);
  const depths = Array.from({ length: LABELS - 1 }, (_none, at) => at + 1);

  const part = (kinds: readonly Kind[], fields: Items | undefined, annotated: readonly string[]) => {
    const inAnnotations = (object: string, list: (annotation: string) => string): readonly string[] =>
      annotated.flatMap((at) => annotations.map((key) => list(`${object}.${at}[?${celText(key)}].orValue('')`)));
    const before = (texts: string): string => `request.operation == 'UPDATE' ? ${texts} : []`;
    const served = fields === undefined ? [] : ['variables.served'];
    const claims = [
      ...(fields === undefined ? [] : [`${canonical(fields('object'))}.filter(text, !(text in variables.served))`]),
      ...inAnnotations('object', (list) => `${canonicalTexts(list)}.filter(text, !(text in variables.kept))`),
    ];
    const isRoute = fields === routes;
    const own = fields === undefined ? [] : [isRoute ? 'spec.hostnames' : 'spec.listeners'];
    const path = [...own, ...(annotations.length === 0 ? [] : ['metadata.annotations'])].join(' or ');
    return {
      kinds,
      variables: [
        { name: 'owners', expression: owned.length === 0 ? '{}' : 'params.?data.orValue({})' },
        { name: 'identities', expression: [`['namespace ' + request.namespace]`, ...identities].join(' + ') },
        { name: 'known', expression: celTexts([...bySelector.values()]) },
        { name: 'depths', expression: `[${depths.join(', ')}]` },
        ...(fields === undefined ? [] : [{ name: 'served', expression: before(fields('oldObject')) }]),
        {
          name: 'kept',
          expression: before([...served, ...inAnnotations('oldObject', everyText)].join(' + ')),
        },
        {
          name: 'claims',
          expression: `(${claims.join(' + ')}).filter(text, text.size() <= ${LONGEST_NAME} && text.split('.').size() <= ${LABELS})`,
        },
        { name: 'asked', expression: `variables.claims.map(name, {'name': name, 'key': ${decidingKey('name')}})` },
      ],
      checks: [
        ...(owned.length === 0 ? [] : [notOwned(path, isRoute)]),
        unowned(path, isRoute),
        ...(fields === undefined ? [] : [invalid(fields, own.join())]),
        ...(fields === listeners ? [open] : []),
      ],
    };
  };
  return {
    parts: [
      part(['HTTPRoute', 'GRPCRoute', 'TLSRoute'], routes, [IN_METADATA]),
      part(['Gateway'], listeners, [IN_METADATA, 'spec.?infrastructure.?annotations']),
      part(['ListenerSet', 'XListenerSet'], listeners, [IN_METADATA]),
      ...(annotations.length === 0 ? [] : [part(['TCPRoute', 'UDPRoute'], undefined, [IN_METADATA])]),
    ],
    ...(owned.length === 0 ? {} : { params: Object.fromEntries(owned.map(lineOf)) }),
    ...(owned.length === 0 ? { unsaid: { 'not-owned': 'there are no owners' } } : {}),
  };
}

const IN_METADATA = 'metadata.?annotations';

function lineOf({ hostname, owners }: OwnedHostname): readonly [string, string] {
  const lines = owners.flatMap((owner) =>
    owner.namespaces === undefined
      ? [describeOwners([owner])]
      : owner.namespaces.map((namespace) => `namespace ${namespace}`),
  );
  const key = isWildcard(hostname) ? `_${hostname.slice(1)}` : hostname;
  return [key, [...new Set(lines), `policy ${owners[0].document}`].join('\n')];
}

function canonical(texts: string): string {
  return `${texts}.filter(text, text.matches(${CANONICAL}))`;
}

function canonicalTexts(annotation: string): string {
  return `(${annotation}.size() > ${LONGEST_ANNOTATION} ? '' : ${annotation}).split(',').filter(text, text.matches(${PADDED})).map(text, text.trim())`;
}

/** At least all that Gateward reads in an annotation, which trims a byte order mark too. */
function everyText(annotation: string): string {
  return `${annotation}.split(',').map(text, text.replace('\\ufeff', '').trim())`;
}

/** The standard CRDs know no default Gateways: hence `dyn`, without which the API server would complain of the types. */
const routes: Items = (object) =>
  `([${object}.spec.?parentRefs.orValue([])].exists(refs, refs.size() > 0 && refs.all(ref, ref.?group.orValue(${celText(GATEWAY_GROUP)}) == '' && ref.?kind.orValue('') == 'Service')) && dyn(${object}).?spec.?useDefaultGateways.orValue('') != 'All' ? [] : ${object}.spec.?hostnames.orValue([]))`;

const listeners: Items = (object) =>
  `${object}.spec.listeners.filter(listener, listener.?hostname.orValue('') != '').map(listener, listener.hostname)`;

/** Of the keys under which a name, or a wildcard as a whole, may have owners the most specific that there is; `''` when nobody owns it. */
function decidingKey(name: string): string {
  const above = `variables.depths.filter(depth, depth < ${name}.split('.').size()).map(depth, '_.' + ${name}.split('.', depth + 1)[depth])`;
  const keys = `(${name}.startsWith('*.') ? [] : [${name}]) + ${above} + ['_']`;
  return `((${keys}).filter(key, key in variables.owners) + [''])[0]`;
}

/**
 * Whether the namespace of the request is one of the owners under a key. While ConfigMap and policy are not of one compilation, labels may be
 * named that this one does not look at: then it may be.
 */
function isMine(key: string): string {
  return `variables.owners[${key}].split('\\n').exists(owner, owner in variables.identities || owner.startsWith('namespaces with ') && !(owner in variables.known))`;
}

/**
 * A route's wildcard counts as what its listeners leave of it, and all of that is refused where the wildcard is, unless something below it has
 * an owner of its own (`excuses`). Each wildcard costs a look at every owner: beside too many of them none is judged.
 */
function excused(item: string, excuses: string): string {
  const wildcards = `variables.claims.filter(name, name.startsWith('*.')).size()`;
  const isAbove = `[${item}.name.substring(1)].exists(suffix, variables.owners.exists(key, key.endsWith(suffix) && key != '_' + suffix${excuses}))`;
  return `(${item}.name.startsWith('*.') && (variables.owners.size() > ${OWNED} || ${wildcards} > ${WILDCARDS} || ${isAbove}))`;
}

const WHOSE = { namespace: 'request.namespace', allowed: `'what it owns'` };
const LEFT = `names of more than ${LABELS} labels or not in canonical form`;

function notOwned(path: string, isRoute: boolean): Check {
  return {
    rule: 'not-owned',
    items: () => 'variables.asked',
    isNew: true,
    refused: (item) =>
      `${item}.key != '' && !${isMine(`${item}.key`)}${isRoute ? ` && !${excused(item, ` && ${isMine('key')}`)}` : ''}`,
    path,
    data: (item) => ({
      claim: quoted(item),
      owner: `variables.owners[${item}.key].split('\\n').filter(line, !line.startsWith('policy ')).join(' and ')`,
      policy: `variables.owners[${item}.key].split('\\npolicy ')[1]`,
      ...WHOSE,
    }),
    unless: `more than ${WILDCARDS} wildcards of a route, one below which its namespace owns a name, and ${LEFT}`,
  };
}

function unowned(path: string, isRoute: boolean): Check {
  return {
    rule: 'unowned',
    items: () => 'variables.asked',
    isNew: true,
    refused: (item) => `${item}.key == ''${isRoute ? ` && !${excused(item, '')}` : ''}`,
    path,
    data: (item) => ({ claim: quoted(item), ...WHOSE }),
    unless: `more than ${WILDCARDS} wildcards of a route, one below which somebody owns a name, and ${LEFT}`,
  };
}

function quoted(item: string): string {
  return `'"' + ${item}.name + '"'`;
}

const open: Check = {
  rule: 'no-hostname',
  items: (object) =>
    `${object}.spec.listeners.filter(listener, listener.?hostname.orValue('') == '' && !(listener.protocol in ['TCP', 'UDP'])).map(listener, 'listener')`,
  refused: () => `!('_' in variables.owners && ${isMine(`'_'`)})`,
  path: 'spec.listeners',
  data: (item) => ({ kind: item, extent: `'every hostname there is'`, ...WHOSE }),
  unless: 'routes, which serve what their listeners do',
};

function invalid(fields: Items, path: string): Check {
  const isLong = (item: string): string => `${item}.split('.').exists(label, label.size() > 63)`;
  const [long, address] = [HOSTNAME_PROBLEMS['label-too-long'], HOSTNAME_PROBLEMS['ip-address']].map(celText);
  return {
    rule: 'invalid-hostname',
    items: () => `${fields('object')}.filter(text, text.matches(${WRITTEN}))`,
    isNew: true,
    refused: (item) =>
      `!(${item} in variables.kept) && (${isLong(item)} || ${item}.matches('(^|[.])([0-9]+|0x[0-9a-f]*)$'))`,
    path,
    data: (item) => ({ hostname: item, problem: `(${isLong(item)} ? ${long ?? ''} : ${address ?? ''})` }),
    unless: 'annotations, public suffixes, and what is not of the form that the CRDs ask for',
  };
}
