/**
 * One flight: the way from an L1 miss to a value, for one key, led by the caller who began it (P11 to P16).
 * Read L2; on a miss take the lease at the key; load; fill by compare-and-set. Whatever else is found leads to a load
 * whose result is returned and not stored. A flight never runs the loader twice and never outlives its promises:
 * who joined it learns here whether he may take the result, and `flights.ts` holds him to it.
 */
import type { Claim, Lease, Mark, Planting, RemoteEntry } from '../contract/stores';
import { newToken } from '../tiers/tokens';
import { accept } from './accept';
import { STUB_PAYLOAD } from './codec';
import type { EngineContext } from './context';
import type { Fence } from './fences';
import { type Loaded, runLoad } from './loading';
import { look } from './look';
import { type Membership, sameTokens } from './memberships';
import { type CompiledPolicy, lifetimeOf } from './policy';

/**
 * `provenAt`: `Order` number of the command that proved the value current, 0 if nothing did. `loadedAt`: number at
 * which the load began, 0 if it came from L2. A caller whose own number is smaller than either may take the value.
 */
export type Landing<V> =
  | {
      readonly kind: 'value';
      readonly value: V;
      readonly source: 'l1' | 'l2' | 'awaited' | 'load';
      readonly loadedAt: number;
      readonly provenAt: number;
    }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The load has run longer than `maxLoad`: whoever waits goes on without it. */
  | { readonly kind: 'abandoned' };

export interface FlightPlan<V> {
  readonly key: string;
  readonly policy: CompiledPolicy;
  readonly load: () => V | PromiseLike<V>;
  readonly storable: (value: V) => boolean;
  /** How long to wait for other processes' loads, in ms. */
  readonly patienceMs: number;
  /** Told when the call begins or stops to wait for another caller or process. */
  readonly waits?: ((waiting: boolean) => void) | undefined;
}

const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 100;

export class Flight<V> {
  /** For those who joined. */
  readonly landed: Promise<Landing<V>>;
  /** For the caller who began it: never abandoned. */
  readonly own: Promise<Exclude<Landing<V>, { kind: 'abandoned' }>>;
  /** Whether somebody joined. */
  shared = false;
  readonly #context: EngineContext;
  readonly #plan: FlightPlan<V>;
  #abandon: () => void = () => {};
  #abandoned = false;
  #surrender: () => void = () => {};

