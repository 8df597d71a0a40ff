/**
 * A cache for tests of the decorators: a map behind the engine's interface, which writes down what it was asked.
 * It shares loads as the engine does, so that a method that waits for itself hangs here too. No tiers, no time.
 */
import type { StoringOptions } from '../../src/config/options';
import type {
  BindEventData,
  EnginePort,
  MemoryEntry,
  Outcome,
  Policy,
  Target,
  WriteOperation,
} from '../../src/contract/engine';
import type { CacheEvents } from '../../src/contract/events';
import type { Loader } from '../../src/contract/load-context';
import { UNCACHED_LOAD } from '../../src/engine/read/load-scope';
import { bindPattern, parsePattern } from '../../src/keys/pattern';
import type { DecoratedCache } from '../../src/registry/default-cache';

export class FakeCache implements DecoratedCache {
  readonly namespace = 'fake';
  readonly engine = new FakeEngine();
  readonly compiled: { readonly options: StoringOptions; readonly label: string }[] = [];

  compile(options: StoringOptions, label: string): Policy {
    if (options.ttl === 'misspelt') throw new Error('unknown preset: misspelt');
    this.compiled.push({ options, label });
    return { label, version: String(options.version ?? '') };
  }
}

export class FakeEngine implements EnginePort {
  active = true;
  /** `hit key`, `load key`, `put key`, `invalidate pattern`, in the order in which they happened. */
  readonly log: string[] = [];
  /** How many write operations were begun, whether or not they did anything. */
  operations = 0;
  readonly #entries = new Map<string, MemoryEntry>();
  readonly #loads = new Map<string, Promise<unknown>>();

  /** Keys and values. */
  get content(): Record<string, unknown> {
    return Object.fromEntries([...this.#entries].map(([key, { value }]) => [key, value]));
  }

  store(key: string, value: unknown): void {
    this.#entries.set(key, { value, version: '' });
  }

  hit(key: string, _policy: Policy): MemoryEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.log.push(`hit ${key}`);
    return entry;
  }

  peek(key: string): MemoryEntry | undefined {
    return this.#entries.get(key);
  }

  readThrough<V>(
    key: string,
    { version }: Policy,
    load: Loader<V>,
    storable: (value: V) => boolean = () => true,
  ): Promise<V> {
    const running = this.#loads.get(key) as Promise<V> | undefined;
    if (running !== undefined) return running;
    this.log.push(`load ${key}`);
    const loading = (async () => {
      // The load must find itself among the running ones, should it ask for its own key.
      await undefined;
      try {
        const value = await load(UNCACHED_LOAD);
        if (storable(value)) this.#entries.set(key, { value, version });
        return value;
      } finally {
        this.#loads.delete(key);
      }
    })();
    this.#loads.set(key, loading);
    return loading;
  }

  readonly scope = undefined;
  readonly ambient = undefined;
  readonly requiredContext: readonly string[] = [];

  readMany(): never {
    throw new Error('batches are tested with a real cache');
  }

  /** Calls that were not cached. */
  bypasses = 0;

  countUncached(): void {
    this.bypasses += 1;
  }

  withTtl(policy: Policy): Policy {
    return policy;
  }

  exactly(policy: Policy): Policy {
    return policy;
  }

  readonly faults: CacheEvents['error'][] = [];

  reportUnrenderable({ label }: Policy, error: unknown): void {
    this.reportFault({ operation: 'render', method: label, error });
  }

  reportFault(fault: CacheEvents['error']): void {
    this.faults.push(fault);
  }

  /** The fake's configuration: `user.changed` invalidates a user and the list of users. */
  event(name: string): readonly BindEventData[] {
    if (name !== 'user.changed') throw new Error(`unknown event: ${name}`);
    const patterns = ['user:<id>', 'users:*'].map(parsePattern);
    return patterns.map((pattern) => (data) => bindPattern(pattern, data));
  }

  get changes(): this {
    return this;
  }

  async write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V> {
    this.operations += 1;
    this.#invalidate(operation.before);
    let outcome: Outcome<V>;
    try {
      outcome = { ok: true, value: await run() };
    } catch (error) {
      outcome = { ok: false, error };
    }
    this.#invalidate(operation.after(outcome));
    if (!outcome.ok) throw outcome.error;
    for (const put of operation.puts) {
      if (put.storable(outcome.value)) {
        this.log.push(`put ${put.key}`);
        this.#entries.set(put.key, { value: put.value(outcome.value), version: put.policy.version });
      } else this.#invalidate([{ text: put.key, kind: 'key', matches: (key) => key === put.key }]);
    }
    return outcome.value;
  }

  #invalidate(targets: readonly Target[]): void {
    for (const { text } of targets) {
      this.log.push(`invalidate ${text}`);
      const pattern = bindPattern(parsePattern(text), {});
      for (const key of this.#entries.keys()) if (pattern.matches(key)) this.#entries.delete(key);
    }
  }
}
