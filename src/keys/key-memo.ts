/**
 * Remembers the finished keys of a template with one argument: building, flattening and hashing a key is a third of an L1
 * hit. It is dropped when it is full, and rests for a while if it found less than it missed.
 */

/** Keys of one placeholder. No segment is longer than 128 characters, so that this bounds the bytes as well. */
const LIMIT = 2_000;
/** Calls for which it rests. Trying again costs 2,000 entries for nothing: a tenth of what they save if it pays. */
const REST = 10 * LIMIT;

export class KeyMemo {
  readonly #head: string;
  readonly #tail: string;
  readonly #segmentOf: (value: unknown) => string;
  readonly #keys = new Map<unknown, string>();
  #hits = 0;
  #resting = 0;

  /** @param segmentOf the argument as a segment of the key, escaped; what it throws is passed on */
  constructor(head: string, segmentOf: (value: unknown) => string, tail: string) {
    this.#head = head;
    this.#segmentOf = segmentOf;
    this.#tail = tail;
  }

  keyOf(value: unknown): string {
    const key = this.#keys.get(value);
    if (key === undefined) return this.#render(value);
    this.#hits += 1;
    return key;
  }

  #render(value: unknown): string {
    const segment = this.#segmentOf(value);
    const key = this.#head + segment + this.#tail;
    if (this.#resting > 0) this.#resting -= 1;
    else if (typeof value === 'number') return this.#remember(value, key);
    else if (segment === value) return this.#remember(copyOf(segment), key);
    return key;
  }

  #remember(value: unknown, key: string): string {
    if (this.#keys.size >= LIMIT) {
      if (this.#hits < LIMIT) this.#resting = REST;
      this.#keys.clear();
      this.#hits = 0;
    }
    const flat = copyOf(key);
    this.#keys.set(value, flat);
    return flat;
  }
}

/** A string of its own: what was cut out of a long text, or put together, would keep all of that in memory. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
