import { KINDS, compareText, type KindName } from '#gateway';
import {
  OPERATIONS,
  celAny,
  type BackstopVariable,
  type BoundBackstop,
  type BoundCheck,
  type BoundPolicy,
} from '#policy';
import { actionFor, type Exemption, type PolicySet } from '../../engine/index.ts';
import { admissionRules, judgedNamespaces, type AdmissionRule } from '../manifestsWebhooks.ts';
import { objectName } from '../objectName.ts';
import { celApplies, celExempts } from './match.ts';

/** Where and when documents are compiled. */
export interface BackstopOptions {
  /** Gateward's own namespace: what the expressions look up is there, and it is not judged. */
  readonly namespace: string;
  /** Milliseconds since the epoch: an exemption that has ended does not count. */
  readonly now: number;
}

/** The compiled documents. */
export interface CompiledBackstop {
  /** ConfigMaps first, then each ValidatingAdmissionPolicy with its binding. */
  readonly objects: readonly unknown[];
  /** A line for everything that the documents say and the objects do not. */
  readonly unsaid: readonly string[];
}

/** The longest expression that the API server parses, in code points (cel-go: ExpressionSizeCodePointLimit). */
const LONGEST_EXPRESSION = 100_000;
/** The most that a ConfigMap holds, in bytes (k8s.io/api/core/v1 ConfigMap), less its metadata. */
const LARGEST_CONFIG_MAP = 1_000_000;

/** The labels by which everything of a backstop is found, and what is no longer compiled is told from it. */
const LABELS = { 'app.kubernetes.io/part-of': 'gateward', 'app.kubernetes.io/component': 'backstop' };

/**
 * Compiles what documents deny and CEL can say into ValidatingAdmissionPolicies that deny it without Gateward. None denies what the documents
 * allow: an error in an expression lets the write pass, and so does a ConfigMap that is not there.
 */
export function compileBackstop({ policies, exemptions }: PolicySet, options: BackstopOptions): CompiledBackstop {
  const standing = exemptions.filter(({ expires }) => options.now < expires);
  const compiled = [...policies].sort(byName).map((bound) => new Compilation(bound, standing, options));
  const configMaps = new Map(compiled.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap])));
  return {
    objects: [...configMaps.values(), ...compiled.flatMap(({ objects }) => objects)],
    unsaid: [
      ...compiled.flatMap(({ unsaid }) => unsaid),
      ...standing.map(
        ({ name, expires }) =>
          `PolicyExemption/${name} ends ${new Date(expires).toISOString()}, and here only when this is compiled again`,
      ),
    ],
  };
}

function byName(a: BoundPolicy, b: BoundPolicy): number {
  return compareText(`${a.policy.kind}/${a.document}`, `${b.policy.kind}/${b.document}`);
}

/** One document. */
class Compilation {
  readonly objects: unknown[] = [];
  readonly unsaid: string[] = [];
  configMap: readonly [string, unknown] | undefined;
  readonly #bound: BoundPolicy;
  readonly #exemptions: readonly Exemption[];
  readonly #options: BackstopOptions;
  /** The rules that some part says. */
  readonly #said = new Set<string>();

  constructor(bound: BoundPolicy, exemptions: readonly Exemption[], options: BackstopOptions) {
    this.#bound = bound;
    this.#exemptions = exemptions;
    this.#options = options;
    const denied = [...bound.policy.messages.keys()].filter(
      (id) => actionFor(bound, { id, atMost: undefined }) === 'Deny',
    );
    if (denied.length === 0) {
      this.#tell('', 'denies nothing');
      return;
    }
    const { backstop = { parts: [] } } = bound;
    const { params } = backstop;
    if (params !== undefined && Buffer.byteLength(JSON.stringify(params)) > LARGEST_CONFIG_MAP) {
      this.#tell('', 'what it lists is more than a ConfigMap holds');
      return;
    }
    const paramRef = params === undefined ? undefined : this.#hold(params);
    for (const part of backstop.parts) this.#compile(part, denied, paramRef);
    for (const rule of denied) {
      if (!this.#said.has(rule)) this.#tell(rule, backstop.unsaid?.[rule] ?? 'is left to Gateward');
    }
  }

  #tell(rule: string, why: string): void {
    this.unsaid.push(`${this.#bound.policy.kind}/${this.#bound.document}${rule === '' ? '' : ` ${rule}`}: ${why}`);
  }

