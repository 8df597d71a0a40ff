/**
 * What the decorators, strategies and the public cache ask of the engine.
 * It lets those rooms be read and tested without the engine's inside.
 */
import type { CacheEvents } from './events';
import type { Loader } from './load-context';
import type { StandardSchema } from './standard-schema';

/** One value in L1. */
export interface MemoryEntry {
  readonly value: unknown;
  /** The `version` of the method that stored it; another version is a miss. */
  readonly version: string;
}

/** Storing options of one method or call, compiled once against one cache. Opaque outside the engine. */
export interface Policy {
  /** The `method` label of metrics. */
  readonly label: string;
  readonly version: string;
  /** What L2 holds becomes a value of the method by these. */
  readonly revive?: ((plain: any) => unknown) | undefined;
  readonly schema?: StandardSchema | undefined;
}

/** Something to invalidate: a key, a pattern whose values are already bound and escaped, or a tag. */
export interface Target {
  /** Canonical text without the namespace: `provider:42:stats` or `provider:42:*`; of a tag, its name. */
  readonly text: string;
  readonly kind: 'key' | 'pattern' | 'tag';
  /** As it was written, before its values were bound; left out where it never had any. For the record. */
  readonly template?: string | undefined;
  /** @param key a canonical key, without the namespace */
  matches(key: string): boolean;
}

/** The tags that a call gives to its entry (P9), as canonical strings. */
export interface TagSource<V> {
  /** Known before the load. */
  readonly known: readonly string[];
  /** Told by the loaded value. What it throws is the load's failure. */
  readonly ofValue?: ((value: V) => readonly string[]) | undefined;
}

export interface PutStep<V> {
  readonly key: string;
  readonly policy: Policy;
  /** What of the method's result is stored. */
  value(result: V): unknown;
  /** False: the result is not stored, the entry is invalidated. */
  storable(result: V): boolean;
  /** `ofValue` is given the method's result. */
  readonly tags: TagSource<V> | undefined;
}

export type Outcome<V> =
  | { readonly ok: true; readonly value: V }
  | { readonly ok: false; readonly error: unknown };

/** What a batch asks of one of its keys. Each defaults to what the batch says of all. */
export interface EachOfBatch<V> {
  /** If its `ttl` is a function. */
  readonly policyOf?: ((key: string) => Policy) | undefined;
  readonly tagsOf?: ((key: string) => TagSource<V>) | undefined;
  /** Asked before the tags of the value. */
  readonly storable?: ((key: string, value: V) => boolean) | undefined;
}

/** Everything that the decorators on one method ask for around one run of it: one operation, one write token (P25). */
export interface WriteOperation<V> {
  /** Whose invalidations they are counted as. */
  readonly label: string;
  /** The event of the configuration that it stands for, for the record. */
  readonly event?: string | undefined;
  /** Begun before the method runs, committed after it (P22). */
  readonly puts: readonly PutStep<V>[];
  /** Puts of keys that only the result tells, and that are stored if nothing is there (P22). Asked after a success. */
  readonly created?: (() => readonly PutStep<V>[]) | undefined;
  /** Invalidated before the method runs. */
  readonly before: readonly Target[];
  /** Under a write lease while the method runs, and invalidated by it (P24). Patterns must be declared. */
  readonly around: readonly Target[];
  /** What to invalidate once the method has ended; called once. */
  after(outcome: Outcome<V>): readonly Target[];
}

export type BindEventData = (data: Readonly<Record<string, unknown>>) => Target;

export interface EnginePort {
  /** False after `disable()` or inside `withoutCache`: nothing is read or stored; writes still invalidate. */
  readonly active: boolean;
  /** The fresh L1 entry, counted as a hit; synchronous and without allocation. */
  hit(key: string, policy: Policy): MemoryEntry | undefined;
  /** As `hit`, but not counted: for looking, not for serving. */
  peek(key: string, version: string): MemoryEntry | undefined;
  /** Everything behind an L1 miss: L2, lease, load, fill. `load` is run at most once for this call. */
  readThrough<V>(
    key: string,
    policy: Policy,
    load: Loader<V>,
    storable?: (value: V) => boolean,
    tags?: TagSource<V>,
  ): Promise<V>;
  /** As `readThrough` for many keys, with one `loadMany` for those that must be loaded, up to 5,000 at a time (P18). */
  readMany<V>(
    keys: readonly string[],
    policy: Policy,
    loadMany: (missing: readonly string[]) => PromiseLike<ReadonlyMap<string, V>>,
    each?: EachOfBatch<V>,
  ): Promise<Map<string, V>>;
  /** What the configuration's `context` returns now; undefined without one. */
  readonly ambient: unknown;
  /** Properties of the context that each cached template must contain: `requireContext`. */
  readonly requiredContext: readonly string[];
  /** The scope that the caller runs in by the application's will. Calls of different scopes must not share one call. */
  readonly scope: object | undefined;
  /**
   * What an event of the configuration invalidates, one function per pattern. Each throws if the data lack a value.
   * @throws if the configuration has no such event
   */
  event(name: string): readonly BindEventData[];
  /** A call that was not cached: the cache is off, or `when` said no. */
  countUncached(policy: Policy): void;
  /**
   * The policy of one call, or part of one, whose `ttl` is a function.
   * @param ttlOf is given the value that is to be stored, and returns what the function does
   */
  withTtl(policy: Policy, ttlOf: (value: unknown) => unknown): Policy;
  /** The policy of a call that L1 may not answer. */
  exactly(policy: Policy): Policy;
  /** Reports, once per policy, that a value of a call cannot be part of its key or tags. */
  reportUnrenderable(policy: Policy, error: unknown): void;
  /** A fault that the call survives: the event `error`. */
  reportFault(fault: CacheEvents['error']): void;
  readonly changes: {
    write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V>;
  };
}
