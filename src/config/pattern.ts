import { RE2JS } from 're2js';

/** Whether a text is as a pattern wants it. */
export type Pattern = (text: string) => boolean;

/** Longer expressions are refused: RE2 is linear in the text, and in the expression. */
const LONGEST = 1000;

/**
 * Reads a pattern: `/…/` or `/…/i` is a regular expression of RE2, which has no look-around and takes linear time; anything else is a text
 * that must stand somewhere. Undefined for an expression that is none.
 */
export function parsePattern(text: string): Pattern | undefined {
  const [, expression, flag] = /^\/(.*)\/(i?)$/s.exec(text) ?? [];
  if (expression === undefined) return (candidate) => candidate.includes(text);
  if (expression.length > LONGEST) return undefined;
  try {
    const compiled = RE2JS.compile(expression, flag === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
    return (candidate) => compiled.matcher(candidate).find();
  } catch {
    return undefined;
  }
}
