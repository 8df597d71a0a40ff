/** How prices are cached. */
import { Injectable } from '@nestjs/common';
import type { Strategy, TiercelCache } from 'tiercel';
import { InjectCache } from 'tiercel/nestjs';
import type { Price } from '../market-data';

@Injectable()
export class PriceCacheStrategy {
  private readonly prices: Strategy<'price:<assetPair>', Price>;

  constructor(@InjectCache() cache: TiercelCache) {
    this.prices = cache.strategy({ key: 'price:<assetPair>', ttl: 'prices', name: 'PriceCacheStrategy' });
  }

  getOrFetchPrice(assetPair: string, fetch: () => Promise<Price>): Promise<Price> {
    return this.prices.getOrFetch({ assetPair }, fetch);
  }
}
