import { parseApiVersion, valueAt } from '#gateway';
import { written, type Policy } from '#policy';
import { didYouMean } from '../errors.ts';
import { POLICY_API_VERSION, problemAt, type ConfigDocument, type ConfigProblem } from './document.ts';
import { EXEMPTION_KIND } from './exemption.ts';

/** The kind of documents that test others; they are never in force themselves. */
export const POLICY_TEST_KIND = 'PolicyTest';

/** A document of ours whose outside is in order. */
export interface Envelope {
  readonly document: ConfigDocument;
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
}

const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Every kind of document that an operator may write. */
export function kindsOf(policies: readonly Policy[]): readonly string[] {
  return [...policies.map(({ kind }) => kind), EXEMPTION_KIND, POLICY_TEST_KIND];
}

/** Kind, name and spec of a document of ours, which must be of one of `kinds`; undefined when it is none of ours. */
export function readEnvelope(
  document: ConfigDocument,
  kinds: readonly string[],
): Envelope | { readonly kind: string; readonly problems: readonly ConfigProblem[] } | undefined {
  const { value } = document;
  const apiVersion = valueAt(value, ['apiVersion']);
  const kind = valueAt(value, ['kind']);
  const wrong = (path: readonly string[], message: string): ReturnType<typeof readEnvelope> => ({
    kind: typeof kind === 'string' ? kind : '',
    problems: [problemAt(document, path, message)],
  });
  if (typeof kind !== 'string') {
    return apiVersion === POLICY_API_VERSION ? wrong(['kind'], 'is required: text') : undefined;
  }
  if (typeof apiVersion !== 'string') {
    return kinds.includes(kind) ? wrong(['apiVersion'], `is required: ${POLICY_API_VERSION}`) : undefined;
  }
  if (apiVersion !== POLICY_API_VERSION) {
    const { group } = parseApiVersion(apiVersion);
    const isOurs = didYouMean(group, ['gateward.dev']) !== '' || (kinds.includes(kind) && !group.includes('.k8s.io'));
    return isOurs ? wrong(['apiVersion'], `must be ${POLICY_API_VERSION}, not "${apiVersion}"`) : undefined;
  }
  if (!kinds.includes(kind)) return wrong(['kind'], `unknown kind "${kind}"${didYouMean(kind, kinds)}`);
  const unknown = Object.keys(value ?? {}).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0) {
    return {
      kind,
      problems: unknown.map((field) =>
        problemAt(document, [field], `unknown field${didYouMean(field, FIELDS)}`, 'key'),
      ),
    };
  }
  const name = valueAt(value, ['metadata', 'name']) ?? '';
  if (name === '') return wrong(['metadata', 'name'], 'is required: text');
  if (typeof name !== 'string') return wrong(['metadata', 'name'], `must be text, not ${written(name)}`);
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    return wrong(['metadata', 'name'], `"${name}" is not a name: lower-case letters, digits, - and .`);
  }
  return { document, kind, name, spec: valueAt(value, ['spec']) ?? {} };
}
