/** How providers' statistics are cached; what changes them is written through. */
import { Injectable } from '@nestjs/common';
import type { Strategy, TiercelCache } from 'tiercel';
import { InjectCache } from 'tiercel/nestjs';
import type { Stats } from '../market-data';

@Injectable()
export class ProviderCacheStrategy {
  private readonly providers: Strategy<'provider:<id>:stats', Stats>;

  constructor(@InjectCache() cache: TiercelCache) {
    this.providers = cache.strategy({
      key: 'provider:<id>:stats',
      ttl: 'providerStats',
      name: 'ProviderCacheStrategy',
    });
  }

  getOrFetchStats(id: string, fetch: () => Promise<Stats>): Promise<Stats> {
    return this.providers.getOrFetch({ id }, fetch);
  }

  /** Stores what `write` returns, unless somebody has written or invalidated it meanwhile. */
  writeStats(id: string, write: () => Promise<Stats>): Promise<Stats> {
    return this.providers.put({ id }, write);
  }
}
