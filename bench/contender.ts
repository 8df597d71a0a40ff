/** What is measured: one way to do something with a cache, or the same by hand. */
export interface Contender {
  /** Does it this many times. Gives something made of the values, so that nothing can be optimized away. */
  run(times: number): number | Promise<number>;
  /** All calls so far, and how many of them ended as they were meant to. Left out by what is written by hand. */
  proof?(): Proof;
}

export interface Proof {
  readonly calls: number;
  readonly asMeant: number;
}

/** One figure: the median of what was measured, with quartiles where it was measured several times. */
export interface Figure {
  readonly value: number;
  readonly quartiles?: readonly [lower: number, upper: number];
  /** What else was seen, for people. */
  readonly note?: string;
}

/** Figures by the names of rows. */
export type Figures = Readonly<Record<string, Figure>>;

/** What a file of `measurements/` exports as `measure`. It runs in a process of its own. */
export type Measure = (redisPort: number) => Promise<Figures>;

export function figureOf(values: readonly number[]): Figure {
  const ascending = values.toSorted((a, b) => a - b);
  const at = (share: number): number => ascending[Math.round((ascending.length - 1) * share)]!;
  return { value: at(0.5), quartiles: [at(0.25), at(0.75)] };
}
