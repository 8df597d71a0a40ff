/**
 * The ways to load: under a lease of this process, stored by compare-and-set (P13); in place of an entry that is being
 * refreshed (P20); against a stub, for values that live in L1 alone (P28); and unstored, if nothing may be kept
 * (P39). Each runs the loader exactly once.
 */
import type { CasWitness, Lease, NewEntry, Verdict } from '../../contract/l2';
import { STUB_PAYLOAD } from '../entry/codec';
import { newEntry, packedEntry } from '../entry/new-entry';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import type { Snapshot } from '../validity/snapshots';
import { captureTags, completeTags, type TagCapture, untagged } from '../validity/tagging';
import type { Flight } from './flight';
import type { FlightValue, LoadPlan, OwnResult } from './flight-result';
import { LoadScope, type Stale } from './load-scope';
import { type Loaded, runLoad } from './run-load';

type Store = (entry: NewEntry) => Promise<Verdict>;

export class Load<V> {
  readonly #context: EngineContext;
  readonly #plan: LoadPlan<V>;
  readonly #flight: Flight<V>;
  readonly #scope: LoadScope | undefined;

  /** @param stale the entry that is refreshed, if the loader looks at it */
  constructor(context: EngineContext, plan: LoadPlan<V>, flight: Flight<V>, stale?: Stale) {
    this.#context = context;
    this.#plan = plan;
    this.#flight = flight;
    this.#scope = plan.usesScope ? new LoadScope(() => flight.signal(context), stale) : undefined;
  }

