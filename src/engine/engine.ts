/**
 * The one engine behind decorators, `getOrSet`, strategies and batches: it holds the parts together and is where
 * "cached or not" is decided. The rules are in the parts: `flight.ts` reads and loads, `flights.ts` joins callers,
 * `refreshes.ts` refreshes, `changes.ts` is all that writes and invalidates.
 */

import { every, type Timer } from '../contract/clock';
import type {
  BindEventData,
  EachOfBatch,
  EnginePort,
  MemoryEntry,
  Policy,
  TagSource,
} from '../contract/engine';
import type { CacheEvents } from '../contract/events';
import type { Loader } from '../contract/load-context';
import type { CounterBook } from './entry/counters';
import { type CompiledPolicy, exactly } from './entry/policy';
import { withLifetimes } from './entry/result-lifetime';
import { Batch, type LoadMany, loadAll } from './read/batch';
import type { LoadPlan } from './read/flight-result';
import { Flights } from './read/flights';
import { getMany, getOne, inOrderOf } from './read/get-many';
import { type LoadScope, UNCACHED_LOAD } from './read/load-scope';
import { withHardTimeout } from './read/load-timeout';
import { Refreshes } from './read/refreshes';
import { beginLoad } from './read/run-load';
import { bypassed } from './runtime/bypass';
import { inChunks } from './runtime/chunks';
import type { Events } from './runtime/configured-events';
import type { EngineContext } from './runtime/context';
import { callScopes } from './runtime/scopes';
import { isTraced, type LoadTrace, type ReadTrace, traced } from './runtime/tracing';
import { Changes } from './write/changes';
import { type Deferral, deferralOf } from './write/deferral';
import type { Invalidations } from './write/invalidation';

export interface EngineState {
  readonly flights: number;
  readonly fences: number;
  readonly outbox: number;
}

/** How often L2 is told which generation keys are in use (P8). */
const TOUCH_MS = 10_000;

/** Keys of one `loadMany`. Until it ends, a lease stands at each and is renewed. */
const MAX_BATCH = 5_000;

const always = (): boolean => true;

async function uncached<V>(load: Loader<V>): Promise<V> {
  return load(UNCACHED_LOAD);
}

export class Engine implements EnginePort {
  readonly changes: Changes;
  readonly #context: EngineContext;
  readonly #refreshes: Refreshes;
  readonly #flights: Flights;
  readonly #events: Events;
  readonly #toucher: Timer;
  readonly #patternCheck: Timer | undefined;
  readonly #unrenderable = new WeakSet<Policy>();
  #enabled = true;

  constructor(context: EngineContext, counters: CounterBook, invalidation: Invalidations, events: Events) {
    this.#events = events;
    this.#context = context;
    this.changes = new Changes(context, counters, invalidation, () => this.active);
    this.#refreshes = new Refreshes(context);
    this.#flights = new Flights(context, this.#refreshes);
    this.#toucher = every(context.clock, TOUCH_MS, () => context.groups.touch());
    if (context.l2.present)
      this.#patternCheck = every(context.clock, context.times.patternCheckMs, () => context.patterns.check());
  }

  get active(): boolean {
    return this.#enabled && !bypassed();
  }

  set enabled(value: boolean) {
    this.#enabled = value;
  }

