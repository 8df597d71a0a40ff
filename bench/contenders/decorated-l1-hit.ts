/** A decorated method whose value is in L1. */
import { createCache } from '../../src/create';
import type { Prepare } from '../contender';
import { expectHits, ProviderService } from '../provider-service';
import { idAt, providerIds } from '../workload';

export const prepare: Prepare = async (settings) => {
  const cache = createCache({ namespace: 'bench', l1: { maxSize: 10_000, defaultTTL: 300 } });
  const service = new ProviderService();
  const ids = providerIds(settings.ids);
  for (const id of ids) await service.stats(id);
  return {
    async run(times) {
      const loadsBefore = service.loads;
      let trades = 0;
      for (let step = 0; step < times; step += 1) trades += (await service.stats(idAt(ids, step))).trades;
      expectHits(times, service.loads - loadsBefore);
      return trades;
    },
    close: () => cache.close(),
  };
};
