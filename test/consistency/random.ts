/**
 * Repeatable chance: one seed gives one sequence of choices. It makes schedules repeatable (which key, which fault, how
 * long), not the interleaving of processes, which is the machine's.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give similar beginnings, and 0 is the one state that xorshift never leaves.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
    for (let i = 0; i < 8; i += 1) this.#next();
  }

  /** Uniform in `[from, to)`. */
  between(from: number, to: number): number {
    return from + (this.#next() / 2 ** 32) * (to - from);
  }

  /** A whole number, 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.between(0, count));
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  #next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
}