  /** Puts what the expressions look up into a ConfigMap. */
  #hold(data: Readonly<Record<string, string>>): ParamRef {
    const { namespace } = this.#options;
    const name = `gateward.${this.#bound.id}`;
    this.configMap = [
      name,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: LABELS }, data },
    ];
    return { name, namespace, parameterNotFoundAction: 'Allow' };
  }

  #compile(part: BoundBackstop['parts'][number], denied: readonly string[], paramRef: ParamRef | undefined): void {
    const { policy, document, spec } = this.#bound;
    const { kinds: wanted = [], operations = [] } = spec.match;
    const kinds = part.kinds.filter(
      (kind) => wanted.length === 0 || wanted.some((entry) => entry.kind === kind && entry.group === KINDS[kind].group),
    );
    const resourceRules = admissionRules(kinds, (kind) =>
      OPERATIONS.filter(
        (operation) =>
          operation !== 'DELETE' &&
          policy.operationsOn(kind).includes(operation) &&
          (operations.length === 0 || operations.includes(operation)),
      ),
    );
    const [first] = kinds;
    if (first === undefined || resourceRules.length === 0) return;
    const rules = part.checks
      .filter(({ rule }) => denied.includes(rule))
      .map((check) => ({ check, ...this.#rule(check, kinds) }))
      .filter(({ check, validation, variables }) => this.#fits(check, validation, variables));
    if (rules.length === 0) return;
    const applies = celApplies(spec.match, kinds);
    const variables = [
      ...(applies === 'true' ? [] : [{ name: 'applies', expression: applies }]),
      ...(part.variables ?? []),
      ...rules.flatMap((rule) => rule.variables),
    ];
    const validations = rules.map(({ validation }) => ({
      ...validation,
      expression: applies === 'true' ? validation.expression : `!variables.applies || ${validation.expression}`,
    }));
    const name = objectName(`gateward.${policy.id}.${document}.${KINDS[first].plural}`);
    this.objects.push(
      policyObject(name, this.#options.namespace, resourceRules, variables, validations, paramRef),
      bindingObject(name, paramRef),
    );
  }

  #fits({ rule, unless }: BoundCheck, validation: Validation, variables: readonly BackstopVariable[]): boolean {
    const texts = [
      validation.expression,
      validation.messageExpression,
      ...variables.map(({ expression }) => expression),
    ];
    const fits = texts.every((text) => text.length <= LONGEST_EXPRESSION);
    if (!fits) this.#tell(rule, 'is more than an expression may hold');
    else if (!this.#said.has(rule) && unless !== undefined) this.#tell(rule, `leaves out ${unless}`);
    this.#said.add(rule);
    return fits;
  }
  /** One rule: no item may be refused that was not there before. */
  #rule(
    { rule, items, refused, isNew, message }: BoundCheck,
    kinds: readonly KindName[],
  ): { readonly variables: readonly BackstopVariable[]; readonly validation: Validation } {
    const { policy, document } = this.#bound;
    const exempt = celAny(
      this.#exemptions
        .filter((exemption) =>
          exemption.policies.some(
            ({ kind, name, rules }) =>
              kind === policy.kind && name === document && (rules.length === 0 || rules.includes(rule)),
          ),
        )
        .map((exemption) => celExempts(exemption, kinds)),
    );
    const name = rule.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
    const before = {
      name: `${name}Before`,
      expression: `request.operation == 'UPDATE' ? (${items('oldObject')}) : []`,
    };
    const isUnkept = isNew === true ? [] : [`!(item in variables.${before.name})`];
    const conditions = [...isUnkept, ...(refused === undefined ? [] : [refused('item')])];
    const filter = conditions.length === 0 ? '' : `.filter(item, ${conditions.join(' && ')})`;
    return {
      variables: [
        ...(isNew === true ? [] : [before]),
        { name, expression: filter === '' ? items('object') : `(${items('object')})${filter}` },
      ],
      validation: {
        expression: `${exempt === 'false' ? '' : `${exempt} || `}variables.${name}.size() == 0`,
        messageExpression: message(`variables.${name}[0]`),
        message: `${policy.id}/${rule} (policy ${document}): ${policy.messages.get(rule)?.why ?? ''}`,
        reason: 'Forbidden',
      },
    };
  }
}

interface ParamRef {
  readonly name: string;
  readonly namespace: string;
  readonly parameterNotFoundAction: 'Allow';
}

interface Validation {
  readonly expression: string;
  readonly messageExpression: string;
  readonly message: string;
  readonly reason: 'Forbidden';
}

function policyObject(
  name: string,
  namespace: string,
  resourceRules: readonly AdmissionRule[],
  variables: readonly BackstopVariable[],
  validations: readonly Validation[],
  paramRef: ParamRef | undefined,
): unknown {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, labels: LABELS },
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: judgedNamespaces(namespace), resourceRules },
      ...(paramRef === undefined ? {} : { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }),
      variables,
      validations,
    },
  };
}

function bindingObject(policyName: string, paramRef: ParamRef | undefined): unknown {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: policyName, labels: LABELS },
    spec: { policyName, ...(paramRef === undefined ? {} : { paramRef }), validationActions: ['Deny'] },
  };
}
