import type { ClusterOptions } from '../cluster/liveConnection.ts';
import type { FailOn } from '../report/failOn.ts';

/** What `gateward check` is told. */
export interface CheckOptions {
  /** Files, directories, glob patterns, `-` for standard input; none: standard input when something is piped in. */
  readonly paths: readonly string[];
  /** Files and directories of policy documents; none: the baseline that comes with Gateward. */
  readonly policies: readonly string[];
  /** `FORMAT` or `FORMAT=FILE`, one on standard output at most. */
  readonly output: readonly string[];
  readonly failOn: FailOn;
  /** No Gateway API object in the input is a failure. */
  readonly requireResources: boolean;
  /** Directories that kustomize renders. */
  readonly kustomize?: readonly string[];
  /** Files of AdmissionReviews, `-` for standard input; those among `paths` are judged too, but need not be there. */
  readonly reviews?: readonly string[];
  /** What findings in standard input are said to be in. */
  readonly stdinFilename: string;
  /** Of objects that name none; undefined: that of the kubeconfig's context when there is a cluster, else `default`. */
  readonly namespace: string | undefined;
  /** The cluster that the manifests are applied to; undefined: one of which nothing else is in sight. */
  readonly cluster?: ClusterOptions | undefined;
  /** The user who applies the manifests, and the groups he is said to be in; undefined: nobody in particular. */
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[];
  /** `CHANNEL@BUNDLE`: what is judged is what this release would break. */
  readonly pin?: string | undefined;
  /** What stands before the change: a directory of manifests, or a git revision of the same paths. */
  readonly old?: string | undefined;
  /** Writes the edits of findings into the files, and judges what is then there. */
  readonly fix?: boolean;
  /** With `fix`: prints the change as a diff instead of the findings, and writes nothing. */
  readonly dryRun?: boolean;
  /** A file of known findings, which are not told again. */
  readonly baseline?: string | undefined;
  /** `false`: never; undefined: when standard output is a terminal that wants it. */
  readonly color: boolean | undefined;
  /** The command that was called, for whoever is told that it was called wrongly. */
  readonly command: string;
  /** Nobody is shown the report: what cannot be parsed, which is a finding of it, is told as what cannot be read is. */
  readonly isHidden?: boolean;
}

/** What holds when nothing is said. */
export const CHECK_DEFAULTS: CheckOptions = {
  paths: [],
  policies: [],
  output: [],
  failOn: 'deny',
  requireResources: false,
  stdinFilename: '<stdin>',
  namespace: undefined,
  color: undefined,
  command: 'check',
};

/** The formats of `gateward preview`. */
export const PREVIEW_FORMATS = ['text', 'json', 'markdown'] as const;
/** See {@link PREVIEW_FORMATS}. */
export type PreviewFormat = (typeof PREVIEW_FORMATS)[number];

/** The formats of `gateward hosts`. */
export const HOSTS_FORMATS = ['text', 'json', 'csv', 'markdown'] as const;
/** See {@link HOSTS_FORMATS}. */
export type HostsFormat = (typeof HOSTS_FORMATS)[number];
