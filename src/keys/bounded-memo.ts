/**
 * Remembers what was parsed from a string, within bounds: people pass rendered keys as patterns, so there may be as many
 * strings as keys. Two halves approximate least-recently-used at the cost of a `Map.get`.
 * It does not remember failures: they are thrown again.
 */
export class BoundedMemo<V extends object> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param limit strings per half. */
  constructor(
    private readonly limit: number,
    private readonly make: (text: string) => V,
  ) {}

  get(text: string): V {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const value = this.#old.get(text) ?? this.make(text);
    if (this.#young.size >= this.limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
    return value;
  }
}
