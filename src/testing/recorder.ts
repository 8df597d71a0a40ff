/**
 * Writes down what a cache is asked: it stands in for the methods of one engine, so that other caches are not slower for
 * it.
 */
import type { Policy, WriteOperation } from '../contract/engine';
import type { LoadContext, Loader } from '../contract/load-context';
import type { TiercelCache } from '../create';
import type { Engine } from '../engine/engine';
import { bindPattern, parsePattern } from '../keys/pattern';

export interface RecordedRead {
  readonly key: string;
  /** The `method` label: `Class.method`, or the method of the cache. */
  readonly method: string;
  /** What answered. `l2`: Redis, or a load of somebody else. `nothing`: a read that does not load found no value. */
  readonly from: 'l1' | 'l2' | 'load' | 'nothing';
}

export interface RecordedLoad {
  readonly keys: readonly string[];
  readonly method: string;
}

/** A `put` or a `set`, whether or not it was stored. */
export interface RecordedWrite {
  readonly key: string;
  readonly method: string;
}

export interface RecordedInvalidation {
  /** Keys and patterns; those that a put has replaced are among them. */
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  readonly method: string;
  readonly reason: string | null;
  /** Whether it invalidates a key whose entry has these tags. */
  reaches(key: string, tags?: readonly string[]): boolean;
}

export interface Recorded {
  readonly reads: readonly RecordedRead[];
  readonly loads: readonly RecordedLoad[];
  readonly writes: readonly RecordedWrite[];
  readonly invalidations: readonly RecordedInvalidation[];
}

export class Recorder {
  readonly #cache: TiercelCache;
  readonly #reads: RecordedRead[] = [];
  readonly #loads: RecordedLoad[] = [];
  readonly #writes: RecordedWrite[] = [];

  constructor(cache: TiercelCache) {
    this.#cache = cache;
    const engine = cache.engine as Engine;
    this.#recordReads(engine);
    this.#recordBatches(engine);
    this.#recordWrites(engine.changes);
  }

  recorded(): Recorded {
    return {
      reads: [...this.#reads],
      loads: [...this.#loads],
      writes: [...this.#writes],
      invalidations: this.#cache.invalidations.history().map(({ patterns, tags, label, reason }) => ({
        keys: patterns,
        tags,
        method: label,
        reason,
        reaches: (key, ofEntry = []) =>
          tags.some((tag) => ofEntry.includes(tag)) || patterns.some((pattern) => matches(pattern, key)),
      })),
    };
  }

  #recordReads(engine: Engine): void {
    const { hit, readThrough, find } = bound(engine, ['hit', 'readThrough', 'find']);
    const read = (key: string, { label }: Policy, from: RecordedRead['from']) =>
      this.#reads.push({ key, method: label, from });
    engine.hit = (key, policy) => {
      const entry = hit(key, policy);
      if (entry !== undefined) read(key, policy, 'l1');
      return entry;
    };
    engine.readThrough = async <V>(
      key: string,
      policy: Policy,
      load: Loader<V>,
      ...rest: [((value: V) => boolean)?, any?]
    ): Promise<V> => {
      let from: RecordedRead['from'] = 'l2';
      const recorded = (context: LoadContext<any, never>): V | PromiseLike<V> => {
        from = 'load';
        this.#loads.push({ keys: [key], method: policy.label });
        return load(context);
      };
      // A loader that needs no context is told by the number of its parameters.
      Object.defineProperty(recorded, 'length', { value: load.length });
      try {
        return (await readThrough(key, policy, recorded as Loader<any>, ...rest)) as V;
      } finally {
        read(key, policy, from);
      }
    };
    engine.find = async <V>(key: string, policy: Policy) => {
      const inL1 = engine.peek(key, policy.version) !== undefined;
      const value = await find(key, policy);
      read(key, policy, value === undefined ? 'nothing' : inL1 ? 'l1' : 'l2');
      return value as V | undefined;
    };
  }

  #recordBatches(engine: Engine): void {
    const { lookup, readMany } = bound(engine, ['lookup', 'readMany']);
    engine.lookup = async (keys, policy) => {
      const inL1 = new Set(keys.filter((key) => engine.peek(key, policy.version) !== undefined));
      const found = await lookup(keys, policy);
      for (const key of keys) {
        const from = !found.has(key) ? 'nothing' : inL1.has(key) ? 'l1' : 'l2';
        this.#reads.push({ key, method: policy.label, from });
      }
      return found;
    };
    engine.readMany = async (keys, policy, loadMany, ...rest) => {
      const inL1 = new Set(keys.filter((key) => engine.peek(key, policy.version) !== undefined));
      const loaded = new Set<string>();
      const values = await readMany(
        keys,
        policy,
        (missing) => {
          for (const key of missing) loaded.add(key);
          this.#loads.push({ keys: [...missing], method: policy.label });
          return loadMany(missing);
        },
        ...rest,
      );
      for (const key of new Set(keys)) {
        if (inL1.has(key)) continue;
        this.#reads.push({ key, method: policy.label, from: loaded.has(key) ? 'load' : 'l2' });
      }
      return values as never;
    };
  }

  #recordWrites(changes: Engine['changes']): void {
    const { set, write } = bound(changes, ['set', 'write']);
    changes.set = (key, value, policy, tags) => {
      this.#writes.push({ key, method: policy.label });
      return set(key, value, policy, tags);
    };
    changes.write = <V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V> => {
      for (const { key, policy } of operation.puts) this.#writes.push({ key, method: policy.label });
      return write(operation as WriteOperation<unknown>, run) as Promise<V>;
    };
  }
}

function bound<T, N extends keyof T>(object: T, names: readonly N[]): { [Name in N]: T[Name] } {
  return Object.fromEntries(
    names.map((name) => [name, (object[name] as (...args: unknown[]) => unknown).bind(object)]),
  ) as { [Name in N]: T[Name] };
}

function matches(pattern: string, key: string): boolean {
  // All that `clear` says of itself.
  return pattern === '*' || pattern === key || bindPattern(parsePattern(pattern), {}).matches(key);
}
