import { createHash } from 'node:crypto';
import { Markup, markup, type MarkupPart } from './markup.ts';

/** What an HTML page is made of: texts of ours for style and script, and what stands in its body before the script. */
interface HtmlPage {
  readonly title: MarkupPart;
  readonly style: string;
  readonly script: string;
  /** The start tag and what comes after it. */
  readonly body: Markup;
}

/** A page that needs no network and says so (Content-Security-Policy): its own style and script run, and nothing else. */
export function htmlPage({ title, style, script, body }: HtmlPage): string {
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
${body}
<script>${new Markup(script)}</script>
</body>
</html>
`.toString();
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
