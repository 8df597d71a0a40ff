/**
 * `Cache`: the public face over one engine. It turns what callers write (keys, templates, options) into what the
 * engine works with.
 * No method rejects because of Redis; programmer errors (a bad key, an unknown preset) do.
 */
import type { ReadingOptions, StoringOptions } from '../config/options';
import type { EventData, EventName } from '../config/register';
import type { EnginePort, Policy } from '../contract/engine';
import { isUnrenderable } from '../contract/errors';
import type { Loader } from '../contract/load-context';
import { type LoadMany, loadAll } from '../engine/read/batch';
import type { Acknowledgement, PatternAcknowledgement } from '../engine/write/invalidation';
import type { CacheParts } from './cache-parts';
import {
  type GetOrSetManyOptions,
  type GetOrSetOptions,
  type InvalidateOptions,
  type Invalidation,
  type PutOptions,
  type Readiness,
  type SetManyOptions,
  type SetOptions,
  tagSource,
  targetsOf,
  wantedBy,
} from './call-options';
import { Policies } from './call-policies';
import { CacheInspection } from './inspection';
import { type Key, type KeyValues, keyText, type PatternInput, tagsOf, targetOf } from './key-input';
import { getOneKey, servedAsWritten } from './one-key';
import { Strategy, type StrategyOptions } from './strategy';
import type { WarmEntries, WarmOptions, WarmReport } from './warming';

const NO_TAGS: readonly string[] = [];
const READY_WITHIN_MS = 1_000;

