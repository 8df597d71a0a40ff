/**
 * One flight: the way from an L1 miss to a value, for one key, led by the caller who began it (P11 to P16).
 * Look at L2; on a miss take the lease at the key and load under it; whatever else is found leads to a load whose
 * result is returned and not stored. Who joined a flight learns from its result whether he may take the result, and
 * `flights.ts` holds him to it.
 */
import type { Lease, LeaseAttempt, RemoteEntry, StubPlacement } from '../../contract/l2';
import { newToken } from '../../contract/tokens';
import { stubEntry } from '../entry/new-entry';
import { isDue } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { within } from '../runtime/within';
import type { Fence } from '../validity/fences';
import { type Snapshot, sameGenerations } from '../validity/snapshots';
import type { FlightPlan, FlightResult, FlightValue, OwnResult } from './flight-result';
import { Load } from './load';
import { heldByTags, readL2 } from './read-l2';
import type { Refreshes } from './refreshes';
import { usableEntry, usableStaleEntry } from './usable-entry';

const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 100;

export class Flight<V> {
  /** For the caller who began it: never abandoned. */
  readonly own: Promise<OwnResult<V>>;
  readonly #context: EngineContext;
  readonly #plan: FlightPlan<V>;
  readonly #refreshes: Refreshes;
  readonly #loads: Load<V>;
  readonly #over: () => void;
  #abandoned = false;
  #token: string | undefined;
  #joined: Promise<FlightResult<V>> | undefined;
  #tellJoined: (result: FlightResult<V>) => void = () => {};
  #release: () => void = () => {};

  /** `over` is called once, when nobody may join any more: before anybody learns how the flight has ended. */
  constructor(context: EngineContext, refreshes: Refreshes, plan: FlightPlan<V>, over: () => void) {
    this.#context = context;
    this.#refreshes = refreshes;
    this.#plan = plan;
    this.#over = over;
    this.#loads = new Load(context, plan, this);
    this.own = this.#fly();
  }

  /** Whether somebody joined. */
  get shared(): boolean {
    return this.#joined !== undefined;
  }

