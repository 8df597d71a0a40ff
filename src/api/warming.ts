/**
 * Warming: fills a cache from a list of entries, some at a time. It reads as `getOrSet` does, so that an entry that is
 * there is not loaded, and several processes that warm at once load each key once. An entry that fails is told and
 * counted, and never stops the others.
 */
import { describe } from '../config/describe';
import type { Clock } from '../contract/clock';
import type { EnginePort } from '../contract/engine';
import { WarmError } from '../contract/errors';
import type { Emit } from '../contract/events';
import type { GetOrSetOptions, PutOptions } from './call-options';
import type { Key } from './key-input';

export interface WarmEntry<V = any> extends PutOptions<V> {
  readonly key: Key;
  /** Called if the entry is in neither tier. */
  readonly load: () => V | PromiseLike<V>;
}

/** Taken one by one, as there is room: a generator that reads a table page by page is never read ahead. */
export type WarmEntries = Iterable<WarmEntry> | AsyncIterable<WarmEntry>;

export interface WarmOptions {
  /** How many entries are read or loaded at a time: a whole number from 1. Default 8. */
  readonly concurrency?: number | undefined;
  /** Called after each entry. One that throws harms nobody; the event `error` tells. */
  readonly onProgress?: ((progress: WarmProgress) => void) | undefined;
  /** Aborted: no further entry is taken, and those under way are completed. */
  readonly signal?: AbortSignal | undefined;
}

interface WarmCounts {
  /** Loaded by this call. */
  readonly loaded: number;
  /** In L1 or L2 already, or loaded by somebody else meanwhile. */
  readonly fresh: number;
  /** The load failed, or the entry was invalid. The event `error` says why. */
  readonly failed: number;
}

export interface WarmProgress extends WarmCounts {
  /** Entries that are through. */
  readonly done: number;
  /** Undefined where the entries are neither an array nor a Set: they are not counted beforehand. */
  readonly total: number | undefined;
  /** The key of the entry that has just passed, or undefined if it was invalid. */
  readonly key: Key | undefined;
}

export interface WarmReport extends WarmCounts {
  /** Entries that were taken: the sum of `loaded`, `fresh` and `failed`. */
  readonly total: number;
  /** How long it took. */
  readonly ms: number;
}

/** What warming asks of its cache. */
export interface WarmedCache {
  readonly engine: Pick<EnginePort, 'active'>;
  getOrSet<V>(key: Key, load: () => V | PromiseLike<V>, options: GetOrSetOptions<V>): Promise<V>;
}

/** The label in the statistics, unless an entry has a `name`. */
export const WARM_LABEL = 'warm';
const CONCURRENCY = 8;

/** An expired value that may still be served is no reason not to wait for the load. */
const NOT_STALE = { soft: '1d' } as const;

type Outcome = keyof WarmCounts;

export class Warming {
  readonly #clock: Clock;
  readonly #emit: Emit;

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** @throws WarmError (`TIERCEL_WARM`) */
  async run(cache: WarmedCache, entries: WarmEntries, options: WarmOptions): Promise<WarmReport> {
    const { concurrency = CONCURRENCY, onProgress, signal } = checked(entries, options);
    const begun = this.#clock.now();
    const total = countOf(entries);
    const counts = { loaded: 0, fresh: 0, failed: 0 };
    let done = 0;
    const tell = (outcome: Outcome, key: Key | undefined): void => {
      counts[outcome] += 1;
      done += 1;
      try {
        onProgress?.({ ...counts, done, total, key });
      } catch (error) {
        this.#emit('error', { operation: 'warm: onProgress', error });
      }
    };

    const room = new Room(concurrency);
    try {
      for await (const entry of entries) {
        await room.vacancy();
        // A cache that is off, or was closed meanwhile, would load and store nothing.
        if (signal?.aborted || !cache.engine.active) break;
        room.enter();
        void this.#warm(cache, entry).then((outcome) => {
          tell(outcome, entry?.key);
          room.leave();
        });
      }
    } catch (error) {
      this.#emit('error', { operation: 'warm: entries', error });
      tell('failed', undefined);
    }
    await room.empty();
    return { total: done, ...counts, ms: this.#clock.now() - begun };
  }

  /** Never rejects. */
  async #warm(cache: WarmedCache, entry: WarmEntry): Promise<Outcome> {
    let outcome: Outcome = 'fresh';
    try {
      const { key, load, ...options } = entry;
      const loadCounted = async (): Promise<unknown> => {
        // Until it has succeeded: with `staleFor` the call resolves, to the old value, even where the load fails.
        outcome = 'failed';
        const value = await load();
        outcome = 'loaded';
        return value;
      };
      const timeout = options.staleFor === undefined ? undefined : NOT_STALE;
      await cache.getOrSet(key, loadCounted, { name: WARM_LABEL, ...options, timeout });
      return outcome;
    } catch (error) {
      const key = entry?.key;
      const text = typeof key === 'object' ? key[0] : key;
      this.#emit('error', { operation: 'warm', error, ...(typeof text === 'string' && { key: text }) });
      return 'failed';
    }
  }
}

/** Holds so many at a time. For one who waits: there is one loop over the entries. */
class Room {
  #free: number;
  readonly #size: number;
  #changed: () => void = () => {};

  constructor(size: number) {
    this.#free = size;
    this.#size = size;
  }

  async vacancy(): Promise<void> {
    while (this.#free === 0) await this.#change();
  }

  enter(): void {
    this.#free -= 1;
  }

  leave(): void {
    this.#free += 1;
    this.#changed();
  }

  async empty(): Promise<void> {
    while (this.#free < this.#size) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

function checked(entries: unknown, options: WarmOptions): WarmOptions {
  const isIterable =
    typeof entries === 'object' &&
    entries !== null &&
    (Symbol.iterator in entries || Symbol.asyncIterator in entries);
  if (!isIterable) {
    throw new WarmError({
      expected: 'an iterable or asynchronous iterable of { key, load, ... }',
      got: describe(entries),
    });
  }
  const { concurrency } = options;
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new WarmError({
      subject: 'concurrency',
      expected: 'a whole number from 1',
      got: describe(concurrency),
    });
  }
  return options;
}

function countOf(entries: WarmEntries): number | undefined {
  if (Array.isArray(entries)) return entries.length;
  return entries instanceof Set ? entries.size : undefined;
}
