import type { Policy } from '#policy';
import type { Installation, Seen } from '../cluster/installation.ts';
import { configDocuments, loadPolicies } from '../config/index.ts';
import type { PolicySet } from '../engine/index.ts';

/** The policy documents that the pods judge by. */
export interface InForce {
  readonly set: PolicySet;
  /** Where they stand, for people. */
  readonly from: string;
}

/** Where the pods take their documents from; undefined where their Deployment does not say. */
export function documentSource({ workload }: Installation): 'cluster' | 'files' | undefined {
  const args = 'value' in workload ? workload.value?.args : undefined;
  if (args === undefined) return undefined;
  return args.includes('--policies-from-cluster') ? 'cluster' : 'files';
}

/**
 * The documents that were given, else those of the cluster or of the ConfigMap `gateward-policies`, as the Deployment says; without one those
 * that there are. What is not in order among them is left out.
 */
export function inForce(seen: Installation, known: readonly Policy[], given: PolicySet | undefined): Seen<InForce> {
  if (given !== undefined) return { value: { set: given, from: '--policies' } };
  const source = documentSource(seen);
  const { documents, policyFiles, now } = seen;
  const hasDocuments = 'value' in documents && documents.value.length > 0;
  if (source === 'cluster' || (source === undefined && hasDocuments)) {
    if ('unseen' in documents) return documents;
    return { value: { set: loadPolicies(documents.value, known, now).set, from: 'the cluster' } };
  }
  if ('unseen' in policyFiles) return policyFiles;
  if (policyFiles.value === undefined)
    return { unseen: 'there is no ConfigMap gateward-policies; name the documents with --policies' };
  const read = [...policyFiles.value].flatMap(([name, text]) => configDocuments(name, text).documents);
  return { value: { set: loadPolicies(read, known, now).set, from: 'ConfigMap gateward-policies' } };
}

/** The policies that have a document, each once. */
export function policiesOf({ policies }: PolicySet): readonly Policy[] {
  return [...new Set(policies.map(({ policy }) => policy))];
}

/** Whether some document or rule denies. */
export function denies({ policies }: PolicySet): boolean {
  return policies.some(({ spec }) => spec.action === 'Deny' || Object.values(spec.rules).includes('Deny'));
}
