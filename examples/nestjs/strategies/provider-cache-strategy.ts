/** How providers' statistics are cached; what changes them is written through. */
import { Injectable } from '@nestjs/common';
import type { TiercelCache } from '../../../src/index';
import { InjectCache } from '../../../src/nestjs/tiercel-module';
import type { Stats } from '../market-data';

const OPTIONS = { ttl: 'providerStats', name: 'ProviderCacheStrategy' } as const;

@Injectable()
export class ProviderCacheStrategy {
  constructor(@InjectCache() private readonly cache: TiercelCache) {}

  getOrFetchStats(id: string, fetch: () => Promise<Stats>): Promise<Stats> {
    return this.cache.getOrSet(['provider:<id>:stats', { id }], fetch, OPTIONS);
  }

  /** Stores what `write` returns, unless somebody has written or invalidated it meanwhile. */
  writeStats(id: string, write: () => Promise<Stats>): Promise<Stats> {
    return this.cache.put(['provider:<id>:stats', { id }], write, OPTIONS);
  }
}
