/** The application: its services, their strategies, and the cache with its endpoints at `/cache`. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TiercelModule } from 'tiercel/nestjs';
import { cacheConfig } from './cache.config';
import { LoopbackGuard } from './loopback-guard';
import { MarketData } from './market-data';
import { PlatformController } from './platform-controller';
import { FeedService } from './services/feed-service';
import { PriceService } from './services/price-service';
import { ProviderService } from './services/provider-service';
import { FeedCacheStrategy } from './strategies/feed-cache-strategy';
import { PriceCacheStrategy } from './strategies/price-cache-strategy';
import { ProviderCacheStrategy } from './strategies/provider-cache-strategy';

export interface Surroundings {
  /** Of this run alone: it may use somebody else's Redis. */
  readonly namespace: string;
  readonly redisUrl: string | undefined;
  /** What changing the cache takes. */
  readonly token: string;
}

@Module({
  controllers: [PlatformController],
  providers: [
    MarketData,
    FeedCacheStrategy,
    ProviderCacheStrategy,
    PriceCacheStrategy,
    FeedService,
    ProviderService,
    PriceService,
  ],
})
export class AppModule {
  static in({ namespace, redisUrl, token }: Surroundings): DynamicModule {
    // The scenario counts queries. On a busy machine Redis answers late, and what is late would be a query.
    const patience = { deadline: '400ms', socketTimeout: '2s' } as const;
    const l2 = { url: redisUrl, defaultTTL: cacheConfig.l2.defaultTTL, ...patience };
    // Reading is open here: the guard lets in only this machine.
    const http = { path: 'cache', token, protectReads: false, guards: [LoopbackGuard] };
    return {
      module: AppModule,
      imports: [TiercelModule.forRoot({ ...cacheConfig, namespace, l2 }, { http })],
    };
  }
}