  /** This process holds the lease: load, and store by compare-and-set on it. */
  async underLease(lease: Lease, snapshot: Snapshot, fence: Fence): Promise<OwnResult<V>> {
    const { l2, background, l1, order } = this.#context;
    const { key, policy } = this.#plan;
    this.#flight.lease = lease;
    if (this.#flight.abandoned) {
      background.run('release the lease of a closing cache', l2.release(key, lease));
      return this.unstored();
    }
    const capture = await this.#capture(snapshot);
    const loadedAt = order.next();
    if (policy.valueInL2) policy.counters.l2Misses += 1;
    let loaded: Loaded<V>;
    let tags: readonly string[] | undefined;
    try {
      loaded = await this.#run(() => background.run('renew a lease', l2.renew(key, lease)));
      tags = this.#wantedTags(loaded.value);
    } catch (error) {
      background.run('release the lease of a failed load', l2.release(key, lease));
      return { kind: 'failed', error };
    }
    policy.counters.loadLatency.record(loaded.costMs);
    const value = l1.protectedCopy(key, policy, loaded.value);
    if (this.#flight.abandoned) return loadedValue(value, loadedAt, 0);
    const store: Store = (entry) => l2.fill(key, lease, entry);
    const filled = await this.#keep(capture, tags, fence, value, loaded.costMs, store);
    if (filled !== undefined) return loadedValue(value, loadedAt, filled);
    const { result, sentAt } = await l2.release(key, lease);
    const isProven = result === 'done' && !fence.voided && (await this.#isUntouched(capture));
    return loadedValue(value, loadedAt, isProven ? sentAt : 0);
  }

  /**
   * The stub stands from before the load: if it still does after it, nothing was invalidated, and L1 may keep the value.
   * @param stubEndsAt on L2's clock
   */
  async againstStub(witness: CasWitness, stubEndsAt: number, snapshot: Snapshot): Promise<OwnResult<V>> {
    const { l2, l1, snapshots, fences, codec } = this.#context;
    const { key, policy } = this.#plan;
    const capture = await this.#capture(snapshot);
    const { value, loadedAt } = await this.#load();
    if (codec.refuses(key, value, policy)) return loadedValue(value, loadedAt, 0);
    const tags = this.#wantedTags(value);
    const complete = capture && tags && (await completeTags(snapshots, capture, tags));
    if (complete === undefined) return loadedValue(value, loadedAt, 0);
    // A fence of its own: the planting of the stub is heard as well, and must not count against what follows it.
    const fence = fences.open(key);
    try {
      const { result, sentAt } = await l2.stubStands(key, witness);
      if (result !== 'done' || fence.voided || !(await this.#isCurrent(complete))) {
        this.#reject();
        return loadedValue(value, loadedAt, 0);
      }
      const freshMs = stubEndsAt - l2.now(key);
      l1.keepStored(key, value, policy, complete, { ...STUB_PAYLOAD, costMs: 0 }, freshMs, fence);
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
    witness: CasWitness,
    snapshot: Snapshot,
    fence: Fence,
    renew: () => void,
  ): Promise<FlightValue<V>> {
    const { l2, l1, order } = this.#context;
    const { key, policy } = this.#plan;
    const capture = await this.#capture(snapshot);
    const loadedAt = order.next();
    const loaded = await this.#run(renew);
    const tags = this.#wantedTags(loaded.value);
    policy.counters.loadLatency.record(loaded.costMs);
    const stale = this.#scope?.keptBy(loaded.value);
    const value = stale === undefined ? l1.protectedCopy(key, policy, loaded.value) : loaded.value;
    if (this.#flight.abandoned) return loadedValue(value, loadedAt, 0);
    const store: Store = (entry) => l2.refresh(key, witness, entry);
    // An old value is kept under the generations that it has: those of now may be newer than it.
    const under = stale === undefined ? capture : { snapshot: stale.snapshot, epoch: capture?.epoch };
    const filled = await this.#keep(
      under,
      stale && tags ? [...stale.snapshot.tags, ...tags] : tags,
      fence,
      value,
      loaded.costMs,
      store,
    );
    return loadedValue(value, loadedAt, filled ?? 0);
  }

  /**
   * Asked once the value stands in L2, or was withheld from it. An exact read may know of an invalidation that this
   * process has not heard of yet. So L2 is asked if one has joined; one that joins later is not given the value.
   */
  #isCurrent(snapshot: Snapshot): Promise<boolean> {
    const { key, policy } = this.#plan;
    return this.#context.snapshots.confirm(key, snapshot, { exact: policy.exact && this.#flight.shared });
  }

  /** The value is the caller's alone. */
  alone(): Promise<{ readonly value: V }> {
    return this.#load();
  }

  /** The value is the caller's, and of those whose calls began before the load. */
  async unstored(): Promise<OwnResult<V>> {
    const { value, loadedAt } = await this.#load();
    return loadedValue(value, loadedAt, 0);
  }

  /**
   * What was loaded and not stored is shared only if nothing was invalidated while its lease stood there: the lease tells
   * that of the key, but of groups and tags their generation keys alone do.
   */
  async #isUntouched(capture: TagCapture | undefined): Promise<boolean> {
    if (capture === undefined || !this.#flight.shared) return false;
    const { snapshot, epoch } = capture;
    if (!(await this.#isCurrent(snapshot))) return false;
    return epoch === undefined || (await this.#context.snapshots.tagEpoch({ exact: true })) === epoch;
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
    const snapshot = capture && (await completeTags(this.#context.snapshots, capture, tags));
    if (snapshot !== undefined) return this.#fill(snapshot, fence, value, costMs, store);
    this.#reject();
    return undefined;
  }

  /** Something was invalidated while the load ran, or L2 did not tell: its result is not stored. */
  #reject(): void {
    const { key, policy } = this.#plan;
    policy.counters.rejectedFills += 1;
    this.#context.recentKeys.unstored(key);
  }

  /** The `Order` number that proves the value, 0 if the fill was rejected; undefined if there is nothing to store. */
  async #fill(
    snapshot: Snapshot,
    fence: Fence,
    value: V,
    costMs: number,
    store: Store,
  ): Promise<number | undefined> {
    const { codec, groups, l1, clock, fences, ownCopies } = this.#context;
    const { key, policy } = this.#plan;
    const { counters } = policy;
    const meta = this.#scope?.ownMeta ?? this.#scope?.keptBy(value)?.meta;
    const entry = newEntry(codec, key, policy, value, snapshot, costMs, meta);
    if (entry === undefined) return undefined;
    groups.extend(snapshot.groups, entry.ttlMs + entry.staleMs);
    const { told } = this.#plan;
    if (told !== undefined) {
      told.itemSize = Buffer.byteLength(entry.payload);
      told.ttlMs = entry.ttlMs;
    }
    const packing = packedEntry(entry, policy);
    const stored = packing instanceof Promise ? await packing : packing;
    const endsAt = clock.now() + entry.ttlMs;
    // The message of the lease has made the other one dirty: this one hears of the fill.
    const written = fences.open(key, true);
    try {
      const { result, sentAt } = await store(stored);
      if (result !== 'done' || fence.voided || !(await this.#isCurrent(snapshot))) {
        this.#reject();
        return 0;
      }
      counters.l2Sets += 1;
      l1.keepStored(key, value, policy, snapshot, entry, endsAt - clock.now(), fence);
      ownCopies.bring(key, policy, entry, written);
      return sentAt;
    } finally {
      fences.close(written);
    }
  }

  #run(renew: () => void): Promise<Loaded<V>> {
    const { load } = this.#plan;
    return runLoad(
      this.#context,
      () => load(this.#scope),
      renew,
      () => this.#flight.abandon(this.#context),
    );
  }

  async #load(): Promise<{ readonly value: V; readonly loadedAt: number }> {
    const { order, l1 } = this.#context;
    const { key, policy } = this.#plan;
    const { counters, valueInL2 } = policy;
    if (valueInL2) counters.l2Misses += 1;
    const loadedAt = order.next();
    const { value, costMs } = await this.#run(() => undefined);
    counters.loadLatency.record(costMs);
    return { value: l1.protectedCopy(key, policy, value), loadedAt };
  }

  /** Before the load: what its entry will be held against; undefined where L2 does not tell. */
  #capture(snapshot: Snapshot): TagCapture | Promise<TagCapture | undefined> {
    const { tags, usesScope } = this.#plan;
    if (tags === undefined && !usesScope) return untagged(snapshot);
    const late = tags?.ofValue ?? (usesScope ? () => [] : undefined);
    return captureTags(this.#context.snapshots, snapshot, { known: tags?.known ?? [], ofValue: late });
  }

  /** The tags that the load tells; undefined where the value is not to be stored: `undefined`, by `unless`, or by `skip`. */
  #wantedTags(value: V): readonly string[] | undefined {
    const scope = this.#scope;
    if (value === undefined || scope?.skipped || !this.#plan.storable(value)) return undefined;
    const ofValue = this.#plan.tags?.ofValue?.(value) ?? [];
    return scope === undefined || scope.tags.length === 0 ? ofValue : [...ofValue, ...scope.tags];
  }
}

export function loadedValue<V>(value: V, loadedAt: number, provenAt: number): FlightValue<V> {
  return { kind: 'value', value, source: 'load', loadedAt, provenAt };
}
