/**
 * Decides who joins whom (join rule, P14). Callers of one key share one flight, under one condition: a caller takes a
 * result only if it was proven by a command sent after the call began, or loaded after it. Otherwise the caller reads
 * again, together with all who are in the same position. So any number of simultaneous callers cost at most two loads,
 * and nobody gets a value older than an invalidation that it saw acknowledged.
 *
 * A caller waits for a flight as long as that runs, which `load.max` bounds (P16). Only a caller that is inside a load
 * can be part of a cycle of waits. It waits for `load.wait` at a time, and then shares one more flight with others.
 * So does a call with a `timeout.hard`, once a flight has taken longer than that.
 */
import { withTimeout } from '../../contract/clock';
import type { MethodCounters } from '../entry/counters';
import type { CompiledPolicy } from '../entry/policy';
import { uncacheableKind } from '../entry/uncacheable';
import type { EngineContext } from '../runtime/context';
import { TransientMap } from '../validity/transient-map';
import { findOrLoad } from './find-or-load';
import { Flight } from './flight';
import type { FlightPlan, LoadPlan } from './flight-result';
import { Load } from './load';
import { loadTimeout } from './load-timeout';
import type { Refreshes } from './refreshes';
import { insideLoad } from './run-load';

export class Flights {
  readonly #context: EngineContext;
  readonly #refreshes: Refreshes;
  readonly #flights = new TransientMap<Flight<any>>();
  /** Of callers that have waited for a first flight for long enough. */
  readonly #overdue = new TransientMap<Flight<any>>();

  constructor(context: EngineContext, refreshes: Refreshes) {
    this.#context = context;
    this.#refreshes = refreshes;
  }

  get size(): number {
    return this.#flights.size + this.#overdue.size;
  }

  /** No lease outlives the cache that took it (P42), not even one whose command is still under way. */
  async close(): Promise<void> {
    const flights = [...this.#flights.values(), ...this.#overdue.values()];
    for (const flight of flights) flight.abandon(this.#context);
    await Promise.all(flights.map(({ leasing }) => leasing));
  }

  read<V>(request: LoadPlan<V> & Pick<FlightPlan<V>, 'waits'>): Promise<V> {
    const { order, times } = this.#context;
    const { hardMs = times.maxLoadMs } = request.policy.timeout;
    const began = order.next();
    const nested = insideLoad();
    const plan: FlightPlan<V> = {
      ...request,
      nested,
      patienceMs: nested ? times.loadWaitMs : Math.min(hardMs, times.maxLoadMs),
    };
    const name = flightName(plan.key, plan.policy);
    // Nearly always nobody else is there.
    return this.#flights.get(name) === undefined
      ? this.#lead(this.#flights, name, plan)
      : this.#join(name, plan, began);
  }

  async #join<V>(name: string, plan: FlightPlan<V>, began: number): Promise<V> {
    const { clock, l1, times } = this.#context;
    const { key, policy, nested } = plan;
    const { counters } = policy;
    const { hardMs } = policy.timeout;
    const startedAt = clock.now();
    let isRetry = false;
    let flights: TransientMap<Flight<V>> = this.#flights;
    let ownPlan = plan;
    for (;;) {
      const flight = flights.get(name);
      if (flight === undefined || flight.abandoned) return this.#lead(flights, name, ownPlan);
      if (!flight.shared) counters.stampedes += 1;
      plan.waits?.(true);
      const joined = flight.join();
      flight.awaitFrom(startedAt, hardMs);
      const waitMs = nested
        ? times.loadWaitMs
        : flights === this.#flights && hardMs !== undefined
          ? flight.startedAt + hardMs - clock.now()
          : undefined;
      const result = await (waitMs === undefined ? joined : withTimeout(clock, joined, waitMs));
      plan.waits?.(false);
      if (result?.kind === 'failed') {
        if (isRetry || !isAbort(result.error)) throw this.#failed(counters, result.error);
        // The first caller has aborted its load: those who joined load once more, together.
        isRetry = true;
        continue;
      }
      if (result?.kind === 'value' && uncacheableKind(result.value) !== undefined)
        return this.#loadAlone(plan);
      if (result?.kind === 'value' && (result.loadedAt > began || result.provenAt > began)) {
        counters.coalesced += 1;
        return l1.viewOf(result.value, policy);
      }
      const entry = policy.inL1 ? l1.get(key, policy.version, policy) : undefined;
      if (entry !== undefined) {
        counters.l1 += 1;
        return entry.value as V;
      }
      // The call was rejected by now: its load would be nobody's.
      if (hardMs !== undefined && clock.now() - startedAt > hardMs) {
        throw this.#failed(counters, loadTimeout(plan));
      }
      if (result !== undefined) continue;
      ownPlan = { ...plan, patienceMs: 0 };
      // A second flight may be part of a cycle as well: the next one takes its place.
      if (flights === this.#overdue && flights.get(name) === flight) {
        return this.#lead(flights, name, ownPlan);
      }
      flights = this.#overdue;
    }
  }

  #lead<V>(flights: TransientMap<Flight<V>>, name: string, plan: FlightPlan<V>): Promise<V> {
    const flight = new Flight<V>(plan.key);
    const { hardMs } = plan.policy.timeout;
    if (hardMs !== undefined) flight.awaitedUntil = this.#context.clock.now() + hardMs;
    flights.set(name, flight);
    return new Promise((resolve, reject) => {
      findOrLoad(this.#context, this.#refreshes, plan, flight, (result) => {
        // Nobody may join any more once somebody has learnt how it ended.
        if (flights.get(name) === flight) flights.delete(name);
        flight.end(this.#context);
        flight.tell(result);
        const { counters } = plan.policy;
        if (result.kind === 'failed') {
          reject(this.#failed(counters, result.error));
          return;
        }
        const others = flights === this.#flights ? this.#overdue : this.#flights;
        // They wait for another load, and take the first result that they may.
        if (others.size > 0) others.get(name)?.tell(result);
        counters[OUTCOMES[result.source]] += 1;
        const { value } = result;
        resolve(flight.shared ? this.#context.l1.viewOf(value, plan.policy) : value);
      });
    });
  }

  #failed(counters: MethodCounters, error: unknown): unknown {
    counters.failed += 1;
    return error;
  }

  /** The flight's result can be read once, and belongs to its leader. */
  async #loadAlone<V>(plan: FlightPlan<V>): Promise<V> {
    const { counters } = plan.policy;
    try {
      const { value } = await new Load(this.#context, plan, new Flight<V>(plan.key)).alone();
      counters.loaded += 1;
      return value;
    } catch (error) {
      throw this.#failed(counters, error);
    }
  }
}

const OUTCOMES = { l1: 'l1', l2: 'l2', awaited: 'waited', stale: 'stale', load: 'loaded' } as const;

function isAbort(error: unknown): boolean {
  return (error as Partial<Error> | null | undefined)?.name === 'AbortError';
}

/**
 * Methods of different `version` under one key do not share values, hence no flights either; nor do those that revive what
 * L2 holds and those that do not. An exact read asks for more than one that relies on what is known here.
 */
function flightName(key: string, policy: CompiledPolicy): string {
  const { version, inL1 } = policy;
  const name = version === '' ? key : `${key}\n${version}`;
  return `${name}${policy.reshapes ? '\nrevived' : ''}${inL1 ? '' : '\n'}`;
}
