/**
 * The traffic: visitors who read and sometimes trade, and the desks that publish, close, quote and rate. All run at the
 * same time until the run is stopped. What each does comes from the seed; how far it gets depends on the machine.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Population } from '../database/data-set';
import { Desks } from './desks';
import { Random, Zipf } from './random';
import type { Reads } from './reads';
import { Visitor } from './visitor';
import type { Writes } from './writes';

export interface Traffic {
  readonly population: Population;
  readonly reads: Reads;
  readonly writes: Writes;
  readonly seed: number;
  readonly visitors: number;
  /** Ends the traffic; what is under way is completed. */
  readonly stop: AbortSignal;
}

/** Visitors come one after the other, not all at the same instant. */
const BETWEEN_ARRIVALS_MS = 100;

export async function runTraffic({
  population,
  reads,
  writes,
  seed,
  visitors,
  stop,
}: Traffic): Promise<void> {
  const random = new Random(seed);
  const desks = new Desks(population, reads, writes, random, stop);
  const users = new Zipf(population.userIds.length, 1.3);
  const providers = new Zipf(population.providerIds.length, 0.9);
  const visiting = Array.from({ length: visitors }, async (_, index) => {
    const visitor = new Visitor(population, reads, writes, random.fork(`visitor ${index}`), {
      users,
      providers,
    });
    await pause(index * BETWEEN_ARRIVALS_MS);
    while (!stop.aborted) await visitor.visit();
  });
  await Promise.all([desks.work(), ...visiting]);
}
