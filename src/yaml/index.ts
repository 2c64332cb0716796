/**
 * Reads YAML and JSON exactly as kubectl does, with positions. Pure: text in, values out; it never throws and its work is bounded whatever
 * the text. It knows nothing of Kubernetes objects.
 */
export { Places, readYaml, type YamlDocument, type YamlText } from './read.ts';
export { Lines, type Position } from './lines.ts';
