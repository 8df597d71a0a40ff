/** What an entry of L1 takes besides its key and value, how that grows, and the promises of a hit. */
import { createHook } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';
import { createCache } from '../../src/create';
import { type Figure, figureOf, type Measure } from '../contender';
import { turns } from '../slices';
import { newCache, ProviderService } from '../workload';

const ENTRIES = 100_000;
const SMALL = 1_000;
const LARGE = 1_000_000;
const CALLS = 1_000;

export const measure: Measure = async () => ({
  'promises per decorated L1 hit': await promisesPerHit(),
  'bytes of an L1 entry': {
    value: await bytesPerEntry([]),
    note: `lru-cache alone: ${lruBytes().toFixed(0)}`,
  },
  'the same, with a group of its own': { value: await bytesPerEntry(['provider:<id>:*']) },
  'L1 hit with 1,000,000 entries : with 1,000': await growth(),
});

function heapBytes(): number {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new Error('to be run with --expose-gc');
  for (let time = 0; time < 4; time += 1) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function flatKeys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`provider:${index}:stats`).toString());
}

async function bytesPerEntry(patterns: readonly string[]): Promise<number> {
  const cache = createCache(
    { namespace: `bytes${patterns.length}`, protect: 'none', patterns, l1: { maxSize: ENTRIES } },
    { default: false },
  );
  const keys = flatKeys(ENTRIES);
  const values = keys.map((_, index) => ({ index }));
  const before = heapBytes();
  for (const [index, key] of keys.entries()) {
    await cache.getOrSet(key, () => values[index], { ttl: 3_600 });
    if (index % SMALL === 0) await turns();
  }
  await turns();
  const bytes = (heapBytes() - before) / ENTRIES;
  if (cache.peek(keys[0]!) === undefined || values.length !== ENTRIES) throw new Error('not in L1');
  await cache.close();
  return bytes;
}

function lruBytes(): number {
  const keys = flatKeys(ENTRIES);
  const values = keys.map((_, index) => ({ index }));
  const before = heapBytes();
  const lru = new LRUCache<string, object>({ max: ENTRIES });
  for (const [index, key] of keys.entries()) lru.set(key, values[index]!);
  const bytes = (heapBytes() - before) / ENTRIES;
  if (lru.size !== ENTRIES || values.length !== ENTRIES) throw new Error('not in the cache');
  return bytes;
}

async function promisesPerHit(): Promise<Figure> {
  const cache = await newCache({ redisPort: 0 });
  const service = new ProviderService();
  await service.stats('1');
  let promises = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises += 1;
    },
  }).enable();
  for (let call = 0; call < CALLS; call += 1) void service.stats('1');
  hook.disable();
  await cache.close();
  return { value: promises / CALLS };
}

async function growth(): Promise<Figure> {
  const small = await nsPerHit(SMALL);
  const large = await nsPerHit(LARGE);
  return {
    value: large.value / small.value,
    note: `${small.value.toFixed(0)} ns and ${large.value.toFixed(0)} ns`,
  };
}

/** Of keys drawn at random: what grows is the number of processor caches that do not have them. */
async function nsPerHit(count: number): Promise<Figure> {
  const cache = createCache(
    { namespace: `growth${count}`, protect: 'none', l1: { maxSize: count } },
    { default: false },
  );
  const keys = flatKeys(count);
  for (const [index, key] of keys.entries()) {
    await cache.set(key, 1, { ttl: 3_600 });
    if (index % SMALL === 0) await turns();
  }
  const times: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    await turns();
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) await cache.get(keys[Math.floor(Math.random() * count)]!);
    const { user, system } = process.cpuUsage(before);
    if (round >= 20) times.push(((user + system) * 1_000) / CALLS);
  }
  await cache.close();
  return figureOf(times);
}
