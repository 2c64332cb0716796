/** A CEL rule of a schema (`x-kubernetes-validations`). */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
  readonly reason?: string;
  readonly optionalOldSelf?: boolean;
}

/** One schema of a generated table. Keywords mean what they mean in a CRD; children are positions in the table's `nodes`. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, number>>;
  readonly required?: readonly string[];
  readonly items?: number;
  /** `additionalProperties`: the schema of a map's values. */
  readonly values?: number;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** A text stands for an object with this one field: how an older bundle wrote it. */
  readonly 'x-fold'?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly oneOf?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** A table of schemas with equal subtrees shared. */
export type Nodes = readonly SchemaNode[];

/** The schema of a field of an object, or of a map's value; undefined for a field that the schema does not know. */
export function fieldOf(nodes: Nodes, { properties, values }: SchemaNode, name: string): SchemaNode | undefined {
  const at = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : values;
  return at === undefined ? undefined : nodes[at];
}

/** The schema of a list's items. */
export function itemOf(nodes: Nodes, { items }: SchemaNode): SchemaNode | undefined {
  return items === undefined ? undefined : nodes[items];
}
