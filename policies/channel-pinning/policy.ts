import { BUNDLE_ANNOTATION, BUNDLES, CHANNEL_ANNOTATION, CHANNELS, pinnableBundle } from '#gateway';
import { definePolicy, type DocumentProblem } from '#policy';
import { z } from 'zod';
import { Exceptions, allowSchema, problemOf } from './allow.ts';
import { backstop } from './backstop.ts';
import { judgeDefinition } from './judgeDefinition.ts';
import { GATEWAY_KINDS } from './kinds.ts';
import { MESSAGES } from './messages.ts';
import { judgeObject } from './judgeObject.ts';
import { NEWEST_BUNDLE, lackingOf, minorOf, parseRange, servedBy } from './pin.ts';
import { suggestPin } from './suggestPin.ts';

/** Objects and CRDs stay within one channel and bundle. */
export const channelPinning = definePolicy({
  id: 'channel-pinning',
  kind: 'ChannelPin',
  summary:
    'Objects use only what one channel and bundle has, and the CRDs stay of that channel and within a range of bundles.',
  description: `**Objects** are held against the kinds, versions, fields and enum values of \`bundle\` in \`channel\`, as they were written or sent,
before defaults. A field is told where it begins, \`spec.rules[0].retry\`, and not once more for what is in it. What no bundle knows at all is
not told here: a misspelt field is for field validation. \`status\` is the controllers' and is not looked at.

With standard CRDs installed the API server has dropped unknown fields before any webhook is asked. In the cluster this policy therefore bites
where experimental CRDs are installed, or newer ones than the pin; \`gateward check\` sees every field as it stands in the file.

The tables know ${BUNDLES.join(', ')}. Another patch of one of these minors (v1.5.0) is held against the one known, since patches add no fields.
A minor that is not known, a pre-release, and what is no SemVer, is refused.

**CRDs** of both Gateway API groups are judged by their annotations \`gateway.networking.k8s.io/channel\` and \`…/bundle-version\`; other CRDs
never are. The annotations are self-declared, so the schema is compared with that of the release they name. \`crds.versions\` takes SemVer
ranges, and names of monthly bundles (\`>=1.5.1 <1.7.0 || monthly-2026.05\`). A pre-release is within it only where the range names one of the
same version (\`>=1.7.0-rc.1 <1.8.0\`); \`v0.0.0-dev\`, an unknown monthly bundle and a missing annotation never are by themselves.

An upgrade applies CRD after CRD, so bundles are mixed meanwhile: \`crd-mixed\` warns at most. An UPDATE that drops fields or enum values
(experimental to standard, a downgrade, a union that replaced a field) is looked at with the objects of the kind, and denied while some use
them; deleting a CRD that has objects likewise. Objects are named only where the document says \`disclose: Objects\`; logs and reports have them
always.

A CRD that stands (\`audit\`, and \`check\` of what a cluster holds) is looked at for versions in \`status.storedVersions\` that the pinned release
does not have: the API server would refuse that release's CRD. \`gateward check --cluster --pin standard@v1.6.1\` tells of this and of every
stored object what another release would break, before anybody installs it.

**Exceptions** in \`allow\` are for objects: a kind, or one field of it with everything below, or one value of a field. The CRD of a kind that
is allowed as a whole may be of the experimental channel. That of a kind with an allowed field may not: it would let in the other fields too.
Where that is wanted, say so with \`rules: { crd-channel: Warn }\` or an exemption.`,
  subjects: [...GATEWAY_KINDS, 'CustomResourceDefinition'],
  operations: { CustomResourceDefinition: ['CREATE', 'UPDATE', 'DELETE'] },
  reads: [...GATEWAY_KINDS, 'CustomResourceDefinition'],
  messages: MESSAGES,
  options: {
    channel: z.enum(CHANNELS).describe('The channel that objects and CRDs stay in.'),
    bundle: z
      .string()
      .default(NEWEST_BUNDLE)
      .describe('Objects may use only kinds, versions, fields and enum values of this bundle, as v1.6.1.'),
    crds: z
      .strictObject({
        versions: z
          .string()
          .optional()
          .describe('Bundle versions that installed CRDs may carry, as a SemVer range; default: the minor of bundle.'),
      })
      .default({})
      .describe('What installed CRDs may be.'),
    allow: z.array(allowSchema).default([]).describe('Named exceptions; nothing else passes.'),
  },
  check: ({ options }) => {
    const { bundle, crds, allow } = options;
    const problems: DocumentProblem[] = allow.flatMap((entry, at) => {
      const problem = problemOf(entry);
      return problem === undefined ? [] : [{ ...problem, path: ['allow', at, problem.field] }];
    });
    if (pinnableBundle(bundle) === undefined) {
      const message = `"${bundle}" is not a bundle that this version of Gateward knows; pin one of ${BUNDLES.join(', ')}`;
      problems.push({ path: ['bundle'], message });
    }
    if (crds.versions !== undefined && parseRange(crds.versions) === undefined) {
      const message = `"${crds.versions}" is not a SemVer range, as ">=1.5.1 <1.7.0"`;
      problems.push({ path: ['crds', 'versions'], message });
    }
    return problems;
  },
  bind: ({ options: { channel, bundle, crds, allow } }) => {
    const text = crds.versions ?? minorOf(bundle);
    const release = { bundle: pinnableBundle(bundle) ?? NEWEST_BUNDLE, channel };
    const exceptions = new Exceptions(allow);
    return {
      release,
      served: servedBy(release),
      lacking: lackingOf(release, exceptions),
      range: parseRange(text) ?? { text, includes: () => false, releases: [] },
      exceptions,
    };
  },
  annotations: () => [CHANNEL_ANNOTATION, BUNDLE_ANNOTATION],
  backstop: (bound) => backstop(bound),
  suggest: (subjects) => suggestPin(subjects),
  evaluate: (subject, tools) => {
    if (subject.kind === 'CustomResourceDefinition') return judgeDefinition(subject, tools);
    return subject.operation === 'DELETE' ? [] : judgeObject(subject, tools);
  },
});
