/** Prices of asset pairs. */
import { Injectable } from '@nestjs/common';
import { CacheInvalidate } from 'tiercel';
import { MarketData, type Price } from '../market-data';
import { PriceCacheStrategy } from '../strategies/price-cache-strategy';

@Injectable()
export class PriceService {
  constructor(
    private readonly priceCache: PriceCacheStrategy,
    private readonly data: MarketData,
  ) {}

  async getPrice(assetPair: string): Promise<Price> {
    return this.priceCache.getOrFetchPrice(assetPair, () => this.data.price(assetPair));
  }

  @CacheInvalidate({ event: 'price.updated' })
  async updatePrice(assetPair: string, price: number): Promise<Price> {
    return this.data.setPrice(assetPair, price);
  }
}
