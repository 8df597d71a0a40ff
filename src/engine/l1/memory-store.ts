/**
 * L1: an lru-cache bounded by entries and, where asked, by bytes. Expiry is a field of the entry, on the injected
 * clock, and the reader's to compare: one clock read serves expiry and every other check of a hit, and an expired
 * entry stays readable for those who may still use it. A sweep drops what has expired; it never keeps a process alive.
 */
import { LRUCache } from 'lru-cache';
import { type Clock, every, type Timer } from '../../contract/clock';
import type { MemoryTier } from '../../contract/l2';

export interface Expiring {
  /** On the clock's `now()`: how long it is of use to anybody. */
  readonly keptUntil: number;
}

export interface LruTierOptions {
  readonly maxSize: number;
  readonly maxBytes: number | undefined;
  readonly sweepMs: number;
  /** Told of each entry that made room for another. */
  readonly onEvict: (key: string) => void;
}

export class LruTier<E extends Expiring> implements MemoryTier<E> {
  readonly measured: boolean;
  readonly #entries: LRUCache<string, E>;
  readonly #clock: Clock;
  readonly #sweeper: Timer;

  constructor(clock: Clock, options: LruTierOptions) {
    this.#clock = clock;
    this.measured = options.maxBytes !== undefined;
    const dispose = (_: E, key: string, reason: string): void => {
      if (reason === 'evict') options.onEvict(key);
    };
    this.#entries = new LRUCache<string, E>(
      options.maxBytes === undefined
        ? { max: options.maxSize, dispose }
        : { max: options.maxSize, maxSize: options.maxBytes, dispose },
    );
    this.#sweeper = every(clock, options.sweepMs, () => this.#sweep());
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get(key: string): E | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: E, bytes: number): void {
    if (this.measured) this.#entries.set(key, entry, { size: Math.max(1, bytes) });
    else this.#entries.set(key, entry);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  close(): void {
    this.#clock.clearInterval(this.#sweeper);
    this.#entries.clear();
  }

  #sweep(): void {
    const now = this.#clock.now();
    const expired: string[] = [];
    for (const [key, entry] of this.#entries.entries()) {
      if (entry.keptUntil <= now) expired.push(key);
    }
    for (const key of expired) this.#entries.delete(key);
  }
}

/** L1 switched off: the same code runs and nothing is kept. */
export class NoMemory<E> implements MemoryTier<E> {
  readonly measured = false;
  readonly size = 0;
  readonly bytes = 0;

  get(): undefined {
    return undefined;
  }

  set(): void {}

  delete(): boolean {
    return false;
  }

  clear(): void {}

  keys(): readonly string[] {
    return [];
  }

  close(): void {}
}
