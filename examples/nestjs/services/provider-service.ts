/** The statistics of providers. */
import { Injectable } from '@nestjs/common';
import { MarketData, type Stats } from '../market-data';
import { ProviderCacheStrategy } from '../strategies/provider-cache-strategy';

@Injectable()
export class ProviderService {
  constructor(
    private readonly providerCache: ProviderCacheStrategy,
    private readonly data: MarketData,
  ) {}

  async getProviderStats(providerId: string): Promise<Stats> {
    return this.providerCache.getOrFetchStats(providerId, () => this.data.stats(providerId));
  }

  async updateProviderStats(providerId: string, winRate: number): Promise<Stats> {
    return this.providerCache.writeStats(providerId, () => this.data.setWinRate(providerId, winRate));
  }
}
