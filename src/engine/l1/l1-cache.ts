/**
 * L1 as the engine uses it: what may enter it, for how long, and in which shape values leave it.
 * A copy never outlives its L2 entry, never enters behind a dirty fence (P28, P30), and is protected from callers who
 * would change the shared value, as the configuration says.
 */
import type { Clock } from '../../contract/clock';
import type { Channel } from '../../contract/coherence';
import type { MemoryEntry } from '../../contract/engine';
import type { Emit } from '../../contract/events';
import type { MemoryTier } from '../../contract/l2';
import type { L1MissReason } from '../../contract/statistics';
import { type Payload, sizeOf } from '../entry/codec';
import { L1_SAMPLING } from '../entry/counters';
import { type CompiledPolicy, isDue, lifetimeOf } from '../entry/policy';
import type { RecentKeys } from '../entry/recent-keys';
import type { Fence } from '../validity/fences';
import type { Snapshot, Snapshots } from '../validity/snapshots';
import type { Trust } from '../validity/trust';
import { freezePlain, frozenCopy } from './freeze';

/** Times are whole ms, which V8 keeps in the entry: a fraction would be an object of its own, of 16 bytes. */
export interface L1Entry extends MemoryEntry {
  /** On the local clock, in ms: until then it may be served. */
  readonly expiresAt: number;
  /** Until then the entry that it is a copy of is fresh. */
  readonly freshUntil: number;
  /** Until then it is kept: longer than it is fresh where it may be served stale. */
  readonly keptUntil: number;
  /** How long its load took, in ms, rounded up. */
  readonly costMs: number;
  readonly snapshot: Snapshot;
  /** The count of changes at which the snapshot was last found current. */
  currentAt: number;
  /**
   * Kept for a method with `revive` or `schema`, or for another one. `revived` values are what `revive` made, or would have
   * to, so that no clone can stand for them.
   */
  readonly form: 'plain' | 'checked' | 'revived';
  /** What its loader has said of it; kept where there is no L2. */
  readonly meta: unknown;
}

/** The entry in L2 that L1 keeps a copy of. */
export interface Original extends Payload {
  /** How long its load took, in ms. */
  readonly costMs: number;
  readonly meta?: unknown;
}

export interface L1Options {
  readonly protect: 'freeze' | 'clone' | 'none';
  /** 0 to 1: how much of a lifetime is taken off at random, so that entries stored together do not expire together. */
  readonly jitter: number;
}

export class L1Cache {
  readonly #tier: MemoryTier<L1Entry>;
  readonly #clock: Clock;
  readonly #channel: Channel;
  readonly #trust: Trust;
  readonly #snapshots: Snapshots;
  readonly #recentKeys: RecentKeys;
  readonly #emit: Emit;
  readonly #options: L1Options;
  readonly #unprotected = new WeakSet<object>();
  /** Labels of methods with a value that could not be protected. */
  readonly #reported = new Set<string>();

  constructor(
    tier: MemoryTier<L1Entry>,
    clock: Clock,
    channel: Channel,
    trust: Trust,
    snapshots: Snapshots,
    recentKeys: RecentKeys,
    emit: Emit,
    options: L1Options,
  ) {
    this.#tier = tier;
    this.#clock = clock;
    this.#channel = channel;
    this.#trust = trust;
    this.#snapshots = snapshots;
    this.#recentKeys = recentKeys;
    this.#emit = emit;
    this.#options = options;
  }

  get size(): number {
    return this.#tier.size;
  }

  get bytes(): number {
    return this.#tier.bytes;
  }

  /**
   * The fresh entry of this version, while the channel is trusted (P31) and nothing of the entry's groups has changed.
   * Synchronous; allocates nothing unless values are cloned.
   */
  get(key: string, version: string, policy?: CompiledPolicy): MemoryEntry | undefined {
    const entry = this.#fresh(key, version);
    if (entry === undefined || (policy !== undefined && !fits(entry, policy))) return undefined;
    return this.#handOut(entry);
  }

  /** Without an L2: the entry that has expired, but not for longer than `staleFor` (P20). */
  getStale(key: string, policy: CompiledPolicy): MemoryEntry | undefined {
    const entry = this.#tier.get(key);
    if (entry?.version !== policy.version || !fits(entry, policy)) return undefined;
    const now = this.#clock.now();
    if (now < entry.expiresAt || now >= entry.keptUntil) return undefined;
    return this.#snapshots.isCurrent(entry.snapshot) ? this.#handOut(entry) : undefined;
  }

