/** Small worlds that ask hard questions: generated from a seed, each in namespaces of its own, because nothing is ever deleted. */
import type { Manifest } from './api.ts';
import type { Pki } from './controller.ts';
import { Dice } from '../support/dice.ts';
import { Sketch } from './sketch.ts';
import { THEMES } from './themes.ts';

/** Objects that belong together, in two waves of creation; `theme` is what they are about. */
export interface World {
  readonly name: string;
  readonly theme: string;
  readonly waves: readonly [readonly Manifest[], readonly Manifest[]];
}

/** The first `count` worlds of a seed, the themes in turn. World n is the same however many are asked for. */
export function worlds(seed: number, count: number, pki: Pki): World[] {
  const themes = [...THEMES];
  return Array.from({ length: count }, (_, index) => {
    const [theme, draw] = themes[index % themes.length] ?? ['none', () => undefined];
    const name = `w${seed}-${index}`;
    const sketch = new Sketch(name, new Dice(`${seed}/${index}`), pki);
    draw(sketch);
    return { name, theme, waves: sketch.waves };
  });
}
