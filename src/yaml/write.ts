import { Document, stringify, visit } from 'yaml';

/**
 * What kubectl refuses where it stands as it is, or takes for the end of a line: it reads YAML 1.1 (section 5.1, c-printable, and 5.4, b-char),
 * the writer knows 1.2.
 */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufffe\uffff]/;
const OPTIONS = { version: '1.1', aliasDuplicateObjects: false } as const;

/** A value as a YAML document that kubectl reads as that value, whatever texts are in it. */
export function writeYaml(value: unknown): string {
  const text = stringify(value, { ...OPTIONS, lineWidth: 0 });
  if (!ESCAPED.test(text)) return text;
  const document = new Document(value, OPTIONS);
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && ESCAPED.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replace(new RegExp(ESCAPED, 'g'), (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
