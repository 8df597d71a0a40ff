/** Writes and misses of a cache without Redis. */
import { HandWritten } from '../by-hand';
import { type Figure, figureOf, type Measure } from '../contender';
import { compare, inWidth, turns } from '../slices';
import { at, KEYS, newCache, statsOf } from '../workload';

const CPU = { time: 'cpu' } as const;
const value = statsOf('1');

export const measure: Measure = async () => {
  const cache = await newCache({ redisPort: 0 });
  const hand = new HandWritten();
  return {
    'set, without Redis': await compare(
      { run: inWidth(1, (step) => cache.set(at(KEYS, step), value, { ttl: 300 })) },
      { run: inWidth(1, (step) => hand.set(at(KEYS, step), value)) },
      CPU,
    ),
    'delete, without Redis': await compare(
      { run: inWidth(1, (step) => cache.delete(at(KEYS, step))) },
      { run: inWidth(1, (step) => hand.delete(at(KEYS, step))) },
      CPU,
    ),
    'a miss without Redis, besides its load': await missBesidesItsLoad(),
  };
};

const CALLS = 500;
const ROUNDS = 100;
const WARM_UP = 30;

async function missBesidesItsLoad(): Promise<Figure> {
  const cache = await newCache({ redisPort: 0 });
  const load = async () => value;
  let keys = 0;
  const miss = () => {
    keys += 1;
    return cache.getOrSet(`missed:${keys}`, load, { ttl: 300 });
  };
  const times: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const more = (await microsecondsOf(miss)) - (await microsecondsOf(load));
    if (round >= WARM_UP) times.push(more);
  }
  return figureOf(times);
}

async function microsecondsOf(call: () => Promise<unknown>): Promise<number> {
  await turns();
  const before = process.cpuUsage();
  for (let calls = 0; calls < CALLS; calls += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
