/**
 * The report's benchmark: reads and writes of L1 alone, one after the other. What is measured here does more than the report's
 * `Map` did: it counts, and `get` and `set` are asynchronous, as they may go to Redis. Times are the machine's: shown, not judged.
 */
import { createCache } from '../../../src/index';
import { cacheConfig } from '../cache.config';
import { CacheKeys } from '../cache-keys';
import type { Presentation } from '../presentation';

/** The defaults under `NODE_ENV=production`. */
const IN_PRODUCTION = { protect: 'none', warnRoundTrip: false } as const;
const KEYS = 1_000;
const OPERATIONS = 100_000;
const NS_PER_MS = 1e6;

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
  const set = await meanMs((operation) => cache.set(keyOf(operation), vault));
  const get = await meanMs((operation) => cache.getOrSet(keyOf(operation), load));
  const startedAt = process.hrtime.bigint();
  for (let operation = 0; operation < OPERATIONS; operation += 1) cache.peek(keyOf(operation));
  const peek = Number(process.hrtime.bigint() - startedAt) / NS_PER_MS / OPERATIONS;
  await cache.close();

  presentation.heading(`Benchmark: L1 alone, ${OPERATIONS.toLocaleString('en-US')} operations each`);
  presentation.table(
    ['', 'Target', 'Report', 'Here'],
    [
      ['L1 read latency, getOrSet', '< 1 ms', '0.71 µs', microseconds(get)],
      ['L1 read latency, peek', '< 1 ms', '0.71 µs', microseconds(peek)],
      ['L1 write throughput, set', '> 100k ops/s', '1,058,913 ops/s', perSecond(set)],
    ],
  );
}

/** After a first round that warms it up. */
async function meanMs(operation: (index: number) => Promise<unknown>): Promise<number> {
  let tookMs = 0;
  for (let round = 0; round < 2; round += 1) {
    const startedAt = process.hrtime.bigint();
    for (let index = 0; index < OPERATIONS; index += 1) await operation(index);
    tookMs = Number(process.hrtime.bigint() - startedAt) / NS_PER_MS;
  }
  return tookMs / OPERATIONS;
}

function microseconds(valueMs: number): string {
  return `${(valueMs * 1_000).toFixed(2)} µs`;
}

function perSecond(valueMs: number): string {
  return `${Math.round(1_000 / valueMs).toLocaleString('en-US')} ops/s`;
}
