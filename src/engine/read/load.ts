/**
 * The ways to load: under a lease of this process, stored by compare-and-set (P13); in place of an entry that is being
 * refreshed (P20); against a stub, for values that live in L1 alone (P28); and unstored, where nothing may be kept
 * (P39). Each runs the loader exactly once.
 */
import type { Lease, Mark, NewEntry, Verdict } from '../../contract/l2';
import { STUB_PAYLOAD } from '../entry/codec';
import { lifetimeOf } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import type { Membership } from '../validity/snapshots';
import { captureTags, completeTags, type TagCapture, untagged } from '../validity/tagging';
import type { LandedValue, LoadPlan, OwnLanding } from './flight-result';
import { type Loaded, runLoad } from './run-load';

type Store = (entry: NewEntry) => Promise<Verdict>;

/** What a flight lets its load do to it. */
export interface Abandonment {
  readonly abandoned: boolean;
  /** Whether somebody waits for its result besides the caller who began it. */
  readonly shared: boolean;
  /** Those who joined go on without this load. */
  abandon(): void;
  /** What is to be done besides, should the flight be abandoned from now on. */
  onAbandon(release: () => void): void;
}

export class Loads<V> {
  readonly #context: EngineContext;
  readonly #plan: LoadPlan<V>;
  readonly #flight: Abandonment;

  constructor(context: EngineContext, plan: LoadPlan<V>, flight: Abandonment) {
    this.#context = context;
    this.#plan = plan;
    this.#flight = flight;
  }

