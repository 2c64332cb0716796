import type { ASTNode } from '@marcbachmann/cel-js';
import { parseRule } from '../src/gateway/schema/celRules.ts';
import type { SchemaNode } from '../src/gateway/schema/schemaNode.ts';

/** What an expression gives; `any` is what a field holds. */
type Type = 'boolean' | 'number' | 'text' | 'any';

interface Code {
  readonly code: string;
  readonly type: Type;
}

/**
 * The text of `plainRules.generated.ts`: the CEL rules of the schemas as functions of JavaScript, which say that a rule holds where that is
 * plain. Rules about changes, and those that use what is not known here, are left out.
 */
export function plainRulesModule(nodes: readonly SchemaNode[]): string {
  const rules = new Set(nodes.flatMap((node) => (node['x-kubernetes-validations'] ?? []).map(({ rule }) => rule)));
  const words = new Set<string>();
  const rows = [...rules].flatMap((rule) => {
    const used = new Set<string>();
    try {
      const { code } = typed(codeOf(parseRule(rule), used), 'boolean', used);
      for (const word of used) words.add(word);
      return [`  ${JSON.stringify(rule)}: (self) => ${code},`];
    } catch (error) {
      if (error instanceof Unknown) return [];
      throw error;
    }
  });
  return [
    '// Written by npm run generate.',
    `import { ${[...words].sort().join(', ')} } from './plainTerms.ts';`,
    '',
    '/** By rule: whether it holds of a value. False, and an error, mean that CEL has to be asked. */',
    'export const PLAIN_RULES: Readonly<Record<string, (self: unknown) => boolean>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** An expression that this file does not know. */
class Unknown extends Error {}

/** The code of an expression; `used` gathers the words of `plainTerms.ts` that it needs. */
function codeOf(node: ASTNode, used: Set<string>): Code {
  const word = (name: string, ...args: readonly string[]): string => {
    used.add(name);
    return `${name}(${args.join(', ')})`;
  };
  const any = (of: ASTNode): string => codeOf(of, used).code;
  const as = (type: Type, of: ASTNode): string => typed(codeOf(of, used), type, used).code;
  const boolean = (code: string): Code => ({ code, type: 'boolean' });
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      if (node.args === 'oldSelf' || node.args === 'format') throw new Unknown();
      return { code: node.args, type: 'any' };
    case '.':
      return { code: word('field', any(node.args[0]), nameOf(node.args[1])), type: 'any' };
    case '[]':
      return { code: word('item', any(node.args[0]), as('number', node.args[1])), type: 'any' };
    case 'list':
      return { code: `[${node.args.map(any).join(', ')}]`, type: 'any' };
    case '!_':
      return boolean(`!(${as('boolean', node.args)})`);
    case '&&':
    case '||':
      return boolean(`(${as('boolean', node.args[0])} ${node.op} ${as('boolean', node.args[1])})`);
    case '?:': {
      const [yes, no] = [codeOf(node.args[1], used), codeOf(node.args[2], used)];
      if (yes.type !== no.type) throw new Unknown();
      return { code: `(${as('boolean', node.args[0])} ? ${yes.code} : ${no.code})`, type: yes.type };
    }
    case '==':
      return boolean(word('equal', any(node.args[0]), any(node.args[1])));
    case '!=':
      return boolean(`!${word('equal', any(node.args[0]), any(node.args[1]))}`);
    case 'in':
      return boolean(word('isAmong', any(node.args[0]), any(node.args[1])));
    case '<':
    case '<=':
    case '>':
      return boolean(`(${as('number', node.args[0])} ${node.op} ${as('number', node.args[1])})`);
    case '+':
      return { code: `(${as('number', node.args[0])} + ${as('number', node.args[1])})`, type: 'number' };
    case 'call':
      return callOf(node.args[0], undefined, node.args[1]);
    case 'rcall':
      return callOf(node.args[0], node.args[1], node.args[2]);
    default:
      throw new Unknown();
  }

  function callOf(name: string, on: ASTNode | undefined, args: readonly ASTNode[]): Code {
    const [first, second] = args;
    if (name === 'size') return { code: word('size', any(on ?? given(first))), type: 'number' };
    if (on === undefined) {
      if (name === 'has' && first?.op === '.') return boolean(word('has', any(first.args[0]), nameOf(first.args[1])));
      if (name === 'hasField' && second?.op === 'value')
        return boolean(word('has', any(given(first)), nameOf(String(second.args))));
      if (name === 'duration') return { code: word('duration', any(given(first))), type: 'number' };
      if (name === 'isIP') return boolean(word('isIP', any(given(first))));
      throw new Unknown();
    }
    if (name === 'matchesRE2' && first?.op === 'value') return boolean(word('matches', any(on), any(first)));
    if (name === 'startsWith' || name === 'endsWith')
      return boolean(`${as('text', on)}.${name}(${as('text', given(first))})`);
    if (name === 'contains') return boolean(`${as('text', on)}.includes(${as('text', given(first))})`);
    if (name === 'substring' && second === undefined)
      return { code: word('substring', any(on), as('number', given(first))), type: 'text' };
    if (name === 'split' && second === undefined)
      return { code: `${as('text', on)}.split(${as('text', given(first))})`, type: 'any' };
    if (first?.op !== 'id' || second === undefined) throw new Unknown();
    const holds = `(${first.args}) => ${as('boolean', second)}`;
    if (name === 'all') return boolean(`${word('each', any(on))}.every(${holds})`);
    if (name === 'exists') return boolean(`${word('each', any(on))}.some(${holds})`);
    if (name === 'exists_one') return boolean(`${word('count', any(on), holds)} === 1`);
    if (name === 'filter') return { code: `${word('each', any(on))}.filter(${holds})`, type: 'any' };
    throw new Unknown();
  }
}

function given(node: ASTNode | undefined): ASTNode {
  if (node === undefined) throw new Unknown();
  return node;
}

function literal(value: unknown): Code {
  if (typeof value === 'string') return { code: JSON.stringify(value), type: 'text' };
  if (typeof value === 'bigint') return { code: String(value), type: 'number' };
  if (typeof value === 'boolean') return { code: String(value), type: 'boolean' };
  throw new Unknown();
}

/** The expression as one of a type: what a field holds is looked at when the rule is evaluated. */
function typed({ code, type }: Code, wanted: Type, used: Set<string>): Code {
  if (type === wanted) return { code, type };
  if (type !== 'any' || wanted === 'boolean' || wanted === 'any') throw new Unknown();
  used.add(wanted);
  return { code: `${wanted}(${code})`, type: wanted };
}

/** A field's name, as CEL writes one that is a word of its own: `__namespace__`. */
function nameOf(name: string): string {
  return JSON.stringify(name.replace(/^__(\w+)__$/, '$1'));
}
