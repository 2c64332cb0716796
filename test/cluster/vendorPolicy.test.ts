import { expect, test } from 'vitest';
import { policyAttachment } from '../../policies/policy-attachment/policy.ts';
import { ManifestReader } from '../../src/cluster/manifests.ts';
import { storeOf } from '../../src/cluster/state.ts';
import { policySet, sweep } from '../../src/engine/index.ts';

const policy = (kind: string, group: string): string => `
apiVersion: ${group}/v1
kind: ${kind}
metadata: { name: auth, namespace: shop }
spec: { targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: gone } }
---`;

test('policies of several kinds of vendors may share a name: each is read, kept and judged', () => {
  const reader = new ManifestReader('default');
  reader.add({
    name: 'a.yaml',
    text: [
      policy('SecurityPolicy', 'gateway.envoyproxy.io'),
      policy('BackendTrafficPolicy', 'gateway.envoyproxy.io'),
      policy('SecurityPolicy', 'example.com'),
      policy('SecurityPolicy', 'gateway.envoyproxy.io'),
      '\napiVersion: example.com/v1\nkind: Widget\nmetadata: { name: a }\nspec: { targetRef: web }\n',
    ].join(''),
  });
  const { manifests, findings, others } = reader.manifests;
  expect({
    others,
    findings: findings.map(({ rule, object }) => `${rule} ${object?.apiVersion} ${object?.kind}`),
  }).toEqual({
    others: 1,
    findings: ['duplicate gateway.envoyproxy.io/v1 SecurityPolicy'],
  });
  const kinds = ['gateway.envoyproxy.io', 'example.com'].map((group) => ({ group, kind: 'SecurityPolicy' }));
  const set = policySet(policyAttachment.bind([{ name: 'targets', spec: { kinds } }]).bound, []);
  const judged = new Map(
    [...sweep(storeOf(manifests, 'all'), set, 0)].map(({ subject, violations }) => [
      `${subject.object.apiVersion} ${subject.object.kind}`,
      violations.map(({ rule }) => rule),
    ]),
  );
  const rules = ['policy-attachment/target-not-found'];
  expect(judged).toEqual(
    new Map([
      ['gateway.envoyproxy.io/v1 SecurityPolicy', rules],
      ['gateway.envoyproxy.io/v1 BackendTrafficPolicy', []],
      ['example.com/v1 SecurityPolicy', rules],
    ]),
  );
});
