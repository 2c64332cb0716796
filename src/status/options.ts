/** The formats of `gateward status`. */
export const STATUS_FORMATS = ['table', 'yaml', 'json', 'dot', 'mermaid', 'svg', 'html'] as const;
/** See {@link STATUS_FORMATS}. */
export type StatusFormat = (typeof STATUS_FORMATS)[number];

/** What `gateward status` is told. */
export interface StatusFaceOptions {
  /** Files, directories, glob patterns, `-` for standard input; none: standard input when something is piped in. */
  readonly paths: readonly string[];
  readonly output: StatusFormat;
  /** Only Gateways of these classes; none: all. */
  readonly classes: readonly string[];
  /** Only Gateways whose class has one of these controllers; none: all. */
  readonly controllers: readonly string[];
  /** Say why routes have no status for a parent. */
  readonly explain: boolean;
  /** Of objects that name none. */
  readonly namespace: string;
}

/** What `gateward status --cluster` is told. */
export interface ClusterStatusOptions extends Pick<StatusFaceOptions, 'output' | 'classes' | 'controllers'> {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Only objects of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  /** Print again whenever something changes. */
  readonly watch: boolean;
}
