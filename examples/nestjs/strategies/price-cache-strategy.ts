/** How prices are cached. */
import { Injectable } from '@nestjs/common';
import type { TiercelCache } from '../../../src/index';
import { InjectCache } from '../../../src/nestjs/tiercel-module';
import type { Price } from '../market-data';

const OPTIONS = { ttl: 'prices', name: 'PriceCacheStrategy' } as const;

@Injectable()
export class PriceCacheStrategy {
  constructor(@InjectCache() private readonly cache: TiercelCache) {}

  getOrFetchPrice(assetPair: string, fetch: () => Promise<Price>): Promise<Price> {
    return this.cache.getOrSet(['price:<assetPair>', { assetPair }], fetch, OPTIONS);
  }
}
