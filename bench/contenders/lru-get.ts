/** `get` of an lru-cache with a TTL, of keys that are in it. */
import { LRUCache } from 'lru-cache';
import type { Prepare } from '../contender';
import { idAt, providerIds, type Stats, statsOf } from '../workload';

export const prepare: Prepare = async (settings) => {
  const lru = new LRUCache<string, Stats>({ max: 10_000, ttl: 300_000 });
  const keys = providerIds(settings.ids).map((id) => `provider:${id}:stats`);
  for (const key of keys) lru.set(key, statsOf(key));
  return {
    run(times) {
      let trades = 0;
      for (let step = 0; step < times; step += 1) trades += lru.get(idAt(keys, step))!.trades;
      return trades;
    },
    close: async () => {},
  };
};
