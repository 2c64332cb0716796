import type { RequestMatch } from '#gateway';

/** A match of the route under review, and the number of its rule. */
interface OwnMatch {
  readonly rule: number;
  readonly match: RequestMatch;
}

/** What a route asks for, by target. Nearly all matches have one of their own, and cost no more than its name in a set. */
export class OwnMatches {
  readonly #rules: readonly (readonly (RequestMatch | undefined)[])[];
  readonly #targets = new Set<string>();
  readonly #repeated = new Set<string>();
  #byTarget: ReadonlyMap<string, readonly OwnMatch[]> | undefined;

  /** The matches of each rule; undefined for those that cannot be compared. */
  constructor(rules: readonly (readonly (RequestMatch | undefined)[])[]) {
    this.#rules = rules;
    for (const matches of rules) {
      for (const match of matches) {
        if (match === undefined) continue;
        const before = this.#targets.size;
        this.#targets.add(match.target);
        if (this.#targets.size === before) this.#repeated.add(match.target);
      }
    }
  }

  /** Whether more than one match is about this target. */
  repeats(target: string): boolean {
    return this.#repeated.has(target);
  }

  /** The matches that ask for the same, in their order. */
  like({ target, text }: Pick<RequestMatch, 'target' | 'text'>): readonly OwnMatch[] {
    return (this.#ofTarget().get(target) ?? []).filter(({ match }) => match.text === text);
  }

  /** Whether some match asks for the same as one of another route. */
  asks(other: RequestMatch): boolean {
    return this.#targets.has(other.target) && this.like(other).length > 0;
  }

  #ofTarget(): ReadonlyMap<string, readonly OwnMatch[]> {
    return (this.#byTarget ??= Map.groupBy(
      this.#rules.flatMap((matches, rule) =>
        matches.flatMap((match): OwnMatch[] => (match === undefined ? [] : [{ rule, match }])),
      ),
      ({ match }) => match.target,
    ));
  }
}
