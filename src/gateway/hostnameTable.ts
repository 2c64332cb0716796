import { ANY, isWildcard } from './hostname.ts';

/** Values by canonical hostname, asked for by the most specific hostname that holds a name. */
export class HostnameTable<T> {
  readonly #values = new Map<string, T>();
  /** How many dots the wildcards have: no others are looked up, as making and hashing their texts is most of the cost. */
  readonly #dots = new Set<number>();

  /** The value of just this hostname. */
  get(hostname: string): T | undefined {
    return this.#values.get(hostname);
  }

  set(hostname: string, value: T): void {
    this.#values.set(hostname, value);
    if (isWildcard(hostname)) this.#dots.add(dotsFrom(hostname, 0));
  }

  entries(): Iterable<readonly [string, T]> {
    return this.#values.entries();
  }

  /** The value of the hostname itself, else of the nearest wildcard that covers it, else of {@link ANY}. */
  nearest(hostname: string): T | undefined {
    const own = this.#values.get(hostname);
    if (own !== undefined || hostname === ANY) return own;
    let dot = hostname.indexOf('.', isWildcard(hostname) ? 2 : 0);
    for (let dots = dotsFrom(hostname, dot); dots > 0; dots -= 1) {
      const value = this.#dots.has(dots) ? this.#values.get(`*${hostname.slice(dot)}`) : undefined;
      if (value !== undefined) return value;
      dot = hostname.indexOf('.', dot + 1);
    }
    return this.#values.get(ANY);
  }
}

/** The dots at or after a position; none for a negative one. */
function dotsFrom(hostname: string, position: number): number {
  let dots = 0;
  for (let dot = position < 0 ? -1 : hostname.indexOf('.', position); dot >= 0; dot = hostname.indexOf('.', dot + 1)) {
    dots += 1;
  }
  return dots;
}
