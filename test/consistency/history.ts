/**
 * What processes write down while they run, on the one clock that all processes of a machine share. A key is its number.
 */
export interface WriteRecord {
  readonly key: number;
  /** What the database said that the key's version is from now on. */
  readonly version: number;
  /** When the cache had said that the invalidation is done. */
  readonly doneAt: number;
  /** False: the cache has said that it could not reach everybody in time. */
  readonly acknowledged: boolean;
}

/** Reads in one array of numbers, three for each: there are many, and they are sent between processes. */
export interface ReadRecord {
  readonly key: number;
  readonly version: number;
  readonly startedAt: number;
}

export interface ProcessHistory {
  readonly writes: readonly WriteRecord[];
  readonly reads: Float64Array;
}

/** Milliseconds on CLOCK_MONOTONIC, which is the same in all processes. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class ReadLog {
  readonly #numbers: number[] = [];

  add(key: number, version: number, startedAt: number): void {
    this.#numbers.push(key, version, startedAt);
  }

  get size(): number {
    return this.#numbers.length / 3;
  }

  packed(): Float64Array {
    return Float64Array.from(this.#numbers);
  }
}

export function* readsOf({ reads }: ProcessHistory): Generator<ReadRecord> {
  for (let at = 0; at < reads.length; at += 3) {
    yield { key: reads[at]!, version: reads[at + 1]!, startedAt: reads[at + 2]! };
  }
}
