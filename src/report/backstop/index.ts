/** Policy documents as ValidatingAdmissionPolicies, which the API server judges by itself. */
import type { PolicySet } from '../../engine/index.ts';
import { toYaml } from '../manifests.ts';
import { compileBackstop, type BackstopOptions } from './compile.ts';

/** What documents deny and CEL can say, as YAML that `kubectl apply -f -` takes; comments tell what is left out. */
export function renderBackstop(set: PolicySet, options: BackstopOptions): string {
  const { objects, unsaid } = compileBackstop(set, options);
  const head = [
    'What the API server refuses by itself of what the policy documents deny. Compile it again when they change.',
    ...(unsaid.length === 0 ? [] : ['Not said here:', ...unsaid.map((line) => `- ${line}`)]),
  ];
  return head.map((line) => `# ${line}\n`).join('') + toYaml(objects);
}
