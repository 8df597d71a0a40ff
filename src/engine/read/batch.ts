/**
 * One `loadMany` for many flights (P18). Each key of a batch flies on its own, in one pipeline with the others; those
 * that come to their load stage ask here. `loadMany` is called as soon as no key is undecided: keys that wait for
 * somebody else's load are not waited for, so a batch never waits while it holds a lease.
 */
import { inChunks } from '../runtime/chunks';
import { beginLoad } from './run-load';

type Stage = 'undecided' | 'waiting' | 'loading' | 'done';

interface Request<V> {
  resolve(value: V | undefined): void;
  reject(error: unknown): void;
}

export type LoadMany<V> = (
  missing: string[],
) =>
  | PromiseLike<ReadonlyMap<string, V> | Readonly<Record<string, V>>>
  | ReadonlyMap<string, V>
  | Readonly<Record<string, V>>;

export class Batch<V> {
  readonly #loadMany: LoadMany<V>;
  readonly #stages: Map<string, Stage>;
  #undecided: number;
  #requests = new Map<string, Request<V>>();
  /** Called when a key is no longer undecided. */
  readonly #whenDecided = new Map<string, () => void>();
  /** Called when what was loaded for a key is stored, or is not to be. */
  readonly #whenDone = new Map<string, () => void>();

  constructor(keys: readonly string[], loadMany: LoadMany<V>) {
    this.#loadMany = loadMany;
    this.#stages = new Map(keys.map((key) => [key, 'undecided']));
    this.#undecided = keys.length;
  }

  /** The key's flight loads. Undefined where `loadMany` leaves the key out: it is not stored. */
  load(key: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      this.#requests.set(key, { resolve, reject });
      this.#enter(key, 'loading');
    });
  }

  /** The key waits for another caller or process, or has stopped to. */
  waits(key: string, waiting: boolean): void {
    this.#enter(key, waiting ? 'waiting' : 'undecided');
  }

  done(key: string): void {
    this.#enter(key, 'done');
    call(this.#whenDone, key);
  }

  /** Resolves when it is known for each of these keys whether it must be loaded. */
  decided(keys: readonly string[]): Promise<unknown> {
    return Promise.all(keys.map((key) => called(this.#whenDecided, key)));
  }

  #enter(key: string, stage: Stage): void {
    const before = this.#stages.get(key);
    if (before === stage) return;
    this.#stages.set(key, stage);
    if (before === 'undecided') {
      this.#undecided -= 1;
      call(this.#whenDecided, key);
    }
    if (stage === 'undecided') this.#undecided += 1;
    if (this.#undecided === 0 && this.#requests.size > 0) void this.#dispatch();
  }

  async #dispatch(): Promise<void> {
    const requests = this.#requests;
    this.#requests = new Map();
    // In the order of the call, whatever the order in which the keys were decided.
    const missing =
      requests.size === 1
        ? [...requests.keys()]
        : [...this.#stages.keys()].filter((key) => requests.has(key));
    try {
      const loaded = await beginLoad(() => this.#loadMany(missing));
      const find = lookup(loaded);
      await inChunks([...requests], (chunk) => {
        const stored = chunk.map(([key]) => called(this.#whenDone, key));
        for (const [key, request] of chunk) request.resolve(find(key));
        return Promise.all(stored);
      });
    } catch (error) {
      for (const request of requests.values()) request.reject(error);
    }
  }
}

/** What `loadMany` gives for these keys, each once; without a cache in between. */
export async function loadAll<V>(keys: readonly string[], loadMany: LoadMany<V>): Promise<Map<string, V>> {
  const distinct = [...new Set(keys)];
  const find = lookup<V>(distinct.length === 0 ? {} : await loadMany(distinct));
  const values = new Map<string, V>();
  for (const key of distinct) {
    const value = find(key);
    if (value !== undefined) values.set(key, value);
  }
  return values;
}

function called(listeners: Map<string, () => void>, key: string): Promise<void> {
  return new Promise((resolve) => listeners.set(key, resolve));
}

function call(listeners: Map<string, () => void>, key: string): void {
  listeners.get(key)?.();
  listeners.delete(key);
}

function lookup<V>(
  loaded: ReadonlyMap<string, V> | Readonly<Record<string, V>>,
): (key: string) => V | undefined {
  if (loaded instanceof Map) return (key) => loaded.get(key);
  const record = loaded as Readonly<Record<string, V>>;
  return (key) => (Object.hasOwn(record, key) ? record[key] : undefined);
}