export class Cache<Registry = unknown> extends CacheInspection<Registry> {
  /** The name of every key's first part in Redis. */
  readonly namespace: string;
  readonly #parts: CacheParts<Registry>;
  readonly #policies: Policies;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(namespace: string, parts: CacheParts<Registry>) {
    super(parts);
    this.namespace = namespace;
    this.#parts = parts;
    this.#policies = new Policies(parts.compile);
  }

  /** @internal What decorated methods call. */
  get engine(): EnginePort {
    return this.#parts.engine;
  }

  /** @internal Policies are compiled once per method and cache; the caller keeps what it gets. */
  compile(options: ReadingOptions, label: string): Policy {
    return this.#parts.compile(options, label);
  }

  /**
   * The value, or `undefined`. A key that is just being loaded is a miss.
   * @param key its text, or a template together with `values`
   */
  get<V = unknown>(key: Key, values?: KeyValues): Promise<V | undefined> {
    return getOneKey(this.#parts.engine, this.#policies.of('get'), key, values);
  }

  /** The value if L1 has it; synchronous, and not counted as a call. */
  peek<V = unknown>(key: Key, values?: KeyValues): V | undefined {
    const { engine } = this.#parts;
    // All keys in L1 are canonical: a string that is found there needs no check of its characters.
    const entry = typeof key === 'string' && values === undefined ? engine.peek(key, '') : undefined;
    return (entry ?? engine.peek(keyText(key, values, engine), ''))?.value as V | undefined;
  }

  /**
   * Stores a value; the last writer wins. To write through after a change of the database, use `put`, which is safe
   * against changes made meanwhile. `undefined` is not a value: setting it removes the key.
   * @returns false if nothing was stored: a put is under way at the key, L2 did not answer, or the cache is off
   */
  set<V>(key: Key, value: V, options: SetOptions<V> = {}): Promise<boolean> {
    try {
      const tags = options.tags === undefined ? NO_TAGS : tagsOf(options.tags, this.#parts.engine);
      const policy = this.#byResult(this.#policies.of('set', options), options.ttl);
      return this.#parts.engine.changes.set(keyText(key, undefined, this.#parts.engine), value, policy, tags);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Removes entries, and voids what is being loaded for these keys now (P21). */
  async delete(...keys: Key[]): Promise<Acknowledgement> {
    return this.#parts.engine.changes.delete(this.#texts(keys));
  }

  /**
   * Removes keys, everything that matches patterns, and everything that carries tags, here and in L2; other processes
   * hear of it. A pattern that is declared (in the configuration, an event or a decorator) is one command, whatever the
   * number of its entries; another one looks at every key of the namespace (`swept`).
   */
  invalidate(
    pattern: string,
    values?: KeyValues,
    options?: InvalidateOptions,
  ): Promise<PatternAcknowledgement>;
  invalidate(what: Invalidation): Promise<PatternAcknowledgement>;
  async invalidate(
    what: string | Invalidation,
    values?: KeyValues,
    options: InvalidateOptions = {},
  ): Promise<PatternAcknowledgement> {
    const { engine } = this.#parts;
    const targets = typeof what === 'string' ? [targetOf(what, values, engine)] : targetsOf(what, engine);
    const { reason } = typeof what === 'string' ? options : what;
    return engine.changes.invalidate(targets, { label: 'invalidate', reason });
  }

  /**
   * Invalidates what the configuration's event stands for. Data that lack a placeholder of its patterns are an error
   * before anything is touched.
   */
  async emit<E extends EventName>(
    event: E,
    data: EventData<E>,
    { reason }: InvalidateOptions = {},
  ): Promise<PatternAcknowledgement> {
    const targets = this.#parts.engine.event(event).map((bind) => bind(data as KeyValues));
    return this.#parts.engine.changes.invalidate(targets, { label: event, event, reason });
  }

  /** Invalidates everything of this namespace, and nothing else in Redis. */
  async clear(): Promise<Acknowledgement> {
    return this.#parts.engine.changes.clear();
  }

  /**
   * The cached value, or what `load` returns, stored. Callers of one key at the same time share one load, across
   * processes too. Errors of `load` reach the callers unchanged. If a value cannot be part of a key, `load` runs uncached.
   */
  getOrSet<V>(key: Key, load: Loader<V>, options: GetOrSetOptions<V> = {}): Promise<V> {
    const { engine } = this.#parts;
    try {
      const asUsual = this.#policies.of('getOrSet', options);
      const policy = options.exact === true ? engine.exactly(asUsual) : asUsual;
      const known = servedAsWritten<V>(engine, policy, key);
      if (known !== undefined) return known;
      const text = keyText(key, undefined, engine);
      const served = text === key ? undefined : engine.served<V>(text, policy);
      if (served !== undefined) return served;
      const byResult = this.#byResult(policy, options.ttl);
      return engine.readThrough(
        text,
        byResult,
        load,
        wantedBy(options.unless),
        tagSource(options.tags, engine),
      );
    } catch (error) {
      if (!isUnrenderable(error)) return Promise.reject(error);
      return engine.loadUnrenderable(this.#policies.of('getOrSet', options), error, load);
    }
  }

  /** The cached values of those keys that have one, by the key's text, in one round trip. */
  async getMany<V = unknown>(keys: readonly Key[]): Promise<Map<string, V>> {
    const texts = this.#texts(keys);
    if (!this.engine.active) return new Map();
    return (await this.#parts.engine.lookup(texts, this.#policies.of('getMany'))) as Map<string, V>;
  }

  /** Stores many values, as `set` does each. Resolves to the number that was stored. */
  async setMany<V>(
    entries: Iterable<readonly [key: Key, value: V]>,
    options: SetManyOptions<V> = {},
  ): Promise<number> {
    const { engine } = this.#parts;
    const tags = tagsOf(options.tags ?? [], engine);
    const policy = this.#policies.of('setMany', options);
    const pairs = Array.from(entries, ([key, value]) => [keyText(key, undefined, engine), value] as const);
    const policyOf = (key: string) => this.#byResult(policy, options.ttl, key);
    return engine.changes.setMany(pairs, policyOf, tags);
  }

  /**
   * The cached values, and for those that are missing what `loadMany(missing)` returns, a `Map` or a record by key.
   * What it leaves out is missing in the result and not stored. Keys that somebody else loads are waited for.
   */
  async getOrSetMany<V>(
    keys: readonly Key[],
    loadMany: LoadMany<V>,
    options: GetOrSetManyOptions<V> = {},
  ): Promise<Map<string, V>> {
    const texts = this.#texts(keys);
    const policy = this.#policies.of('getOrSetMany', options);
    const { engine } = this.#parts;
    const { tags } = options;
    const tagsOfOne =
      tags && ((key: string) => ({ known: [], ofValue: (value: V) => tagsOf(tags(key, value), engine) }));
    const { ttl } = options;
    const policyOf =
      typeof ttl === 'function' ? (key: string) => this.#byResult(policy, ttl, key) : undefined;
    return engine.active
      ? engine.readMany(texts, policy, loadMany, { tagsOf: tagsOfOne, policyOf })
      : loadAll(texts, loadMany);
  }

  /**
   * Runs `write` and stores its result: begun before it and committed after it by compare-and-set, so that nothing is
   * stored if the key was written or invalidated meanwhile (P22). The imperative twin of `@CachePut`.
   */
  async put<V>(key: Key, write: () => V | PromiseLike<V>, options: PutOptions<V> = {}): Promise<V> {
    const step = {
      key: keyText(key, undefined, this.#parts.engine),
      policy: this.#byResult(this.#policies.of('put', options), options.ttl),
      value: (result: V) => result,
      storable: wantedBy(options.unless),
      tags: tagSource(options.tags, this.#parts.engine),
    };
    return this.#parts.engine.changes.put(step, write);
  }

  /**
   * Invalidates what `write` changes, in a way that survives this process (around, P24): while `write` runs, a write lease
   * stands at each name, under which nobody stores anything. If the process dies in between, it expires.
   * @param patterns keys and declared patterns; with tags as `{ patterns, tags }`
   * @throws PatternInputError (`TIERCEL_PATTERN`) for a pattern that nobody declared, before `write` runs. With
   *   `l2.strict`: UnacknowledgedError (`TIERCEL_UNACKNOWLEDGED`), before it runs, if no write lease could be placed.
   */
  async around<V>(
    patterns: readonly PatternInput[] | Invalidation,
    write: () => V | PromiseLike<V>,
  ): Promise<V> {
    const what: Invalidation = 'length' in patterns ? { patterns } : patterns;
    const { engine } = this.#parts;
    return engine.changes.around(targetsOf(what, engine), write, { label: 'around', reason: what.reason });
  }

  /**
   * Runs `fn`, a transaction, and invalidates what is invalidated inside it once it has succeeded (P26). From its
   * collection on a write lease stands at each name, so that no process stores what it read before the commit. Inside,
   * nothing is stored, and what was collected is read past the cache. If `fn` fails, nothing is invalidated.
   * A pattern that nobody declared has no write lease: it is swept after success.
   */
  defer<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return this.#parts.engine.changes.defer(fn);
  }

  /**
   * Load those of these entries that no tier has, some at a time. With an L2 they are in L2 afterwards; L1 takes each at
   * its first read. Ends early where the cache is switched off or closed. Rejects for wrong options alone.
   */
  warm(entries: WarmEntries, options: WarmOptions = {}): Promise<WarmReport> {
    return this.#parts.warming.run(this, entries, options);
  }

  /**
   * One template and how its entries are stored, for those who would repeat both: `get`, `set`, `getOrFetch`, `invalidate`
   * with values by name, which the compiler checks. It is known to `check()` and `map()`. Make it once, and keep it.
   * @throws UnboundPlaceholderError for `<0>`, `<this.x>` and `<result.x>`, and the errors of templates and options
   */
  strategy<const T extends string, V = unknown>(options: StrategyOptions<T, V>): Strategy<T, V> {
    return new Strategy(this.#parts, options);
  }

  /** From now on methods run as if they were not cached. What is written still invalidates. */
  disable(): void {
    this.#parts.engine.enabled = false;
  }

  enable(): void {
    if (this.#closing === undefined) this.#parts.engine.enabled = true;
  }

  /** Resolves when the first attempt to reach Redis has ended, within a second. Never rejects. */
  ready(): Promise<Readiness> {
    return this.#parts.readiness(READY_WITHIN_MS);
  }

  /**
   * Ends the cache: delivers what is queued if it can be, releases leases, closes the connection. Afterwards methods
   * run uncached. Nothing is left that would keep the process alive.
   */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#parts.release();
      await this.#parts.engine.close();
    })();
    return this.#closing;
  }

  #texts(keys: readonly Key[]): readonly string[] {
    return keys.map((key) => keyText(key, undefined, this.#parts.engine));
  }

  /** The policy itself, unless its `ttl` is a function. @param key the first argument of the batch forms */
  #byResult(policy: Policy, ttl: StoringOptions['ttl'], ...key: readonly string[]): Policy {
    if (typeof ttl !== 'function') return policy;
    return this.#parts.engine.withTtl(policy, (value) => ttl(...key, value));
  }
}
