/** What other policy documents would change: the values, and the text, JSON and Markdown of them. Pure. */
export { renderPreviewJson } from './json.ts';
export { renderPreviewMarkdown } from './markdown.ts';
export {
  failsPreview,
  makePreview,
  type Against,
  type Judgement,
  type NotPreviewable,
  type Preview,
  type TwiceJudged,
} from './preview.ts';
export { renderPreviewText } from './text.ts';
