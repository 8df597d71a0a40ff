/** tiercel with its defaults, as a service would use it. */
import { createCache } from '../../../src/create';
import type { OpenCache } from '../cache-adapter';
import { tagOf } from '../workload';

export const open: OpenCache = async (settings) => {
  const { redisPort, clusterPorts, namespace, l1, patterns, tagged, ttlMs, degraded } = settings;
  const host = '127.0.0.1';
  const cache = createCache(
    {
      namespace,
      ...(l1 ? {} : { l1: false }),
      l2:
        clusterPorts.length === 0
          ? { host, port: redisPort }
          : { cluster: clusterPorts.map((port) => ({ host, port })) },
      coherence: degraded ? {} : { degradedTtl: 0 },
      patterns,
    },
    { default: false },
  );
  const options = { ttl: ttlMs / 1_000 };
  const unacknowledged = new Set<string>();
  cache.on('unacknowledged', ({ names }) => {
    for (const name of names) unacknowledged.add(name);
  });
  const told = async (name: string, run: () => Promise<unknown>): Promise<boolean> => {
    unacknowledged.delete(name);
    await run();
    return !unacknowledged.has(name);
  };
  await cache.ready();
  return {
    getOrLoad: (key, load) =>
      cache.getOrSet(key, load, tagged ? { ...options, tags: () => [tagOf(key)] } : options),
    invalidate: async (key) => (await cache.delete(key)).acknowledged,
    invalidateMany: async (keys) => (await cache.delete(...keys)).acknowledged,
    invalidateGroup: async (pattern) => (await cache.invalidate(pattern)).acknowledged,
    invalidateTag: async (tag) => (await cache.invalidate({ tags: [tag] })).acknowledged,
    put: (key, change) => told(key, () => cache.put(key, change, options)),
    around: (what, change) => told(what, () => cache.around([what], change)),
    defer: (key, change) =>
      told(key, () =>
        cache.defer(async () => {
          await cache.delete(key);
          await change();
        }),
      ),
    close: () => cache.close(),
  };
};
