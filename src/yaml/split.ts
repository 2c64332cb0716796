/** One document's share of a text: from `start` to `end` (offsets). */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a text into documents as kubectl does, before any YAML is read (apimachinery `yaml.YAMLReader`): at every line that begins with `---`
 * and holds nothing else but a comment. So one broken document cannot hide the others. JSON objects that follow one another are cut too.
 * What comes after `most` chunks is left out.
 */
export function splitDocuments(text: string, most: number): readonly Chunk[] {
  const objects = jsonObjects(text, most);
  if (objects.length > 1) return objects;
  const chunks: Chunk[] = [];
  let start = 0;
  for (const separator of text.matchAll(/^---[ \t]*(?:#.*)?\r?$/gm)) {
    chunks.push({ start, end: separator.index });
    start = separator.index + separator[0].length;
    // Files that were joined have a byte order mark each; at the start of a document it is none of its text.
    if (text.startsWith('\n\u{feff}', start)) start += 2;
    if (chunks.length === most) return chunks;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

/** The objects of a text that is nothing but JSON objects with white space between them; empty when it is anything else. */
function jsonObjects(text: string, most: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const token = /"(?:[^"\\\n]|\\.)*"|[{}]|[^\s"{}]+|"/g;
  let depth = 0;
  let start = 0;
  if (!/^\s*\{/.test(text)) return chunks;
  for (const { 0: word, index } of text.matchAll(token)) {
    if (depth === 0 && word !== '{') return [];
    if (word === '{') {
      if (depth === 0) start = index;
      depth += 1;
    } else if (word === '}') {
      depth -= 1;
      if (depth === 0 && chunks.push({ start, end: index + 1 }) === most) return chunks;
    }
  }
  return depth === 0 ? chunks : [];
}
