// Written by npm run generate.
import { OBJECT_DEPTH, isDeeperThan } from './depth.ts';
import { MOST_ITEMS, deepFreeze, isObject } from './shape.ts';

/** No shape below nests deeper than this, so that only what it does not know has to be measured. */
const UNKNOWN_DEPTH = OBJECT_DEPTH - 64;

type Known = (name: string) => boolean;

/** Whether a field that the shape does not know nests too deep. */
function hasDeep(value: Readonly<Record<string, unknown>>, isKnown: Known): boolean {
  for (const name in value) if (!isKnown(name) && isDeeperThan(value[name], UNKNOWN_DEPTH)) return true;
  return false;
}

function fill0(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['apiVersion'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['metadata'];
  if (field !== undefined) {
    known += 1;
    const filled = fill1(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['metadata'] = filled;
  } else return undefined;
  field = value['spec'];
  if (field !== undefined) {
    known += 1;
    const filled = fill4(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['spec'] = filled;
  } else return undefined;
  field = value['status'];
  if (field !== undefined) {
    known += 1;
    const filled = fill39(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['status'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill1(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['generateName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['uid'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['generation'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field)) return undefined;
  }
  field = value['resourceVersion'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['creationTimestamp'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['deletionTimestamp'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['labels'];
  if (field !== undefined) {
    known += 1;
    const filled = fill2(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['labels'] = filled;
  }
  field = value['annotations'];
  if (field !== undefined) {
    known += 1;
    const filled = fill2(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['annotations'] = filled;
  }
  field = value['finalizers'];
  if (field !== undefined) {
    known += 1;
    const filled = fill3(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['finalizers'] = filled;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      [
        'name',
        'namespace',
        'generateName',
        'uid',
        'generation',
        'resourceVersion',
        'creationTimestamp',
        'deletionTimestamp',
        'labels',
        'annotations',
        'finalizers',
      ].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

function fill2(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let mapped = 0;
  for (const key in value) {
    if ((mapped += 1) > MOST_ITEMS) return undefined;
    const item = value[key];
    if (typeof item !== 'string') return undefined;
  }
  return copy ?? value;
}

function fill3(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    if (typeof item !== 'string') return undefined;
  }
  return copy ?? value;
}

const fill4Default2 = deepFreeze([{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }]);
function fill4(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['hostnames'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['hostnames'] = filled;
  }
  field = value['parentRefs'];
  if (field !== undefined) {
    known += 1;
    const filled = fill6(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parentRefs'] = filled;
  }
  field = value['rules'];
  if (field !== undefined) {
    known += 1;
    const filled = fill8(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['rules'] = filled;
  } else (copy ??= { ...value })['rules'] = fill4Default2;
  field = value['useDefaultGateways'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['hostnames', 'parentRefs', 'rules', 'useDefaultGateways'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill5(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    if (typeof item !== 'string') return undefined;
  }
  return copy ?? value;
}

function fill6(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill7(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill7(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['group'] = 'gateway.networking.k8s.io';
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['kind'] = 'Gateway';
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['sectionName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['group', 'kind', 'name', 'namespace', 'sectionName', 'port'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill8(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill9(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

const fill9Default2 = deepFreeze([{ path: { type: 'PathPrefix', value: '/' } }]);
function fill9(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['backendRefs'];
  if (field !== undefined) {
    known += 1;
    const filled = fill10(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['backendRefs'] = filled;
  }
  field = value['filters'];
  if (field !== undefined) {
    known += 1;
    const filled = fill12(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['filters'] = filled;
  }
  field = value['matches'];
  if (field !== undefined) {
    known += 1;
    const filled = fill29(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['matches'] = filled;
  } else (copy ??= { ...value })['matches'] = fill9Default2;
  field = value['timeouts'];
  if (field !== undefined) {
    known += 1;
    const filled = fill34(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['timeouts'] = filled;
  }
  field = value['sessionPersistence'];
  if (field !== undefined) {
    known += 1;
    const filled = fill35(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['sessionPersistence'] = filled;
  }
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['retry'];
  if (field !== undefined) {
    known += 1;
    const filled = fill37(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['retry'] = filled;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      ['backendRefs', 'filters', 'matches', 'timeouts', 'sessionPersistence', 'name', 'retry'].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

function fill10(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill11(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill11(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['filters'];
  if (field !== undefined) {
    known += 1;
    const filled = fill12(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['filters'] = filled;
  }
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['group'] = '';
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['kind'] = 'Service';
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  field = value['weight'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0 || field > 1000000) return undefined;
  } else (copy ??= { ...value })['weight'] = 1;
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['filters', 'group', 'kind', 'name', 'namespace', 'port', 'weight'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill12(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill13(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill13(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['extensionRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill14(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['extensionRef'] = filled;
  }
  field = value['requestHeaderModifier'];
  if (field !== undefined) {
    known += 1;
    const filled = fill15(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['requestHeaderModifier'] = filled;
  }
  field = value['requestMirror'];
  if (field !== undefined) {
    known += 1;
    const filled = fill18(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['requestMirror'] = filled;
  }
  field = value['requestRedirect'];
  if (field !== undefined) {
    known += 1;
    const filled = fill21(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['requestRedirect'] = filled;
  }
  field = value['responseHeaderModifier'];
  if (field !== undefined) {
    known += 1;
    const filled = fill15(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['responseHeaderModifier'] = filled;
  }
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['urlRewrite'];
  if (field !== undefined) {
    known += 1;
    const filled = fill23(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['urlRewrite'] = filled;
  }
  field = value['cors'];
  if (field !== undefined) {
    known += 1;
    const filled = fill24(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['cors'] = filled;
  }
  field = value['externalAuth'];
  if (field !== undefined) {
    known += 1;
    const filled = fill25(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['externalAuth'] = filled;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      [
        'extensionRef',
        'requestHeaderModifier',
        'requestMirror',
        'requestRedirect',
        'responseHeaderModifier',
        'type',
        'urlRewrite',
        'cors',
        'externalAuth',
      ].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

function fill14(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['group', 'kind', 'name'].includes(name))) return undefined;
  return copy ?? value;
}

function fill15(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['add'];
  if (field !== undefined) {
    known += 1;
    const filled = fill16(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['add'] = filled;
  }
  field = value['remove'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['remove'] = filled;
  }
  field = value['set'];
  if (field !== undefined) {
    known += 1;
    const filled = fill16(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['set'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['add', 'remove', 'set'].includes(name))) return undefined;
  return copy ?? value;
}

function fill16(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill17(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill17(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['value'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['name', 'value'].includes(name))) return undefined;
  return copy ?? value;
}

function fill18(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['backendRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill19(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['backendRef'] = filled;
  } else return undefined;
  field = value['fraction'];
  if (field !== undefined) {
    known += 1;
    const filled = fill20(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['fraction'] = filled;
  }
  field = value['percent'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0 || field > 100) return undefined;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['backendRef', 'fraction', 'percent'].includes(name))) return undefined;
  return copy ?? value;
}

function fill19(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['group'] = '';
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['kind'] = 'Service';
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['group', 'kind', 'name', 'namespace', 'port'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill20(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['denominator'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1) return undefined;
  } else (copy ??= { ...value })['denominator'] = 100;
  field = value['numerator'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0) return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['denominator', 'numerator'].includes(name))) return undefined;
  return copy ?? value;
}

function fill21(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['hostname'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['path'];
  if (field !== undefined) {
    known += 1;
    const filled = fill22(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['path'] = filled;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  field = value['scheme'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['statusCode'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field)) return undefined;
  } else (copy ??= { ...value })['statusCode'] = 302;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['hostname', 'path', 'port', 'scheme', 'statusCode'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill22(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['replaceFullPath'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['replacePrefixMatch'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['replaceFullPath', 'replacePrefixMatch', 'type'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill23(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['hostname'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['path'];
  if (field !== undefined) {
    known += 1;
    const filled = fill22(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['path'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['hostname', 'path'].includes(name))) return undefined;
  return copy ?? value;
}

function fill24(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['allowCredentials'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'boolean') return undefined;
  }
  field = value['allowHeaders'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowHeaders'] = filled;
  }
  field = value['allowMethods'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowMethods'] = filled;
  }
  field = value['allowOrigins'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowOrigins'] = filled;
  }
  field = value['exposeHeaders'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['exposeHeaders'] = filled;
  }
  field = value['maxAge'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1) return undefined;
  } else (copy ??= { ...value })['maxAge'] = 5;
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      ['allowCredentials', 'allowHeaders', 'allowMethods', 'allowOrigins', 'exposeHeaders', 'maxAge'].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

function fill25(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['backendRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill19(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['backendRef'] = filled;
  } else return undefined;
  field = value['forwardBody'];
  if (field !== undefined) {
    known += 1;
    const filled = fill26(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['forwardBody'] = filled;
  }
  field = value['grpc'];
  if (field !== undefined) {
    known += 1;
    const filled = fill27(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['grpc'] = filled;
  }
  field = value['http'];
  if (field !== undefined) {
    known += 1;
    const filled = fill28(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['http'] = filled;
  }
  field = value['protocol'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['backendRef', 'forwardBody', 'grpc', 'http', 'protocol'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill26(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['maxSize'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field)) return undefined;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['maxSize'].includes(name))) return undefined;
  return copy ?? value;
}

function fill27(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['allowedHeaders'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowedHeaders'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['allowedHeaders'].includes(name))) return undefined;
  return copy ?? value;
}

function fill28(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['allowedHeaders'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowedHeaders'] = filled;
  }
  field = value['allowedResponseHeaders'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['allowedResponseHeaders'] = filled;
  }
  field = value['path'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['allowedHeaders', 'allowedResponseHeaders', 'path'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill29(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill30(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

const fill30Default2 = deepFreeze({ type: 'PathPrefix', value: '/' });
function fill30(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['headers'];
  if (field !== undefined) {
    known += 1;
    const filled = fill31(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['headers'] = filled;
  }
  field = value['method'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['path'];
  if (field !== undefined) {
    known += 1;
    const filled = fill33(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['path'] = filled;
  } else (copy ??= { ...value })['path'] = fill30Default2;
  field = value['queryParams'];
  if (field !== undefined) {
    known += 1;
    const filled = fill31(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['queryParams'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['headers', 'method', 'path', 'queryParams'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill31(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill32(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill32(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['type'] = 'Exact';
  field = value['value'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['name', 'type', 'value'].includes(name))) return undefined;
  return copy ?? value;
}

function fill33(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['type'] = 'PathPrefix';
  field = value['value'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['value'] = '/';
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['type', 'value'].includes(name))) return undefined;
  return copy ?? value;
}

function fill34(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['backendRequest'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['request'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['backendRequest', 'request'].includes(name))) return undefined;
  return copy ?? value;
}

function fill35(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['absoluteTimeout'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['cookieConfig'];
  if (field !== undefined) {
    known += 1;
    const filled = fill36(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['cookieConfig'] = filled;
  }
  field = value['idleTimeout'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['sessionName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['type'] = 'Cookie';
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['absoluteTimeout', 'cookieConfig', 'idleTimeout', 'sessionName', 'type'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill36(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['lifetimeType'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['lifetimeType'] = 'Session';
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['lifetimeType'].includes(name))) return undefined;
  return copy ?? value;
}

function fill37(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['attempts'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field)) return undefined;
  }
  field = value['backoff'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['codes'];
  if (field !== undefined) {
    known += 1;
    const filled = fill38(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['codes'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['attempts', 'backoff', 'codes'].includes(name))) return undefined;
  return copy ?? value;
}

function fill38(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 400 || item > 599) return undefined;
  }
  return copy ?? value;
}

function fill39(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['parents'];
  if (field !== undefined) {
    known += 1;
    const filled = fill40(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parents'] = filled;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['parents'].includes(name))) return undefined;
  return copy ?? value;
}

function fill40(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill41(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill41(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['conditions'];
  if (field !== undefined) {
    known += 1;
    const filled = fill42(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['conditions'] = filled;
  }
  field = value['controllerName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['parentRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill7(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parentRef'] = filled;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['conditions', 'controllerName', 'parentRef'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill42(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill43(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill43(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['lastTransitionTime'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['message'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['observedGeneration'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0) return undefined;
  }
  field = value['reason'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['status'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      ['lastTransitionTime', 'message', 'observedGeneration', 'reason', 'status', 'type'].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

const fill44Default3 = deepFreeze({});
function fill44(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['apiVersion'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['metadata'];
  if (field !== undefined) {
    known += 1;
    const filled = fill1(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['metadata'] = filled;
  } else return undefined;
  field = value['spec'];
  if (field !== undefined) {
    known += 1;
    const filled = fill45(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['spec'] = filled;
  } else (copy ??= { ...value })['spec'] = fill44Default3;
  field = value['status'];
  if (field !== undefined) {
    known += 1;
    const filled = fill57(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['status'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(name)))
    return undefined;
  return copy ?? value;
}

function fill45(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['hostnames'];
  if (field !== undefined) {
    known += 1;
    const filled = fill5(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['hostnames'] = filled;
  }
  field = value['parentRefs'];
  if (field !== undefined) {
    known += 1;
    const filled = fill46(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parentRefs'] = filled;
  }
  field = value['rules'];
  if (field !== undefined) {
    known += 1;
    const filled = fill48(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['rules'] = filled;
  }
  field = value['useDefaultGateways'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['hostnames', 'parentRefs', 'rules', 'useDefaultGateways'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill46(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill47(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill47(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['group'] = 'gateway.networking.k8s.io';
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['kind'] = 'Gateway';
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  field = value['sectionName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['group', 'kind', 'name', 'namespace', 'port', 'sectionName'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill48(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill49(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill49(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['backendRefs'];
  if (field !== undefined) {
    known += 1;
    const filled = fill50(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['backendRefs'] = filled;
  }
  field = value['filters'];
  if (field !== undefined) {
    known += 1;
    const filled = fill52(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['filters'] = filled;
  }
  field = value['matches'];
  if (field !== undefined) {
    known += 1;
    const filled = fill54(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['matches'] = filled;
  }
  field = value['sessionPersistence'];
  if (field !== undefined) {
    known += 1;
    const filled = fill35(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['sessionPersistence'] = filled;
  }
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['backendRefs', 'filters', 'matches', 'sessionPersistence', 'name'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill50(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill51(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill51(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['filters'];
  if (field !== undefined) {
    known += 1;
    const filled = fill52(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['filters'] = filled;
  }
  field = value['group'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['group'] = '';
  field = value['kind'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['kind'] = 'Service';
  field = value['name'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['namespace'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['port'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1 || field > 65535) return undefined;
  }
  field = value['weight'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0 || field > 1000000) return undefined;
  } else (copy ??= { ...value })['weight'] = 1;
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) => ['filters', 'group', 'kind', 'name', 'namespace', 'port', 'weight'].includes(name))
  )
    return undefined;
  return copy ?? value;
}

function fill52(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill53(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill53(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['extensionRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill14(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['extensionRef'] = filled;
  }
  field = value['requestHeaderModifier'];
  if (field !== undefined) {
    known += 1;
    const filled = fill15(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['requestHeaderModifier'] = filled;
  }
  field = value['requestMirror'];
  if (field !== undefined) {
    known += 1;
    const filled = fill18(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['requestMirror'] = filled;
  }
  field = value['responseHeaderModifier'];
  if (field !== undefined) {
    known += 1;
    const filled = fill15(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['responseHeaderModifier'] = filled;
  }
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (
    known !== 0 &&
    hasDeep(value, (name) =>
      ['extensionRef', 'requestHeaderModifier', 'requestMirror', 'responseHeaderModifier', 'type'].includes(name),
    )
  )
    return undefined;
  return copy ?? value;
}

function fill54(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill55(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill55(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['headers'];
  if (field !== undefined) {
    known += 1;
    const filled = fill31(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['headers'] = filled;
  }
  field = value['method'];
  if (field !== undefined) {
    known += 1;
    const filled = fill56(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['method'] = filled;
  }
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['headers', 'method'].includes(name))) return undefined;
  return copy ?? value;
}

function fill56(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['method'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['service'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  }
  field = value['type'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else (copy ??= { ...value })['type'] = 'Exact';
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['method', 'service', 'type'].includes(name))) return undefined;
  return copy ?? value;
}

function fill57(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['parents'];
  if (field !== undefined) {
    known += 1;
    const filled = fill58(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parents'] = filled;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['parents'].includes(name))) return undefined;
  return copy ?? value;
}

function fill58(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item: unknown = value[at];
    const filled = fill59(item);
    if (filled === undefined) return undefined;
    if (filled !== item) (copy ??= [...value])[at] = filled;
  }
  return copy ?? value;
}

function fill59(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  let copy: Record<string, unknown> | undefined;
  let known = 0;
  let field: unknown;
  field = value['conditions'];
  if (field !== undefined) {
    known += 1;
    const filled = fill42(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['conditions'] = filled;
  }
  field = value['controllerName'];
  if (field !== undefined) {
    known += 1;
    if (typeof field !== 'string') return undefined;
  } else return undefined;
  field = value['parentRef'];
  if (field !== undefined) {
    known += 1;
    const filled = fill47(field);
    if (filled === undefined) return undefined;
    if (filled !== field) (copy ??= { ...value })['parentRef'] = filled;
  } else return undefined;
  for (const _ in value) known -= 1;
  if (known !== 0 && hasDeep(value, (name) => ['conditions', 'controllerName', 'parentRef'].includes(name)))
    return undefined;
  return copy ?? value;
}

/** By kind: the object filled, the same object when there is nothing to add, undefined when `Filler` must look at it. */
export const FILLERS = {
  HTTPRoute: fill0,
  GRPCRoute: fill44,
} as const satisfies Readonly<Record<string, (value: unknown) => unknown>>;
