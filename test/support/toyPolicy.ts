import { definePolicy, type BoundPolicy } from '#policy';
import { z } from 'zod';
import { policySet, type PolicySet } from '../../src/engine/index.ts';

/** A policy that shows every way a policy can behave, steered by hostnames of an HTTPRoute. */
export const toyPolicy = definePolicy({
  id: 'toy',
  kind: 'Toy',
  summary: 'Shows every way a policy can behave.',
  subjects: ['HTTPRoute'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  reads: ['Namespace', 'Service'],
  messages: {
    forbidden: { text: '{{path}} "{{hostname}}" is forbidden.', severity: 'high', why: 'To have a denial.' },
    unlabelled: { text: 'namespace {{namespace}} has no label team.', severity: 'low', why: 'To rest on an absence.' },
    serviceless: { text: 'there is no Service web.', severity: 'low', why: 'To rest on an absence.' },
    plain: { text: 'spec.hostnames[0] must be {{hostname}}.', severity: 'low', why: 'To have a fix.' },
  },
  options: { mutate: z.boolean().default(false).describe('Applies fixes.') },
  bind: ({ options }) => options,
  mutates: ({ mutate }) => mutate,
  *evaluate(subject, { snapshot, find }) {
    const [hostname = ''] = subject.object.spec.hostnames ?? [];
    const path = ['spec', 'hostnames', 0];
    if (hostname === 'throw.example.com') throw new Error('a policy broke');
    if (hostname === 'forbidden.example.com') {
      yield find(
        'forbidden',
        path,
        { hostname },
        { related: [{ kind: 'HTTPRoute', namespace: 'other', name: 'held' }] },
      );
    }
    if (hostname === 'label.example.com') {
      const namespace = snapshot.get('Namespace', '', subject.namespace);
      if (namespace?.metadata.labels?.['team'] === undefined) {
        const restsOn = [{ kind: 'Namespace', namespace: '', name: subject.namespace }] as const;
        yield find('unlabelled', path, { namespace: subject.namespace }, { restsOn });
      } else if (snapshot.get('Service', subject.namespace, 'web') === undefined) {
        const restsOn = [{ kind: 'Service', namespace: subject.namespace, name: 'web' }] as const;
        yield find('serviceless', path, {}, { restsOn });
      }
    }
    if (hostname.startsWith('fix-')) {
      const fixed = hostname.slice(4);
      yield find(
        'plain',
        path,
        { hostname: fixed },
        { fix: { description: `set to "${fixed}"`, edits: [{ op: 'replace', path, value: fixed }] } },
      );
    }
  },
});

/** Toy documents by name and spec. */
export function toyDocuments(specs: Readonly<Record<string, unknown>>): readonly BoundPolicy[] {
  const { bound, issues } = toyPolicy.bind(Object.entries(specs).map(([name, spec]) => ({ name, spec })));
  if (issues.length > 0) throw new Error(JSON.stringify(issues));
  return bound;
}

/** A set of toy documents. */
export function toySet(specs: Readonly<Record<string, unknown>>): PolicySet {
  return policySet(toyDocuments(specs), []);
}
