/** What takes part in a duel: one way to read a cached value, ready to be repeated. */

export interface Settings {
  readonly redisPort: number;
  /** How many reads are under way at a time. */
  readonly concurrency: number;
  readonly ids: 'decimal' | 'uuid';
}

export interface Contender {
  /** Reads this many times. Returns or resolves to something made of the values, so that no read can be optimized away. */
  run(times: number): number | Promise<number>;
  close(): Promise<void>;
}

/** Of one read, in ns. */
export interface Measurement {
  readonly elapsedNs: number;
  /** What the process itself used of the CPUs, garbage collection included. Others on the machine disturb it far less. */
  readonly cpuNs: number;
}

/** What a file of `contenders/` exports as `prepare`. */
export type Prepare = (settings: Settings) => Promise<Contender>;
