/**
 * Who joins whom (P14). Callers of one key share one flight, under one condition: a caller takes a result only if it
 * was proven by a command sent after his call began, or loaded after it. Otherwise he flies again, together with all
 * who were in the same position; so any number of simultaneous callers cost at most two loads, and nobody gets a value
 * older than an invalidation that he saw acknowledged. All waiting is bounded, by twice the lock wait (P16).
 */
import type { EngineContext } from './context';
import { Flight } from './flight';
import type { FlightPlan, OwnLanding } from './landing';
import { insideLoad } from './loading';
import { TransientMap } from './transient-map';

export class Flights {
  readonly #context: EngineContext;
  readonly #flights = new TransientMap<Flight<any>>();
  /** Of callers whose patience with a first flight has ended: they share one more before each loads for himself. */
  readonly #overdue = new TransientMap<Flight<any>>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#flights.size + this.#overdue.size;
  }

  /** At the end: no lease may outlive the cache that took it. */
  abandon(): void {
    for (const flight of [...this.#flights.values(), ...this.#overdue.values()]) flight.abandon();
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
    flights: TransientMap<Flight<V>>,
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
      plan.waits?.(true);
      const landing = await this.#within(flight.join(), dueAt);
      plan.waits?.(false);
      if (landing === undefined) return undefined;
      if (landing.kind === 'failed') {
        counters.failed += 1;
        throw landing.error;
      }
      if (landing.kind === 'value' && (landing.loadedAt > began || landing.provenAt > began)) {
        counters.coalesced += 1;
        return { value: this.#context.shelf.part(landing.value) };
      }
    }
  }

  async #lead<V>(
    flights: TransientMap<Flight<V>>,
    name: string,
    plan: FlightPlan<V>,
  ): Promise<{ readonly value: V }> {
    const flight: Flight<V> = new Flight(this.#context, plan, () => flights.delete(name));
    flights.set(name, flight);
    const { value } = this.#count(await flight.own, plan);
    return { value: flight.shared ? this.#context.shelf.part(value) : value };
  }

  async #alone<V>(plan: FlightPlan<V>): Promise<{ readonly value: V }> {
    return this.#count(await new Flight(this.#context, plan, nothing).own, plan);
  }

  #count<V>(landing: OwnLanding<V>, { policy: { counters } }: FlightPlan<V>): { readonly value: V } {
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

const nothing = (): void => {};

/** Methods of different `version` under one key do not share values, hence no flights either. */
function flightName(key: string, version: string): string {
  return version === '' ? key : `${key}\n${version}`;
}
