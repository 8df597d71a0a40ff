/** `cache.peek` of keys that are in L1. */
import { createCache } from '../../src/create';
import type { Prepare } from '../contender';
import { idAt, providerIds, type Stats, statsOf } from '../workload';

export const prepare: Prepare = async (settings) => {
  const cache = createCache({ namespace: 'bench', l1: { maxSize: 10_000, defaultTTL: 300 } });
  const keys = providerIds(settings.ids).map((id) => `provider:${id}:stats`);
  for (const key of keys) await cache.set(key, statsOf(key), { ttl: 300 });
  return {
    run(times) {
      let trades = 0;
      for (let step = 0; step < times; step += 1) trades += cache.peek<Stats>(idAt(keys, step))!.trades;
      return trades;
    },
    close: () => cache.close(),
  };
};
