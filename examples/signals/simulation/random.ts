/**
 * Chance that repeats itself: a seeded generator, and Zipf's law, by which few users and providers get most of the
 * traffic. Each part of the simulation draws from a fork of its own, so that their timing does not mix their numbers.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An independent generator, the same for the same seed and name. */
  fork(name: string): Random {
    let hash = 0x811c9dc5 ^ this.#state;
    for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    return new Random(hash);
  }

  /** From 0 to 1, without 1: a counter in Weyl's sequence, mixed. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError('Nothing to pick from an empty list.');
    return picked;
  }
}

/** Ranks from 0 to `size - 1`, of which rank `r` is drawn in proportion to `1 / (r + 1) ** exponent`. */
export class Zipf {
  readonly #cumulated: number[] = [];

  constructor(size: number, exponent: number) {
    let sum = 0;
    for (let rank = 1; rank <= size; rank += 1) {
      sum += 1 / rank ** exponent;
      this.#cumulated.push(sum);
    }
  }

  draw(random: Random): number {
    const target = random.next() * (this.#cumulated.at(-1) ?? 0);
    let low = 0;
    let high = this.#cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulated[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
