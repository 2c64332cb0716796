/**
 * What tests read of elements in a browser, and the names that the browser driver's types want; the DOM library would make every browser
 * global look as if it were there in Node.
 */
interface Node {
  readonly textContent: string;
}
interface HTMLElement extends Node {
  readonly clientHeight: number;
  getAttribute(name: string): string | null;
}
type SVGElement = HTMLElement;
type HTMLElementTagNameMap = Record<string, HTMLElement>;