  constructor(context: EngineContext, plan: FlightPlan<V>) {
    this.#context = context;
    this.#plan = plan;
    const abandoned = new Promise<Landing<V>>((resolve) => {
      this.#abandon = () => {
        this.#abandoned = true;
        resolve({ kind: 'abandoned' });
      };
    });
    this.#surrender = this.#abandon;
    this.own = this.#fly();
    this.landed = Promise.race([this.own, abandoned]);
  }

  /** Nobody waits for this load any longer, and its lease is free for others; its own caller still gets its result. */
  surrender(): void {
    if (!this.#abandoned) this.#surrender();
  }

  async #fly(): Promise<Exclude<Landing<V>, { kind: 'abandoned' }>> {
    const { fences } = this.#context;
    const fence = fences.open(this.#plan.key);
    try {
      return await this.#seek(fence);
    } catch (error) {
      return { kind: 'failed', error };
    } finally {
      fences.close(fence);
    }
  }

  async #seek(fence: Fence): Promise<Exclude<Landing<V>, { kind: 'abandoned' }>> {
    const { remote, clock } = this.#context;
    const { key, policy, patienceMs } = this.#plan;
    const startedAt = clock.now();
    const token = newToken();
    let waits = 0;
    const first = await look(this.#context, key, policy);
    let { membership } = first;
    let seen: Claim | Planting = first.seen;
    for (;;) {
      if (seen.kind === 'unreachable') return this.#kept() ?? this.#loadUnstored();
      if (membership === undefined) return this.#loadUnstored();
      const lease: Lease = { token, groups: membership.tokens };
      switch (seen.kind) {
        case 'claimed':
          return this.#loadUnderLease(lease, membership, fence);
        case 'entry': {
          const accepted = accept(this.#context, key, policy, seen.entry, membership, fence);
          if (accepted !== undefined) {
            policy.counters.l2Latency.record(clock.now() - startedAt);
            return {
              kind: 'value',
              value: accepted.value as V,
              source: waits === 0 ? 'l2' : 'awaited',
              loadedAt: 0,
              provenAt: seen.sentAt,
            };
          }
          if (this.#keepsStub() && this.#isOwnStub(seen.entry, membership)) {
            return this.#loadAgainst(seen.mark, membership);
          }
          seen = await remote.replace(key, seen.mark, lease);
          break;
        }
        case 'garbled':
          this.#context.emit('garbled-value', { key });
          seen = await remote.replace(key, seen.mark, lease);
          break;
        case 'absent':
          seen = this.#keepsStub() ? await this.#plant(membership) : await remote.claim(key, lease);
          break;
        case 'planted':
          return this.#loadAgainst(seen.mark, membership);
        case 'leased':
          if (!sameTokens(seen.tokens, membership.tokens)) {
            // What its holder loads is void already: something of its groups was invalidated since it began.
            seen = await remote.replace(key, seen.mark, lease);
            break;
          }
          if (clock.now() - startedAt >= patienceMs) return this.#loadUnstored();
          if (waits === 0) policy.counters.leaseWaits += 1;
          await this.#await(fence, waits);
          waits += 1;
          ({ seen, membership } = await look(this.#context, key, policy));
          break;
        case 'write-leased':
          return this.#loadUnstored();
        case 'foreign-type':
          this.#context.emit('foreign-value', { key });
          return this.#loadUnstored();
      }
    }
  }

  /** L2 is silent and the channel too: what L1 has may bridge a short outage (P34). */
  #kept(): Extract<Landing<V>, { kind: 'value' }> | undefined {
    const { shelf, times, order } = this.#context;
    const { key, policy } = this.#plan;
    if (!policy.inL1) return undefined;
    const entry = shelf.getDegraded(key, policy.version, times.degradedTtlMs);
    if (entry === undefined) return undefined;
    return { kind: 'value', value: entry.value as V, source: 'l1', loadedAt: 0, provenAt: order.next() };
  }

  #isOwnStub(entry: RemoteEntry, membership: Membership): boolean {
    return entry.version === this.#plan.policy.version && sameTokens(entry.tokens, membership.tokens);
  }

  /** This process holds the lease: load, and store by compare-and-set on it. */
  async #loadUnderLease(
    lease: Lease,
    membership: Membership,
    fence: Fence,
  ): Promise<Exclude<Landing<V>, { kind: 'abandoned' }>> {
    const { remote, background, codec, groups, memberships } = this.#context;
    const { key, policy } = this.#plan;
    const release = () => remote.release(key, lease);
    this.#surrender = () => {
      this.#abandon();
      background.run('release the lease of an abandoned load', release());
    };
    const loadedAt = this.#context.order.next();
    policy.counters.l2Misses += 1;
    let loaded: Loaded<V>;
    let wanted: boolean;
    try {
      loaded = await runLoad(
        this.#context,
        this.#plan.load,
        () => background.run('renew a lease', remote.renew(key, lease)),
        this.#surrender,
      );
      wanted = this.#wanted(loaded.value);
    } catch (error) {
      background.run('release the lease of a failed load', release());
      return { kind: 'failed', error };
    }
    const { costMs } = loaded;
    policy.counters.loadLatency.record(costMs);
    const value = this.#share(loaded.value);
    if (this.#abandoned) return this.#loadedValue(value, loadedAt, 0);

    const { l1Ms, l2Ms } = lifetimeOf(policy, value);
    const payload = wanted && l2Ms > 0 ? this.#payload(value) : undefined;
    if (payload === undefined) {
      const { result, sentAt } = await release();
      return this.#loadedValue(value, loadedAt, result === 'done' && !fence.voided ? sentAt : 0);
    }
    const entry = {
      ttlMs: l2Ms,
      costMs,
      version: policy.version,
      tokens: membership.tokens,
      serializer: payload.serializer,
      payload: payload.bytes,
    };
    groups.extend(membership.groups, l2Ms);
    const { result, sentAt } = await remote.fill(key, lease, entry);
    if (result !== 'done' || fence.voided || !(await memberships.confirm(key, membership))) {
      policy.counters.rejectedFills += 1;
      return this.#loadedValue(value, loadedAt, 0);
    }
    policy.counters.l2Sets += 1;
    this.#context.shelf.put(key, value, policy, membership, l1Ms, fence, () => codec.sizeOf(payload, value));
    return this.#loadedValue(value, loadedAt, sentAt);
  }

  /** The value lives in L1 alone, and L2 keeps a stub to tell of invalidations (P28). */
  #keepsStub(): boolean {
    return !this.#plan.policy.valueInL2 && this.#context.remote.present;
  }

  #plant({ tokens, groups }: Membership): Promise<Planting> {
    const { key, policy } = this.#plan;
    const { l2Ms } = policy.lifetime;
    this.#context.groups.extend(groups, l2Ms);
    const { serializer, bytes } = STUB_PAYLOAD;
    const stub = { ttlMs: l2Ms, costMs: 0, version: policy.version, tokens, serializer, payload: bytes };
    return this.#context.remote.plant(key, stub);
  }

  /** The stub stands from before the load: if it still does after it, nothing was invalidated, and L1 may keep the value. */
  async #loadAgainst(
    mark: Mark,
    membership: Membership,
  ): Promise<Exclude<Landing<V>, { kind: 'abandoned' }>> {
    const { remote, shelf, codec, memberships, fences } = this.#context;
    const { key, policy } = this.#plan;
    const { value, loadedAt } = await this.#load();
    if (!this.#wanted(value)) return this.#loadedValue(value, loadedAt, 0);
    // A fence of its own: the planting of the stub is heard as well, and must not count against what follows it.
    const fence = fences.open(key);
    try {
      const { result, sentAt } = await remote.confirm(key, mark);
      if (result !== 'done' || fence.voided || !(await memberships.confirm(key, membership))) {
        policy.counters.rejectedFills += 1;
        return this.#loadedValue(value, loadedAt, 0);
      }
      const ms = lifetimeOf(policy, value).l1Ms;
      shelf.put(key, value, policy, membership, ms, fence, () => codec.sizeOf(STUB_PAYLOAD, value));
      return this.#loadedValue(value, loadedAt, sentAt);
    } finally {
      fences.close(fence);
    }
  }

  /** Nothing can be stored (P39): the value is the caller's, and of those whose calls began before the load. */
  async #loadUnstored(): Promise<Exclude<Landing<V>, { kind: 'abandoned' }>> {
    const { value, loadedAt } = await this.#load();
    return this.#loadedValue(value, loadedAt, 0);
  }

  async #load(): Promise<{ readonly value: V; readonly loadedAt: number }> {
    const { counters } = this.#plan.policy;
    counters.l2Misses += 1;
    const loadedAt = this.#context.order.next();
    const { value, costMs } = await runLoad(this.#context, this.#plan.load, () => {}, this.#abandon);
    counters.loadLatency.record(costMs);
    return { value: this.#share(value), loadedAt };
  }

  /** Only what may end up shared is protected from its callers. */
  #share(value: V): V {
    return this.#plan.policy.inL1 ? this.#context.shelf.share(value) : value;
  }

  /** `undefined` is never stored, nor what the caller's `unless` excludes. */
  #wanted(value: V): boolean {
    return value !== undefined && this.#plan.storable(value);
  }

  #payload(value: V) {
    const { key, policy } = this.#plan;
    const { codec } = this.#context;
    if (policy.valueInL2) return codec.encode(key, value, policy.label);
    if (policy.serializable) codec.check(value, policy.label);
    return STUB_PAYLOAD;
  }

  #loadedValue(value: V, loadedAt: number, provenAt: number): Extract<Landing<V>, { kind: 'value' }> {
    return { kind: 'value', value, source: 'load', loadedAt, provenAt };
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
