/** How providers' statistics are cached; what changes them is written through. */
import type { Strategy, TiercelCache } from 'tiercel';
import type { ProviderStats } from '../services/provider-service';

export class ProviderCacheStrategy {
  readonly entries: Strategy<'provider:<id>:stats', ProviderStats>;

  constructor(cache: TiercelCache) {
    this.entries = cache.strategy({
      key: 'provider:<id>:stats',
      ttl: 'providerStats',
      name: 'ProviderCacheStrategy',
    });
  }

  getOrFetchStats(providerId: string, fetch: () => Promise<ProviderStats>): Promise<ProviderStats> {
    return this.entries.getOrFetch({ id: providerId }, fetch);
  }

  /** Stores what `write` returns, unless somebody has written or invalidated it meanwhile. */
  writeStats(providerId: string, write: () => Promise<ProviderStats>): Promise<ProviderStats> {
    return this.entries.put({ id: providerId }, write);
  }
}