  /**
   * For when L2 does not answer and the channel is silent (P34): the entry, if the last proof that nothing was missed
   * is at most `withinMs` old. Never what this process has invalidated itself: that is dropped at once.
   */
  getDegraded(key: string, policy: CompiledPolicy, withinMs: number): MemoryEntry | undefined {
    const now = this.#clock.now();
    if (this.#channel.age(now) >= withinMs) return undefined;
    const entry = this.#tier.get(key);
    if (entry?.version !== policy.version || entry.expiresAt <= now || !fits(entry, policy)) return undefined;
    return this.#snapshots.isCurrent(entry.snapshot) ? this.#handOut(entry) : undefined;
  }

  /**
   * As `get`, counted for the policy's method. Undefined also for an entry that it is time to refresh: the caller then reads
   * through, which finds it fresh all the same (P20). The caller tells `missed`.
   */
  hit(key: string, policy: CompiledPolicy): MemoryEntry | undefined {
    if (!policy.inL1) return undefined;
    if ((policy.counters.l1 & (L1_SAMPLING - 1)) === 0) return this.#timedHit(key, policy);
    return this.#countedHit(key, policy);
  }

  /** Counts what `hit` has not found, an entry that it is time to refresh excepted. */
  missed(key: string, policy: CompiledPolicy): void {
    const { counters, refreshAhead } = policy;
    if (!policy.inL1 || (refreshAhead !== undefined && this.#fresh(key, policy.version) !== undefined))
      return;
    counters.l1Misses += 1;
    counters.l1MissReasons[this.reasonNotServed(key, policy) ?? 'absent'] += 1;
  }

  /** Protects a value that the cache has decoded, and that nobody else owns. */
  protectOwn<V>(value: V): V {
    return this.#options.protect === 'freeze' ? freezePlain(value) : value;
  }

  /**
   * Returns the cache's own protected copy of a value that the application owns. A value that cannot be protected is
   * returned as it is, never enters L1, and is reported once per method.
   */
  protectedCopy<V>(key: string, { label }: CompiledPolicy, value: V): V {
    if (this.#options.protect !== 'freeze') return value;
    try {
      return frozenCopy(value);
    } catch (error) {
      this.#unprotected.add(value as object);
      this.#reportUnprotected(key, label, 'freeze', error);
      return value;
    }
  }

  /**
   * Returns one caller's view of a shared value: a private copy if `protect` is `'clone'`. A value that cannot be cloned
   * is shared as it is, and does not enter L1. A revived one is shared, since a clone would be a plain object.
   */
  viewOf<V>(value: V, { revive }: CompiledPolicy): V {
    if (this.#options.protect !== 'clone' || revive !== undefined) return value;
    try {
      return structuredClone(value);
    } catch {
      return value;
    }
  }

  /** Why L1 does not serve an entry that it still holds; undefined if it holds none. */
  reasonNotServed(key: string, policy: CompiledPolicy): Exclude<L1MissReason, 'absent'> | undefined {
    const entry = this.#tier.get(key);
    if (entry === undefined) return undefined;
    if (entry.version !== policy.version || !fits(entry, policy)) return 'version';
    const now = this.#clock.now();
    if (entry.expiresAt <= now) return 'expired';
    return now < this.#trust.until ? 'invalidated' : 'untrusted';
  }

  /** Whether L1 may be relied on now (trust, P31). */
  get trusted(): boolean {
    return this.#trust.holds(this.#clock.now());
  }

  /**
   * Keeps a copy, unless something was invalidated since the fence was opened. A copy lives no longer than its original
   * (P4).
   * @param freshMs how long the original is still fresh
   * @param isTrusted whether the channel was trusted when L2's reply arrived. Decoding a large value can take longer than
   *   trust lasts; messages heard meanwhile make the fence dirty.
   */
  keep(
    key: string,
    value: unknown,
    policy: CompiledPolicy,
    snapshot: Snapshot,
    original: Original,
    freshMs: number,
    fence: Fence,
    isTrusted?: boolean,
    now = this.#clock.now(),
  ): void {
    const ms = Math.min(lifetimeOf(policy, value).l1Ms, freshMs);
    if (!policy.keptInL1 || ms <= 0 || fence.dirty || !(isTrusted ?? this.#trust.holds(now))) return;
    if (this.#unprotected.has(value as object)) return;
    let kept = value;
    if (this.#options.protect === 'clone' && policy.revive === undefined) {
      try {
        kept = structuredClone(value);
      } catch (error) {
        this.#reportUnprotected(key, policy.label, 'clone', error);
        return;
      }
    }
    const expiresAt = Math.floor(now + ms) - Math.floor(ms * Math.random() * this.#options.jitter);
    const freshUntil = Math.floor(now + freshMs);
    const keptUntil = policy.staleInL1 ? freshUntil + policy.staleMs : expiresAt;
    const { version } = policy;
    const { meta } = original;
    const costMs = Math.ceil(original.costMs);
    const form = policy.revive !== undefined ? 'revived' : policy.reshapes ? 'checked' : 'plain';
    this.#tier.set(
      key,
      { value: kept, version, expiresAt, freshUntil, keptUntil, costMs, snapshot, currentAt: -1, form, meta },
      this.#tier.measured ? sizeOf(original, value) : 0,
    );
    policy.counters.l1Sets += 1;
  }

  /** As `keep`, for what this process has just stored: a later miss can tell what became of it. */
  keepStored(
    key: string,
    value: unknown,
    policy: CompiledPolicy,
    snapshot: Snapshot,
    original: Original,
    freshMs: number,
    fence: Fence,
  ): void {
    const ms = policy.valueInL2 ? freshMs : Math.min(lifetimeOf(policy, value).l1Ms, freshMs);
    const now = this.#clock.now();
    this.#recentKeys.stored(key, now + ms);
    this.keep(key, value, policy, snapshot, original, freshMs, fence, undefined, now);
  }

  /** The entry as it stands, usable or not: to be shown. */
  inspect(key: string): L1Entry | undefined {
    return this.#tier.get(key);
  }

  drop(key: string): void {
    if (this.#tier.delete(key)) this.#recentKeys.removed(key, this.#clock.now());
  }

  dropAll(): void {
    this.#tier.clear();
  }

  /** Looks at every entry: only for patterns that nobody declared. */
  dropMatching(matches: (key: string) => boolean): void {
    for (const key of this.#tier.keys()) {
      if (matches(key)) this.drop(key);
    }
  }

  keys(): readonly string[] {
    return this.#tier.keys();
  }

  close(): void {
    this.#tier.close();
  }

  #reportUnprotected(key: string, label: string, operation: 'freeze' | 'clone', error: unknown): void {
    if (this.#reported.has(label)) return;
    this.#reported.add(label);
    this.#emit('error', { operation, key, error });
  }

  #fresh(key: string, version: string): L1Entry | undefined {
    const entry = this.#tier.get(key);
    if (entry === undefined || entry.version !== version) return undefined;
    const now = this.#clock.now();
    if (now >= entry.expiresAt || !this.#trust.holds(now)) return undefined;
    return this.#snapshots.isStillCurrent(entry) ? entry : undefined;
  }

  #countedHit(key: string, policy: CompiledPolicy): MemoryEntry | undefined {
    const { counters } = policy;
    const entry = this.#fresh(key, policy.version);
    if (entry === undefined || !fits(entry, policy)) return undefined;
    if (policy.refreshAhead !== undefined && this.#isDue(entry, policy)) return undefined;
    counters.l1 += 1;
    return this.#handOut(entry);
  }

  /** Apart from the others, which V8 inlines into their callers without it. */
  #timedHit(key: string, policy: CompiledPolicy): MemoryEntry | undefined {
    const startedAt = this.#clock.now();
    const entry = this.#countedHit(key, policy);
    if (entry !== undefined) policy.counters.l1Latency.record(this.#clock.now() - startedAt);
    return entry;
  }

  #isDue({ freshUntil, costMs }: L1Entry, policy: CompiledPolicy): boolean {
    return isDue(policy, freshUntil - this.#clock.now(), costMs);
  }

  #handOut(entry: L1Entry): MemoryEntry {
    if (this.#options.protect !== 'clone' || entry.form === 'revived') return entry;
    return { value: structuredClone(entry.value), version: entry.version };
  }
}

/** A method with `revive` or `schema` takes from L1 only what one with them has put there. */
function fits({ form }: L1Entry, policy: CompiledPolicy): boolean {
  return !policy.reshapes || form !== 'plain';
}
