/**
 * The report's benchmark: reads and writes of L1 alone, one after the other. What is measured here does more than the report's
 * `Map` did: it counts, and `get` and `set` are asynchronous, as they may go to Redis. Times are the machine's: shown, not judged.
 */
import { createCache } from 'tiercel';
import { cacheConfig } from '../cache.config';
import { CacheKeys } from '../cache-keys';
import { machineTime } from '../fleet/machine-time';
import type { Presentation } from '../presentation';

/** The defaults under `NODE_ENV=production`. */
const IN_PRODUCTION = { protect: 'none', warnRoundTrip: false } as const;
const KEYS = 1_000;
const OPERATIONS = 20_000;
/** The best one counts: compilation and other processes slow down the rest. */
const ROUNDS = 8;

export async function showBenchmark(presentation: Presentation): Promise<void> {
  const cache = createCache(
    { ...cacheConfig, ...IN_PRODUCTION, namespace: `${cacheConfig.namespace}-benchmark`, l2: false },
    { default: false },
  );
  const keys = Array.from({ length: KEYS }, (_, index) => CacheKeys.userVault(`${index}`));
  const keyOf = (operation: number): string => keys[operation % KEYS]!;
  const vault = { coins: 1_000 };
  const load = (): never => {
    throw new Error('L1 has it.');
  };
  const set = await bestMs(async () => {
    for (let operation = 0; operation < OPERATIONS; operation += 1) await cache.set(keyOf(operation), vault);
  });
  const get = await bestMs(async () => {
    for (let operation = 0; operation < OPERATIONS; operation += 1)
      await cache.getOrSet(keyOf(operation), load);
  });
  const peek = await bestMs(async () => {
    for (let operation = 0; operation < OPERATIONS; operation += 1) cache.peek(keyOf(operation));
  });
  await cache.close();

  presentation.heading(`Benchmark: L1 alone, one operation after the other, the best of ${ROUNDS} rounds`);
  presentation.table(
    ['', 'Target', 'Report', 'Here'],
    [
      ['L1 read latency, getOrSet', '< 1 ms', '0.71 µs', microseconds(get)],
      ['L1 read latency, peek', '< 1 ms', '0.71 µs', microseconds(peek)],
      ['L1 write throughput, set', '> 100k ops/s', '1,058,913 ops/s', perSecond(set)],
    ],
  );
}

/** Milliseconds for one operation. */
async function bestMs(round: () => Promise<void>): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < ROUNDS; index += 1) {
    const startedAt = machineTime();
    await round();
    bestMs = Math.min(bestMs, machineTime() - startedAt);
  }
  return bestMs / OPERATIONS;
}

function microseconds(valueMs: number): string {
  return `${(valueMs * 1_000).toFixed(2)} µs`;
}

function perSecond(valueMs: number): string {
  return `${Math.round(1_000 / valueMs).toLocaleString('en-US')} ops/s`;
}
