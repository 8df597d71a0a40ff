/**
 * The one engine behind decorators, `getOrSet`, strategies and batches: it holds the parts together and is where
 * "cached or not" is decided. The rules are in the parts: `flight.ts` reads and loads, `flights.ts` joins callers,
 * `writes.ts` puts and sets, `invalidation.ts` removes.
 */

import type { Timer } from '../contract/clock';
import type { EnginePort, MemoryEntry, Policy, TagSource, Target, WriteOperation } from '../contract/engine';
import type { InvalidationFact } from '../contract/invalidation-history';
import { Batch, type LoadMany, loadAll } from './batch';
import { bypassed } from './bypass';
import type { EngineContext } from './context';
import type { CounterBook } from './counters';
import { type Deferral, defer, deferralOf, keyTarget } from './deferral';
import type { Events } from './events';
import { Flights } from './flights';
import type { Acknowledgement, Invalidation, PatternAcknowledgement } from './invalidation';
import { inOrderOf, Lookup } from './lookup';
import type { CompiledPolicy } from './policy';
import { anyScope } from './scopes';
import { type InvalidationTrace, type LoadTrace, traced } from './tracing';
import { Writes } from './writes';

export interface EngineState {
  readonly flights: number;
  readonly fences: number;
  readonly undelivered: number;
}

/** Who invalidates, and why: for counting and for the record. */
export interface Cause {
  readonly label: string;
  readonly event?: string | undefined;
  readonly reason?: string | undefined;
}

/** What `clear` removes, as the record shows it. */
const EVERYTHING = { text: '*', kind: 'pattern', template: '*' } as const;

/** How often L2 is told which markers are in use (P8). */
const TOUCH_MS = 10_000;

/** The tags of one entry of a batch. Asked for values that are not `undefined`. */
export type TagsOf<V> = (key: string, value: V) => readonly string[];

const always = (): boolean => true;

async function uncached<V>(load: () => V | PromiseLike<V>): Promise<V> {
  return load();
}

export class Engine implements EnginePort {
  readonly counters: CounterBook;
  readonly #context: EngineContext;
  readonly #flights: Flights;
  readonly #lookup: Lookup;
  readonly #writes: Writes;
  readonly #invalidation: Invalidation;
  readonly #events: Events;
  readonly #toucher: Timer;
  #enabled = true;

  constructor(context: EngineContext, counters: CounterBook, invalidation: Invalidation, events: Events) {
    this.#events = events;
    this.#context = context;
    this.counters = counters;
    this.#flights = new Flights(context);
    this.#lookup = new Lookup(context);
    this.#invalidation = invalidation;
    this.#toucher = context.clock.setInterval(() => context.groups.touch(), TOUCH_MS);
    this.#toucher.unref?.();
    this.#writes = new Writes(context, invalidation);
  }

  get active(): boolean {
    return this.#enabled && !bypassed();
  }

  set enabled(value: boolean) {
    this.#enabled = value;
  }

