/**
 * Remembers what was parsed from a text, within bounds: people pass rendered keys where patterns are taken, so the
 * texts are as many as the keys. Two generations approximate least-recently-used at the cost of a `Map.get`.
 * It refuses to remember failures: a thrown error is thrown anew.
 */
export class BoundedMemo<V extends object> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param limit texts per generation; at most twice as many are held. */
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
