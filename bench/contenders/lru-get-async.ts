/** What people write by hand: an async method around an lru-cache with a TTL. */
import { LRUCache } from 'lru-cache';
import type { Prepare } from '../contender';
import { idAt, providerIds, type Stats, statsOf } from '../workload';

class HandWritten {
  readonly lru = new LRUCache<string, Stats>({ max: 10_000, ttl: 300_000 });

  async stats(id: string): Promise<Stats> {
    return this.lru.get(`provider:${id}:stats`)!;
  }
}

export const prepare: Prepare = async (settings) => {
  const service = new HandWritten();
  const ids = providerIds(settings.ids);
  for (const id of ids) service.lru.set(`provider:${id}:stats`, statsOf(id));
  return {
    async run(times) {
      let trades = 0;
      for (let step = 0; step < times; step += 1) trades += (await service.stats(idAt(ids, step))).trades;
      return trades;
    },
    close: async () => {},
  };
};
