/** A decorated method whose value is in Redis, and not in L1, which is too small for it. The generation keys are known. */
import { createCache } from '../../src/create';
import type { Prepare } from '../contender';
import { expectHits, ProviderService } from '../provider-service';
import { idAt, providerIds } from '../workload';

export const prepare: Prepare = async ({ redisPort, concurrency, ids: kind }) => {
  const l2 = { host: '127.0.0.1', port: redisPort };
  const cache = createCache({ namespace: 'bench', l1: { maxSize: 1 }, l2 });
  await cache.ready();
  const service = new ProviderService();
  const ids = providerIds(kind);
  for (const id of ids) await service.stats(id);
  return {
    async run(times) {
      const loadsBefore = service.loads;
      let trades = 0;
      for (let step = 0; step < times; step += concurrency) {
        const reads = Array.from({ length: concurrency }, (_, index) =>
          service.stats(idAt(ids, step + index)),
        );
        for (const stats of await Promise.all(reads)) trades += stats.trades;
      }
      expectHits(times, service.loads - loadsBefore);
      return trades;
    },
    close: () => cache.close(),
  };
};
