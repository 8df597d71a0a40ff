/**
 * Who joins whom (P14). Callers of one key share one flight, under one condition: a caller takes a result only if it
 * was proven by a command sent after his call began, or loaded after it. Otherwise he flies again, together with all
 * who were in the same position; so any number of simultaneous callers cost at most two loads, and nobody gets a value
 * older than an invalidation that he saw acknowledged. All waiting is bounded (P16).
 */
import type { EngineContext } from './context';
import { Flight, type FlightPlan, type Landing } from './flight';
import { insideLoad } from './loading';

export class Flights {
  readonly #context: EngineContext;
  readonly #flights = new Map<string, Flight<any>>();
  /** Of callers whose patience with a first flight has ended; they share, too, and wait no second time. */
  readonly #overdue = new Map<string, Flight<any>>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#flights.size + this.#overdue.size;
  }

  /** At the end: no lease may outlive the cache that took it. */
  surrender(): void {
    for (const flight of [...this.#flights.values(), ...this.#overdue.values()]) flight.surrender();
  }

  async read<V>(plan: Omit<FlightPlan<V>, 'patienceMs'>): Promise<V> {
    const { order, times, clock } = this.#context;
    const began = order.next();
    const patienceMs = insideLoad() ? times.nestedLockWaitMs : times.lockWaitMs;
    const dueAt = clock.now() + patienceMs;
    return (
      (await this.#take(this.#flights, { ...plan, patienceMs }, began, dueAt)) ??
      (await this.#take(this.#overdue, { ...plan, patienceMs: 0 }, began, clock.now() + patienceMs)) ??
      (await this.#alone({ ...plan, patienceMs: 0 }))
    ).value;
  }

  /** The value in a box, or undefined when time is up. */
  async #take<V>(
    flights: Map<string, Flight<V>>,
    plan: FlightPlan<V>,
    began: number,
    dueAt: number,
  ): Promise<{ readonly value: V } | undefined> {
    const { counters } = plan.policy;
    const name = flightName(plan.key, plan.policy.version);
    for (;;) {
      const flight = flights.get(name);
      if (flight === undefined) return this.#lead(flights, name, plan);
      if (!flight.shared) counters.stampedes += 1;
      flight.shared = true;
      plan.waits?.(true);
      const landing = await this.#within(flight.landed, dueAt);
      plan.waits?.(false);
      if (landing === undefined) return undefined;
      if (landing.kind === 'failed') {
        counters.failed += 1;
        throw landing.error;
      }
      if (landing.kind === 'value' && (landing.loadedAt > began || landing.provenAt > began)) {
        counters.coalesced += 1;
        return landing;
      }
    }
  }

  async #lead<V>(
    flights: Map<string, Flight<V>>,
    name: string,
    plan: FlightPlan<V>,
  ): Promise<{ readonly value: V }> {
    const flight = new Flight(this.#context, plan);
    flights.set(name, flight);
    // Before anybody who waits for it goes on: who joined and may not take the result must find the place free.
    const landed = (): void => {
      if (flights.get(name) === flight) flights.delete(name);
    };
    void flight.own.then(landed);
    void flight.landed.then(landed);
    return this.#count(await flight.own, plan);
  }

  async #alone<V>(plan: FlightPlan<V>): Promise<{ readonly value: V }> {
    return this.#count(await new Flight(this.#context, plan).own, plan);
  }

  #count<V>(
    landing: Exclude<Landing<V>, { kind: 'abandoned' }>,
    { policy: { counters } }: FlightPlan<V>,
  ): { readonly value: V } {
    if (landing.kind === 'failed') {
      counters.failed += 1;
      throw landing.error;
    }
    if (landing.source === 'l1') counters.l1 += 1;
    else if (landing.source === 'l2') counters.l2 += 1;
    else if (landing.source === 'awaited') counters.waited += 1;
    else counters.loaded += 1;
    return landing;
  }

  #within<T>(promise: Promise<T>, dueAt: number): Promise<T | undefined> {
    const { clock } = this.#context;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(undefined), Math.max(0, dueAt - clock.now()));
      void promise.then((value) => {
        clock.clearTimeout(timer);
        resolve(value);
      });
    });
  }
}

/** Methods of different `version` under one key do not share values, hence no flights either. */
function flightName(key: string, version: string): string {
  return version === '' ? key : `${key}\n${version}`;
}
