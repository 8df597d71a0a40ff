/**
 * Who joins whom (P14). Callers of one key share one flight, under one condition: a caller takes a result only if it
 * was proven by a command sent after his call began, or loaded after it. Otherwise he flies again, together with all
 * who were in the same position; so any number of simultaneous callers cost at most two loads, and nobody gets a value
 * older than an invalidation that he saw acknowledged. All waiting is bounded, by twice the lock wait (P16).
 */

import { withTimeout } from '../../contract/clock';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { TransientMap } from '../validity/transient-map';
import { findOrLoad } from './find-or-load';
import { Flight } from './flight';
import type { FlightPlan, LoadPlan, OwnResult } from './flight-result';
import type { Refreshes } from './refreshes';
import { insideLoad } from './run-load';

export class Flights {
  readonly #context: EngineContext;
  readonly #refreshes: Refreshes;
  readonly #flights = new TransientMap<Flight<any>>();
  /** Of callers whose patience with a first flight has ended: they share one more before each loads for himself. */
  readonly #overdue = new TransientMap<Flight<any>>();

  constructor(context: EngineContext, refreshes: Refreshes) {
    this.#context = context;
    this.#refreshes = refreshes;
  }

  get size(): number {
    return this.#flights.size + this.#overdue.size;
  }

  /** At the end: no lease may outlive the cache that took it. */
  abandon(): void {
    for (const flight of [...this.#flights.values(), ...this.#overdue.values()])
      flight.abandon(this.#context);
  }

  read<V>(request: LoadPlan<V> & Pick<FlightPlan<V>, 'waits'>): Promise<V> {
    const { order, times } = this.#context;
    const began = order.next();
    const patienceMs = insideLoad() ? times.nestedLockWaitMs : times.lockWaitMs;
    const plan: FlightPlan<V> = { ...request, patienceMs };
    const name = flightName(plan.key, plan.policy);
    // Nearly always nobody else is there.
    return this.#flights.get(name) === undefined
      ? this.#lead(this.#flights, name, plan)
      : this.#join(name, plan, began);
  }

  async #join<V>(name: string, plan: FlightPlan<V>, began: number): Promise<V> {
    const impatient = { ...plan, patienceMs: 0 };
    const shared =
      (await this.#take(this.#flights, name, plan, plan.patienceMs, began)) ??
      (await this.#take(this.#overdue, name, impatient, plan.patienceMs, began));
    return shared === undefined
      ? this.#count(await this.#fly(new Flight<V>(plan.key), impatient), plan)
      : shared.value;
  }

  /** The value in a box, or undefined when time is up. */
  async #take<V>(
    flights: TransientMap<Flight<V>>,
    name: string,
    plan: FlightPlan<V>,
    waitMs: number,
    began: number,
  ): Promise<{ readonly value: V } | undefined> {
    const { counters } = plan.policy;
    const dueAt = this.#context.clock.now() + waitMs;
    for (;;) {
      const flight = flights.get(name);
      if (flight === undefined || flight.abandoned) return { value: await this.#lead(flights, name, plan) };
      if (!flight.shared) counters.stampedes += 1;
      plan.waits?.(true);
      const result = await withTimeout(this.#context.clock, flight.join(), dueAt - this.#context.clock.now());
      plan.waits?.(false);
      if (result === undefined) return undefined;
      if (result.kind === 'failed') {
        counters.failed += 1;
        throw result.error;
      }
      if (result.kind === 'value' && (result.loadedAt > began || result.provenAt > began)) {
        counters.coalesced += 1;
        return { value: this.#context.l1.part(result.value) };
      }
    }
  }

  async #lead<V>(flights: TransientMap<Flight<V>>, name: string, plan: FlightPlan<V>): Promise<V> {
    const flight = new Flight<V>(plan.key);
    flights.set(name, flight);
    const result = await this.#fly(flight, plan);
    // Nobody may join any more once somebody has learnt how it ended.
    if (flights.get(name) === flight) flights.delete(name);
    flight.end(result);
    const value = this.#count(result, plan);
    return flight.shared ? this.#context.l1.part(value) : value;
  }

  #fly<V>(flight: Flight<V>, plan: FlightPlan<V>): Promise<OwnResult<V>> {
    return findOrLoad(this.#context, this.#refreshes, plan, flight);
  }

  #count<V>(result: OwnResult<V>, { policy: { counters } }: FlightPlan<V>): V {
    if (result.kind === 'failed') {
      counters.failed += 1;
      throw result.error;
    }
    if (result.source === 'l1') counters.l1 += 1;
    else if (result.source === 'l2') counters.l2 += 1;
    else if (result.source === 'awaited') counters.waited += 1;
    else if (result.source === 'stale') counters.stale += 1;
    else counters.loaded += 1;
    return result.value;
  }
}

/**
 * Methods of different `version` under one key do not share values, hence no flights either; and who bypasses L1 asks
 * for more than one who relies on what is known here.
 */
function flightName(key: string, { version, inL1 }: CompiledPolicy): string {
  const name = version === '' ? key : `${key}\n${version}`;
  return inL1 ? name : `${name}\n`;
}
