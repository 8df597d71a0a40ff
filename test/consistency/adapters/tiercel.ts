/** tiercel with its defaults, as a service would use it. */
import { createCache } from '../../../src/create';
import type { OpenCache } from '../cache-adapter';

export const open: OpenCache = async (settings) => {
  const { redisPort, clusterPorts, namespace, l1, patterns, ttlMs, degraded } = settings;
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
  await cache.ready();
  return {
    getOrLoad: (key, load) => cache.getOrSet(key, load, options),
    invalidate: async (key) => (await cache.delete(key)).acknowledged,
    invalidateGroup: async (pattern) => (await cache.invalidate(pattern)).acknowledged,
    put: async (key, change) => {
      unacknowledged.delete(key);
      await cache.put(key, change, options);
      return !unacknowledged.has(key);
    },
    close: () => cache.close(),
  };
};