  /** For those who join. Made when the first one does: most flights land alone. */
  join(): Promise<FlightResult<V>> {
    this.#joined ??= new Promise((resolve) => {
      this.#tellJoined = resolve;
      void this.own.then(resolve);
    });
    return this.#joined;
  }

  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Nobody waits for this flight any longer, and its lease is free for others; its own caller still gets its result. */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#over();
    this.#tellJoined({ kind: 'abandoned' });
    this.#release();
  }

  onAbandon(release: () => void): void {
    this.#release = release;
  }

  async #fly(): Promise<OwnResult<V>> {
    const { fences } = this.#context;
    const fence = fences.open(this.#plan.key);
    try {
      return await this.#seek(fence);
    } catch (error) {
      return { kind: 'failed', error };
    } finally {
      fences.close(fence);
      if (!this.#abandoned) this.#over();
    }
  }

  async #seek(fence: Fence): Promise<OwnResult<V>> {
    const { l2, clock, emit } = this.#context;
    const { key, policy, patienceMs } = this.#plan;
    const startedAt = clock.now();
    if (policy.staleInL1) {
      const stale = await this.#staleInL1();
      if (stale !== undefined) return stale;
    }
    let waits = 0;
    const first = await readL2(this.#context, key, policy);
    let { snapshot } = first;
    let seen: LeaseAttempt | StubPlacement = first.seen;
    for (;;) {
      if (seen.kind === 'unreachable') return this.#kept() ?? this.#loads.unstored();
      if (snapshot === undefined) return this.#loads.unstored();
      switch (seen.kind) {
        case 'acquired':
          return this.#loads.underLease(this.#lease(snapshot), snapshot, fence);
        case 'placed':
          return this.#loads.againstStub(seen.witness, l2.now(key) + policy.lifetime.l2Ms, snapshot);
        case 'entry': {
          const held =
            seen.entry.tags.length === 0
              ? snapshot
              : await heldByTags(this.#context, policy, snapshot, seen.entry);
          if (held === undefined) return this.#loads.unstored();
          const usable = usableEntry(this.#context, key, policy, seen.entry, held, fence);
          if (usable !== undefined) {
            policy.counters.l2Latency.record(clock.now() - startedAt);
            if (isDue(policy, seen.entry.expiresAt - l2.now(key), seen.entry.costMs)) {
              void this.#refreshes.begin(this.#plan);
            }
            const source = waits === 0 ? 'l2' : 'awaited';
            return { kind: 'value', value: usable.value as V, source, loadedAt: 0, provenAt: seen.sentAt };
          }
          if (policy.staleMs > 0) {
            const stale = usableStaleEntry(this.#context, key, policy, seen.entry, held);
            if (stale !== undefined) return this.#stale(stale.value as V, seen.sentAt);
          }
          if (this.#keepsStub() && this.#isCurrent(seen.entry, snapshot)) {
            return this.#loads.againstStub(seen.witness, seen.entry.expiresAt, snapshot);
          }
          seen = await l2.takeOver(key, seen.witness, this.#lease(snapshot));
          break;
        }
        case 'garbled':
          emit('garbled-value', { key });
          seen = await l2.takeOver(key, seen.witness, this.#lease(snapshot));
          break;
        case 'absent':
          seen = this.#keepsStub()
            ? await this.#placeStub(snapshot)
            : await l2.acquireLease(key, this.#lease(snapshot));
          break;
        case 'leased':
          if (!sameGenerations(seen.generations, snapshot.generations)) {
            // What its holder loads is void already: something of its groups was invalidated since it began.
            seen = await l2.takeOver(key, seen.witness, this.#lease(snapshot));
            break;
          }
          if (clock.now() - startedAt >= patienceMs) return this.#loads.unstored();
          if (waits === 0) policy.counters.leaseWaits += 1;
          await this.#await(fence, waits);
          waits += 1;
          ({ seen, snapshot } = await readL2(this.#context, key, policy));
          break;
        case 'write-leased':
          return this.#loads.unstored();
        case 'foreign-type':
          emit('foreign-value', { key });
          return this.#loads.unstored();
      }
    }
  }

  /** Without an L2, L1 keeps what has expired for as long as it may be served (P20). */
  async #staleInL1(): Promise<FlightValue<V> | undefined> {
    const { l1, order } = this.#context;
    const entry = l1.getStale(this.#plan.key, this.#plan.policy.version);
    return entry && this.#stale(entry.value as V, order.next());
  }

  /** The expired value, unless a refresh gives a new one within the soft timeout. */
  async #stale(value: V, provenAt: number): Promise<FlightValue<V>> {
    const { softMs } = this.#plan.policy.timeout;
    const refresh = this.#refreshes.begin(this.#plan);
    const fresh = softMs > 0 ? await within(this.#context.clock, refresh, softMs) : undefined;
    return fresh ?? { kind: 'value', value, source: 'stale', loadedAt: 0, provenAt };
  }

  /** One token for the whole flight; most flights end before they need one. */
  #lease({ generations }: Snapshot): Lease {
    this.#token ??= newToken();
    return { token: this.#token, generations };
  }

  /** L2 is silent and the channel too: what L1 has may bridge a short outage (P34). */
  #kept(): FlightValue<V> | undefined {
    const { l1, times, order } = this.#context;
    const { key, policy } = this.#plan;
    if (!policy.inL1) return undefined;
    const entry = l1.getDegraded(key, policy.version, times.degradedTtlMs);
    if (entry === undefined) return undefined;
    return { kind: 'value', value: entry.value as V, source: 'l1', loadedAt: 0, provenAt: order.next() };
  }

  /** The value lives in L1 alone, and L2 keeps a stub to tell of invalidations (P28). */
  #keepsStub(): boolean {
    return !this.#plan.policy.valueInL2 && this.#context.l2.present;
  }

  #placeStub(snapshot: Snapshot): Promise<StubPlacement> {
    const { key, policy } = this.#plan;
    const stub = stubEntry(policy, snapshot);
    this.#context.groups.extend(snapshot.groups, stub.ttlMs);
    return this.#context.l2.placeStub(key, stub);
  }

  #isCurrent(entry: RemoteEntry, snapshot: Snapshot): boolean {
    return (
      entry.version === this.#plan.policy.version &&
      entry.expiresAt > this.#context.l2.now(this.#plan.key) &&
      sameGenerations(entry.generations, snapshot.generations)
    );
  }

  /** Until the channel tells of a change at the key, or for a while: a message is only a hint to look again (P17). */
  async #await(fence: Fence, waits: number): Promise<void> {
    const { clock } = this.#context;
    const ms = Math.min(FIRST_POLL_MS * 2 ** waits, LAST_POLL_MS);
    this.#plan.waits?.(true);
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms * (0.5 + Math.random() / 2));
      fence.wake = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
    fence.wake = undefined;
    this.#plan.waits?.(false);
  }
}