  /** What is under way; all zero when the cache is quiet. */
  get state(): EngineState {
    const { fences, undelivered } = this.#context;
    return { flights: this.#flights.size, fences: fences.size, undelivered: undelivered.size };
  }

  get l1(): { readonly size: number; readonly bytes: number } {
    return this.#context.shelf;
  }

  hit(key: string, policy: Policy): MemoryEntry | undefined {
    if (anyScope() && this.#deferral?.covers(key)) return undefined;
    return this.#context.shelf.hit(key, policy as CompiledPolicy);
  }

  peek(key: string, version: string): MemoryEntry | undefined {
    if (anyScope() && this.#deferral?.covers(key)) return undefined;
    return this.#context.shelf.get(key, version);
  }

  readThrough<V>(
    key: string,
    policy: Policy,
    load: () => V | PromiseLike<V>,
    storable: (value: V) => boolean = always,
    tags?: TagSource<V>,
  ): Promise<V> {
    const compiled = policy as CompiledPolicy;
    if (!compiled.caches) {
      compiled.counters.bypassed += 1;
      return uncached(load);
    }
    const deferral = this.#deferral;
    if (deferral !== undefined) return this.#readDeferred(deferral, key, compiled, load);
    const trace = (): LoadTrace => ({ cache: this.#context.namespace, method: policy.label, keys: [key] });
    const plan = { key, policy: compiled, load: () => traced('load', load, trace), storable, tags };
    return this.#flights.read(plan);
  }

  /** Values of those keys that have one, without loading. */
  lookup(keys: readonly string[], policy: Policy): Promise<Map<string, unknown>> {
    const deferral = this.#deferral;
    const open = deferral === undefined ? keys : keys.filter((key) => !deferral.covers(key));
    return this.#lookup.many(open, policy as CompiledPolicy);
  }

  /** As `readThrough` for many keys, with at most one `loadMany` for all that must be loaded at once. */
  async readMany<V>(
    keys: readonly string[],
    policy: Policy,
    loadMany: LoadMany<V>,
    tagsOf: TagsOf<V> | undefined,
  ): Promise<Map<string, V>> {
    const compiled = policy as CompiledPolicy;
    if (this.#deferral !== undefined) {
      const known = (await this.lookup(keys, policy)) as Map<string, V>;
      const others = keys.filter((key) => !known.has(key));
      return inOrderOf(keys, new Map([...known, ...(await loadAll(others, loadMany))]));
    }
    const found = new Map<string, V>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const entry = this.hit(key, policy);
      if (entry === undefined) missing.push(key);
      else found.set(key, entry.value as V);
    }
    if (missing.length === 0) return found;
    const batch = new Batch(missing, (unknown) =>
      traced(
        'load',
        () => loadMany(unknown),
        () => ({
          cache: this.#context.namespace,
          method: policy.label,
          keys: unknown,
        }),
      ),
    );
    const values = await Promise.all(missing.map((key) => this.#readOfBatch(key, compiled, batch, tagsOf)));
    for (const [index, key] of missing.entries()) {
      const value = values[index];
      if (value !== undefined) found.set(key, value);
    }
    return inOrderOf(keys, found);
  }

  countBypass(policy: Policy): void {
    (policy as CompiledPolicy).counters.bypassed += 1;
  }

  async write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V> {
    const deferral = this.#deferral;
    const { label, event, before, puts } = operation;
    return traced(
      'write',
      () =>
        deferral?.write(operation, run) ??
        this.#writes.run(operation, run, this.active, this.counters.of(label)),
      () => this.#trace({ label, event }, [...puts.map(({ key }) => key), ...before.map(({ text }) => text)]),
    );
  }

  /** False where nothing was stored: the cache is off, a write is under way at the key, or L2 did not answer. */
  async set(key: string, value: unknown, policy: Policy, tags: readonly string[] = []): Promise<boolean> {
    const deferral = this.#deferral;
    if (deferral !== undefined) await deferral.collect([keyTarget(key)]);
    else if (this.active) return this.#writes.set(key, value, policy as CompiledPolicy, tags);
    else await this.#invalidation.keys([key]);
    return false;
  }

  async around<V>(
    targets: readonly Target[],
    write: () => V | PromiseLike<V>,
    strict: boolean,
    cause: Cause,
  ): Promise<V> {
    this.counters.of(cause.label).invalidations += targets.length;
    const deferral = this.#deferral;
    if (deferral !== undefined) {
      this.#record(cause, targets, await deferral.collect(targets));
      return write();
    }
    const { outcome, removal } = await traced(
      'write',
      () => this.#writes.around(targets, write, strict),
      () =>
        this.#trace(
          cause,
          targets.map(({ text }) => text),
        ),
    );
    this.#record(cause, targets, removal);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  defer<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return defer(this.#context, this.#invalidation, fn);
  }

  event(name: string): (data: Readonly<Record<string, unknown>>) => readonly Target[] {
    return this.#events.find(name);
  }

  async invalidate(targets: readonly Target[], cause: Cause): Promise<PatternAcknowledgement> {
    this.counters.of(cause.label).invalidations += targets.length;
    const deferral = this.#deferral;
    const { acknowledged, swept, sent, entries } = await traced(
      'invalidate',
      () => deferral?.collect(targets) ?? this.#invalidation.targets(targets),
      () =>
        this.#trace(
          cause,
          targets.map(({ text }) => text),
        ),
    );
    this.#record(cause, targets, { acknowledged, sent, entries });
    return { acknowledged, swept };
  }

  async delete(keys: readonly string[]): Promise<Acknowledgement> {
    this.counters.of('delete').invalidations += keys.length;
    const cause = { label: 'delete' };
    const deferral = this.#deferral;
    const done = await traced(
      'invalidate',
      () => deferral?.collect(keys.map(keyTarget)) ?? this.#invalidation.keys(keys),
      () => this.#trace(cause, keys),
    );
    const removed = keys.map((text) => ({ text, kind: 'key' as const }));
    this.#record(cause, removed, { ...done, sent: keys.length, entries: keys.length });
    return done;
  }

  async clear(): Promise<Acknowledgement> {
    this.counters.of('clear').invalidations += 1;
    const cause = { label: 'clear' };
    const deferral = this.#deferral;
    const done = await traced(
      'invalidate',
      () => deferral?.collectAll() ?? this.#invalidation.all(),
      () => this.#trace(cause, [EVERYTHING.text]),
    );
    this.#record(cause, [EVERYTHING], { ...done, sent: 1, entries: null });
    return done;
  }

  /** Ends what is under way and waits for what nobody awaits; the remote tier is closed last. */
  async close(): Promise<void> {
    const { background, undelivered, remote, shelf, channel, clock } = this.#context;
    this.#enabled = false;
    clock.clearInterval(this.#toucher);
    this.#flights.abandon();
    await undelivered.replay();
    undelivered.close();
    await background.drain();
    channel.close();
    await remote.close();
    shelf.close();
  }

  #trace({ label, event }: Cause, patterns: readonly string[]): InvalidationTrace {
    return { cache: this.#context.namespace, method: label, event, patterns };
  }

  #record(
    { label, event, reason }: Cause,
    removed: InvalidationFact['removed'],
    done: Pick<InvalidationFact, 'acknowledged' | 'sent' | 'entries'>,
  ): void {
    if (removed.length === 0) return;
    this.#context.record({ label, event, reason, replaced: [], removed, ...done });
  }

  get #deferral(): Deferral | undefined {
    return deferralOf(this.#context);
  }

  /** Inside `defer` nothing is stored: a load may see what is not committed yet. */
  async #readDeferred<V>(
    deferral: Deferral,
    key: string,
    policy: CompiledPolicy,
    load: () => V | PromiseLike<V>,
  ): Promise<V> {
    if (!deferral.covers(key)) {
      const found = await this.#lookup.many([key], policy);
      if (found.has(key)) return found.get(key) as V;
    }
    policy.counters.bypassed += 1;
    return load();
  }

  async #readOfBatch<V>(
    key: string,
    policy: CompiledPolicy,
    batch: Batch<V>,
    tagsOf: TagsOf<V> | undefined,
  ): Promise<V | undefined> {
    try {
      if (!policy.caches) {
        policy.counters.bypassed += 1;
        return await batch.load(key);
      }
      return await this.#flights.read({
        key,
        policy,
        load: () => batch.load(key),
        storable: always,
        tags: tagsOf && { known: [], ofValue: (value) => tagsOf(key, value as V) },
        waits: (waiting) => batch.waits(key, waiting),
      });
    } finally {
      batch.landed(key);
    }
  }
}