  /** This process holds the lease: load, and store by compare-and-set on it. */
  async underLease(lease: Lease, membership: Membership, fence: Fence): Promise<OwnLanding<V>> {
    const { remote, background, shelf, order } = this.#context;
    const { key, policy } = this.#plan;
    const release = () => remote.release(key, lease);
    this.#flight.onAbandon(() => background.run('release the lease of an abandoned load', release()));
    const capture = await this.#capture(membership);
    const loadedAt = order.next();
    if (policy.valueInL2) policy.counters.l2Misses += 1;
    let loaded: Loaded<V>;
    let tags: readonly string[] | undefined;
    try {
      loaded = await runLoad(
        this.#context,
        this.#plan.load,
        () => background.run('renew a lease', remote.renew(key, lease)),
        () => this.#flight.abandon(),
      );
      tags = this.#wantedTags(loaded.value);
    } catch (error) {
      background.run('release the lease of a failed load', release());
      return { kind: 'failed', error };
    }
    policy.counters.loadLatency.record(loaded.costMs);
    const value = shelf.share(loaded.value);
    if (this.#flight.abandoned) return loadedValue(value, loadedAt, 0);
    const store: Store = (entry) => remote.fill(key, lease, entry);
    const filled = await this.#keep(capture, tags, fence, value, loaded.costMs, store);
    if (filled !== undefined) return loadedValue(value, loadedAt, filled);
    const { result, sentAt } = await release();
    const isProven = result === 'done' && !fence.voided && (await this.#isUntouched(capture));
    return loadedValue(value, loadedAt, isProven ? sentAt : 0);
  }

  /**
   * The stub stands from before the load: if it still does after it, nothing was invalidated, and L1 may keep the value.
   * @param stubEndsAt on L2's clock
   */
  async againstStub(mark: Mark, stubEndsAt: number, membership: Membership): Promise<OwnLanding<V>> {
    const { remote, shelf, codec, memberships, fences } = this.#context;
    const { key, policy } = this.#plan;
    const capture = await this.#capture(membership);
    const { value, loadedAt } = await this.#load();
    const tags = this.#wantedTags(value);
    const complete = capture && tags && (await completeTags(memberships, capture, tags));
    if (complete === undefined) return loadedValue(value, loadedAt, 0);
    // A fence of its own: the planting of the stub is heard as well, and must not count against what follows it.
    const fence = fences.open(key);
    try {
      const { result, sentAt } = await remote.confirm(key, mark);
      if (result !== 'done' || fence.voided || !(await this.#isCurrent(complete))) {
        policy.counters.rejectedFills += 1;
        return loadedValue(value, loadedAt, 0);
      }
      const freshMs = stubEndsAt - remote.now(key);
      const life = { ms: Math.min(lifetimeOf(policy, value).l1Ms, freshMs), freshMs, costMs: 0 };
      shelf.put(key, value, policy, complete, life, fence, () => codec.sizeOf(STUB_PAYLOAD, value));
      return loadedValue(value, loadedAt, sentAt);
    } finally {
      fences.close(fence);
    }
  }

  /**
   * An entry stands at the key and is served meanwhile: load, and store in its place by compare-and-set on it (P20).
   * Rejects where the load fails.
   */
  async inPlaceOf(
    mark: Mark,
    membership: Membership,
    fence: Fence,
    renew: () => void,
  ): Promise<LandedValue<V>> {
    const { remote, shelf, order } = this.#context;
    const { key, policy } = this.#plan;
    const capture = await this.#capture(membership);
    const loadedAt = order.next();
    const loaded = await runLoad(this.#context, this.#plan.load, renew, () => this.#flight.abandon());
    const tags = this.#wantedTags(loaded.value);
    policy.counters.loadLatency.record(loaded.costMs);
    const value = shelf.share(loaded.value);
    if (this.#flight.abandoned) return loadedValue(value, loadedAt, 0);
    const store: Store = (entry) => remote.refresh(key, mark, entry);
    const filled = await this.#keep(capture, tags, fence, value, loaded.costMs, store);
    return loadedValue(value, loadedAt, filled ?? 0);
  }

  /**
   * Asked once the value stands in L2, or was withheld from it. Who bypasses L1 may have been told of an invalidation that
   * this process has not heard of yet: where one has joined, L2 is asked. Who joins later is not given the value.
   */
  #isCurrent(membership: Membership): Promise<boolean> {
    const { key, policy } = this.#plan;
    return this.#context.memberships.confirm(key, membership, policy.inL1 || !this.#flight.shared);
  }

  /** The value is the caller's, and of those whose calls began before the load. */
  async unstored(): Promise<OwnLanding<V>> {
    const { value, loadedAt } = await this.#load();
    return loadedValue(value, loadedAt, 0);
  }

  /**
   * What was loaded and not stored is shared only if nothing was invalidated while its lease stood there: the lease tells
   * that of the key, but of groups and tags their markers alone do.
   */
  async #isUntouched(capture: TagCapture | undefined): Promise<boolean> {
    if (capture === undefined || !this.#flight.shared) return false;
    const { membership, epoch } = capture;
    if (!(await this.#isCurrent(membership))) return false;
    return epoch === undefined || (await this.#context.memberships.tagEpoch({ exact: true })) === epoch;
  }

  /** `tags`: those of the value, undefined where it is not to be stored. The result is that of `#fill`. */
  async #keep(
    capture: TagCapture | undefined,
    tags: readonly string[] | undefined,
    fence: Fence,
    value: V,
    costMs: number,
    store: Store,
  ): Promise<number | undefined> {
    if (tags === undefined) return undefined;
    const membership = capture && (await completeTags(this.#context.memberships, capture, tags));
    if (membership !== undefined) return this.#fill(membership, fence, value, costMs, store);
    this.#plan.policy.counters.rejectedFills += 1;
    return undefined;
  }

  /** The `Order` number that proves the value, 0 if the fill was rejected; undefined if there is nothing to store. */
  async #fill(
    membership: Membership,
    fence: Fence,
    value: V,
    costMs: number,
    store: Store,
  ): Promise<number | undefined> {
    const { codec, groups, shelf, clock } = this.#context;
    const { key, policy } = this.#plan;
    const { l1Ms, l2Ms } = lifetimeOf(policy, value);
    const payload = l2Ms > 0 ? this.#payload(value) : undefined;
    if (payload === undefined) return undefined;
    const { version, counters } = policy;
    const { serializer, bytes } = payload;
    const { tokens, tags } = membership;
    const { staleMs } = policy;
    const entry = { ttlMs: l2Ms, staleMs, costMs, version, tokens, tags, serializer, payload: bytes };
    groups.extend(membership.groups, l2Ms + staleMs);
    const endsAt = clock.now() + l2Ms;
    const { result, sentAt } = await store(entry);
    if (result !== 'done' || fence.voided || !(await this.#isCurrent(membership))) {
      counters.rejectedFills += 1;
      return 0;
    }
    counters.l2Sets += 1;
    const freshMs = endsAt - clock.now();
    const life = { ms: Math.min(l1Ms, freshMs), freshMs, costMs };
    shelf.put(key, value, policy, membership, life, fence, () => codec.sizeOf(payload, value));
    return sentAt;
  }

  async #load(): Promise<{ readonly value: V; readonly loadedAt: number }> {
    const { order, shelf } = this.#context;
    const { counters, valueInL2 } = this.#plan.policy;
    if (valueInL2) counters.l2Misses += 1;
    const loadedAt = order.next();
    const nothingToRenew = (): void => {};
    const { value, costMs } = await runLoad(this.#context, this.#plan.load, nothingToRenew, () =>
      this.#flight.abandon(),
    );
    counters.loadLatency.record(costMs);
    return { value: shelf.share(value), loadedAt };
  }

  /** Before the load: what its entry will be held against; undefined where L2 does not tell. */
  #capture(membership: Membership): TagCapture | Promise<TagCapture | undefined> {
    const { tags } = this.#plan;
    return tags === undefined
      ? untagged(membership)
      : captureTags(this.#context.memberships, membership, tags);
  }

  /** The tags that the value tells; undefined where it is not to be stored: `undefined`, or what `unless` excludes. */
  #wantedTags(value: V): readonly string[] | undefined {
    if (value === undefined || !this.#plan.storable(value)) return undefined;
    return this.#plan.tags?.ofValue?.(value) ?? [];
  }

  #payload(value: V) {
    const { key, policy } = this.#plan;
    const { codec } = this.#context;
    if (policy.valueInL2) return codec.encode(key, value, policy.label);
    if (policy.serializable) codec.check(value, policy.label);
    return STUB_PAYLOAD;
  }
}

export function loadedValue<V>(value: V, loadedAt: number, provenAt: number): LandedValue<V> {
  return { kind: 'value', value, source: 'load', loadedAt, provenAt };
}
