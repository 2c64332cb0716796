/** A place in a text: line and column from 1, columns in UTF-16 code units as JavaScript counts (SARIF `utf16CodeUnits`). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text; the table of line starts is made when first asked for. */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where an offset lies. */
  positionAt(offset: number): Position {
    const starts = this.#lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** The text of a line (from 1) without its line end; empty past the last. */
  textOf(line: number): string {
    const starts = this.#lineStarts();
    const start = starts[line - 1];
    return start === undefined ? '' : this.#text.slice(start, starts[line]).replace(/\r?\n$|\r$/, '');
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== undefined) return this.#starts;
    const starts = [0];
    for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
    return starts;
  }
}