  /** What is under way; all zero when the cache is quiet. */
  get state(): EngineState {
    const { fences, outbox } = this.#context;
    return { flights: this.#flights.size, fences: fences.size, outbox: outbox.size };
  }

  get l1(): { readonly size: number; readonly bytes: number } {
    return this.#context.l1;
  }

  hit(key: string, policy: Policy): MemoryEntry | undefined {
    if (this.#deferral?.covers(key)) return undefined;
    return this.#context.l1.hit(key, policy as CompiledPolicy);
  }

  peek(key: string, version: string): MemoryEntry | undefined {
    if (this.#deferral?.covers(key)) return undefined;
    return this.#context.l1.get(key, version);
  }

  /** What L1 has, in one promise. */
  served<V>(key: string, policy: Policy): Promise<V> | undefined {
    const entry = this.active ? this.hit(key, policy) : undefined;
    return entry && Promise.resolve(entry.value as V);
  }

  readThrough<V>(
    key: string,
    policy: Policy,
    load: Loader<V>,
    storable: (value: V) => boolean = always,
    tags?: TagSource<V>,
  ): Promise<V> {
    const compiled = policy as CompiledPolicy;
    if (!this.active || !compiled.caches) {
      compiled.counters.uncached += 1;
      return uncached(load);
    }
    const deferral = this.#deferral;
    if (deferral !== undefined) return this.#readDeferred(deferral, key, compiled, load);
    const trace = (): LoadTrace => ({ cache: this.#context.namespace, method: policy.label, keys: [key] });
    const told: ReadTrace | undefined = isTraced('read') ? { ...trace(), hit: true } : undefined;
    const plan = {
      key,
      policy: compiled,
      told,
      load: (scope?: LoadScope) => {
        if (told !== undefined) told.hit = false;
        return beginLoad(() => traced('load', () => load(scope ?? UNCACHED_LOAD), trace), scope);
      },
      usesScope: load.length > 0,
      storable,
      tags,
    };
    const refreshed = this.#refreshAhead(plan);
    if (refreshed !== undefined) return refreshed;
    this.#context.l1.missed(key, compiled);
    const read = (): Promise<V> => this.#flights.read(plan);
    const value = told === undefined ? read() : (traced('read', read, () => told) as Promise<V>);
    const { hardMs } = compiled.timeout;
    return hardMs === undefined ? value : withHardTimeout(this.#context.clock, plan, hardMs, value);
  }

  /** The value that a tier has of this key, without loading. */
  async find<V>(key: string, policy: Policy): Promise<V | undefined> {
    if (!this.active || this.#deferral?.covers(key)) return undefined;
    return getOne(this.#context, key, policy as CompiledPolicy) as Promise<V | undefined>;
  }

  /** Values of those keys that have one, without loading. */
  lookup(keys: readonly string[], policy: Policy): Promise<Map<string, unknown>> {
    const deferral = this.#deferral;
    const open = deferral === undefined ? keys : keys.filter((key) => !deferral.covers(key));
    return getMany(this.#context, open, policy as CompiledPolicy);
  }

  get ambient(): unknown {
    return this.#context.ambient.context?.();
  }

  get requiredContext(): readonly string[] {
    return this.#context.ambient.requireContext;
  }

  get scope(): object | undefined {
    return callScopes.find((content): content is object => content !== undefined);
  }

  async readMany<V>(
    keys: readonly string[],
    policy: Policy,
    loadMany: LoadMany<V>,
    each: EachOfBatch<V> = {},
  ): Promise<Map<string, V>> {
    if (this.#deferral !== undefined) {
      const known = (await this.lookup(keys, policy)) as Map<string, V>;
      const others = keys.filter((key) => !known.has(key));
      return inOrderOf(keys, new Map([...known, ...(await loadAll(others, loadMany))]));
    }
    const found = new Map<string, V>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const entry = this.hit(key, policy);
      if (entry === undefined) {
        this.#context.l1.missed(key, policy as CompiledPolicy);
        missing.push(key);
      } else found.set(key, entry.value as V);
    }
    if (missing.length === 0) return found;
    for (let at = 0; at < missing.length; at += MAX_BATCH) {
      const names = missing.slice(at, at + MAX_BATCH);
      const values = await this.#readBatch(names, policy, loadMany, each);
      for (const [index, key] of names.entries()) {
        const value = values[index];
        if (value !== undefined) found.set(key, value);
      }
    }
    return inOrderOf(keys, found);
  }

  countUncached(policy: Policy): void {
    (policy as CompiledPolicy).counters.uncached += 1;
  }

  /** Runs a load whose key or tags cannot be rendered, because of `error`. */
  async loadUnrenderable<V>(policy: Policy, error: unknown, load: Loader<V>): Promise<V> {
    this.countUncached(policy);
    this.reportUnrenderable(policy, error);
    return load(UNCACHED_LOAD);
  }

  withTtl(policy: Policy, ttlOf: (value: unknown) => unknown): Policy {
    return withLifetimes(policy as CompiledPolicy, ttlOf, this.#context.emit);
  }

  exactly(policy: Policy): Policy {
    return exactly(policy as CompiledPolicy);
  }

  reportUnrenderable(policy: Policy, error: unknown): void {
    if (this.#unrenderable.has(policy)) return;
    this.#unrenderable.add(policy);
    this.reportFault({ operation: 'render', method: policy.label, error });
  }

  reportFault(fault: CacheEvents['error']): void {
    this.#context.emit('error', fault);
  }

  event(name: string): readonly BindEventData[] {
    return this.#events.find(name, this);
  }

  /** Ends what is under way and waits for what nobody awaits; the l2 tier is closed last. */
  async close(): Promise<void> {
    const { background, outbox, l2, l1, channel, clock, ownCopies } = this.#context;
    this.#enabled = false;
    clock.clearInterval(this.#toucher);
    clock.clearInterval(this.#patternCheck);
    await this.#flights.close();
    this.#refreshes.close();
    await this.changes.close();
    ownCopies.close();
    await outbox.replay();
    outbox.close();
    await background.drain();
    channel.close();
    await l2.close();
    l1.close();
  }

  /** A value in L1 that is still fresh, and that it is time to refresh: `hit` has left it to this. */
  #refreshAhead<V>(plan: LoadPlan<V>): Promise<V> | undefined {
    const { key, policy } = plan;
    if (policy.refreshAhead === undefined || !policy.inL1) return undefined;
    const entry = this.#context.l1.get(key, policy.version, policy);
    if (entry === undefined) return undefined;
    policy.counters.l1 += 1;
    void this.#refreshes.begin(plan);
    return Promise.resolve(entry.value as V);
  }

  get #deferral(): Deferral | undefined {
    return callScopes.any ? deferralOf(this.#context) : undefined;
  }

  /** Inside `defer` nothing is stored: a load may see what is not committed yet. */
  async #readDeferred<V>(
    deferral: Deferral,
    key: string,
    policy: CompiledPolicy,
    load: Loader<V>,
  ): Promise<V> {
    if (!deferral.covers(key)) {
      const found = await getMany(this.#context, [key], policy);
      if (found.has(key)) return found.get(key) as V;
    }
    policy.counters.uncached += 1;
    return load(UNCACHED_LOAD);
  }

  async #readBatch<V>(
    keys: readonly string[],
    policy: Policy,
    loadMany: LoadMany<V>,
    each: EachOfBatch<V>,
  ): Promise<(V | undefined)[]> {
    const trace = (missing: readonly string[]): LoadTrace => ({
      cache: this.#context.namespace,
      method: policy.label,
      keys: missing,
    });
    const batch = new Batch<V>(keys, (missing) =>
      traced(
        'load',
        () => loadMany(missing),
        () => trace(missing),
      ),
    );
    const reads: Promise<V | undefined>[] = [];
    await inChunks(keys, (chunk) => {
      const decided = keys.length > chunk.length ? batch.decided(chunk) : undefined;
      for (const key of chunk) {
        const ofKey = (each.policyOf?.(key) ?? policy) as CompiledPolicy;
        const read = this.#readOfBatch(key, ofKey, batch, each);
        // It is awaited below. Until then, a failure must not count as one that nobody handles.
        read.catch(() => undefined);
        reads.push(read);
      }
      return decided;
    });
    return Promise.all(reads);
  }

  async #readOfBatch<V>(
    key: string,
    policy: CompiledPolicy,
    batch: Batch<V>,
    { tagsOf, storable }: EachOfBatch<V>,
  ): Promise<V | undefined> {
    try {
      if (!policy.caches) {
        policy.counters.uncached += 1;
        return await batch.load(key);
      }
      return await this.#flights.read({
        key,
        policy,
        load: () => batch.load(key),
        usesScope: false,
        storable: storable === undefined ? always : (value) => storable(key, value as V),
        tags: tagsOf?.(key) as TagSource<V | undefined> | undefined,
        waits: (waiting) => batch.waits(key, waiting),
      });
    } finally {
      batch.done(key);
    }
  }
}
