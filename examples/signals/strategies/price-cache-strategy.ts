/** How current prices are cached. */
import type { Strategy, TiercelCache } from 'tiercel';
import type { Price } from '../services/price-service';

export class PriceCacheStrategy {
  readonly entries: Strategy<'price:<assetPair>', Price>;

  constructor(cache: TiercelCache) {
    this.entries = cache.strategy({ key: 'price:<assetPair>', ttl: 'prices', name: 'PriceCacheStrategy' });
  }

  getOrFetchPrice(assetPair: string, fetch: () => Promise<Price>): Promise<Price> {
    return this.entries.getOrFetch({ assetPair }, fetch);
  }
}
