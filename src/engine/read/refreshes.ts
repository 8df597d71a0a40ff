/**
 * Refreshing without waiting (P20): an entry that is about to expire, or has expired and may still be served, is loaded
 * in the background. One refresh of a key runs in the process, and by an advisory lock one in all processes; a
 * failed one holds the lock for a second. What it stores is fenced like any load: a compare-and-set on the entry that it
 * refreshes, under generations from before the load. An entry that was invalidated is never refreshed, nor served.
 */
import type { CasWitness } from '../../contract/l2';
import { isDue } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import { lockNameOf } from '../validity/generation-keys';
import type { Snapshot } from '../validity/snapshots';
import { Flight } from './flight';
import type { FlightValue, LoadPlan } from './flight-result';
import { Load } from './load';
import type { Stale } from './load-scope';
import { heldByTags, readL2 } from './read-l2';
import { staleInL1, staleInL2 } from './stale';
import { isValid, usableEntry } from './usable-entry';

/** For how long nobody tries again after a failure, or after another process was found at it. */
const PAUSE_MS = 1_000;
/** Pauses that are remembered; beyond that all are forgotten, which costs commands and nothing else. */
const MAX_PAUSES = 10_000;

/** Undefined: nothing new is stored. */
export type Refreshed<V> = Promise<FlightValue<V> | undefined>;

/** What is refreshed: the entry that stands in L2 or, without an L2, what L1 has. */
interface Refreshable {
  readonly kind: 'refreshable';
  readonly snapshot: Snapshot;
  readonly witness: CasWitness;
  readonly stale: Stale | undefined;
}

const IN_L1_ALONE: CasWitness = { prefix: '', length: undefined };

export class Refreshes {
  readonly #context: EngineContext;
  readonly #running = new Map<string, Refreshed<any>>();
  readonly #loading = new Set<Flight<any>>();
  readonly #pausedUntil = new Map<string, number>();
  #closed = false;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Begins one unless it is running already, here or elsewhere. Never rejects, and nobody has to wait for it. */
  begin<V>(plan: LoadPlan<V>): Refreshed<V> {
    const { key, policy } = plan;
    const name = policy.version === '' ? key : `${key}\n${policy.version}`;
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    if (this.#closed || this.#isPaused(key)) return Promise.resolve(undefined);
    const refresh = this.#run(plan)
      .catch((error: unknown) => {
        this.#pause(key);
        this.#context.emit('error', { operation: 'refresh', key, error });
        return undefined;
      })
      .finally(() => this.#running.delete(name));
    this.#running.set(name, refresh);
    return refresh;
  }

  /** What is still being loaded is not stored. */
  close(): void {
    this.#closed = true;
    for (const flight of this.#loading) flight.abandon(this.#context);
  }

  async #run<V>(plan: LoadPlan<V>): Refreshed<V> {
    const { fences, l2, times } = this.#context;
    const lock = lockNameOf(plan.key);
    const fence = fences.open(plan.key);
    try {
      const found = await this.#find(plan, fence);
      if (found?.kind !== 'refreshable') return found;
      if (!(await l2.lock(lock, times.leaseMs))) {
        this.#pause(plan.key);
        return undefined;
      }
      try {
        return await this.#load(plan, found, lock, fence);
      } catch (error) {
        await l2.holdLock(lock, PAUSE_MS);
        throw error;
      }
    } finally {
      fences.close(fence);
    }
  }

  /** Somebody else may have refreshed it already: then that is the result. Undefined where there is nothing to refresh. */
  async #find<V>(
    { key, policy, usesScope }: LoadPlan<V>,
    fence: Fence,
  ): Promise<Refreshable | FlightValue<V> | undefined> {
    const { l2, snapshots } = this.#context;
    if (!l2.present) {
      const snapshot = snapshots.known(key) ?? (await snapshots.read(key));
      const stale = usesScope ? staleInL1(this.#context, key, policy) : undefined;
      return snapshot && { kind: 'refreshable', snapshot, witness: IN_L1_ALONE, stale };
    }
    const { seen, snapshot } = await readL2(this.#context, key, policy);
    if (seen.kind !== 'entry' || snapshot === undefined) return undefined;
    const { entry, witness, sentAt } = seen;
    const held =
      entry.tags.length === 0 ? snapshot : await heldByTags(this.#context, policy, snapshot, entry);
    if (held === undefined || !isValid(policy, entry, held)) return undefined;
    const leftMs = entry.expiresAt - l2.now(key);
    if (leftMs <= 0 || isDue(policy, leftMs, entry.costMs)) {
      const stale = usesScope ? staleInL2(this.#context, key, policy, entry, held) : undefined;
      return { kind: 'refreshable', snapshot, witness, stale };
    }
    const usable = usableEntry(this.#context, key, policy, entry, held, fence);
    return (
      usable && {
        kind: 'value',
        value: usable.value as V,
        source: 'l2',
        loadedAt: 0,
        provenAt: sentAt,
      }
    );
  }

  async #load<V>(
    plan: LoadPlan<V>,
    { witness, snapshot, stale }: Refreshable,
    lock: string,
    fence: Fence,
  ): Refreshed<V> {
    const { l2, background, times } = this.#context;
    const flight = new Flight<V>(plan.key);
    // Whoever reads meanwhile may take what it gives.
    flight.shared = true;
    const renew = () => background.run('renew the lock of a refresh', l2.holdLock(lock, times.leaseMs));
    this.#loading.add(flight);
    try {
      const load = new Load(this.#context, plan, flight, stale);
      const loaded = await load.inPlaceOf(witness, snapshot, fence, renew);
      await l2.generations.remove(lock);
      return loaded.provenAt === 0 ? undefined : loaded;
    } finally {
      this.#loading.delete(flight);
    }
  }

  #isPaused(key: string): boolean {
    const until = this.#pausedUntil.get(key);
    if (until === undefined) return false;
    if (this.#context.clock.now() < until) return true;
    this.#pausedUntil.delete(key);
    return false;
  }

  #pause(key: string): void {
    if (this.#pausedUntil.size >= MAX_PAUSES) this.#pausedUntil.clear();
    this.#pausedUntil.set(key, this.#context.clock.now() + PAUSE_MS);
  }
}
