/** The services of the platform over one database and one cache: the only place that makes them. */
import type { TiercelCache } from 'tiercel';
import type { Database } from './database/database';
import { FeedService } from './services/feed-service';
import { LeaderboardService } from './services/leaderboard-service';
import { PortfolioService } from './services/portfolio-service';
import { PriceService } from './services/price-service';
import { ProviderService } from './services/provider-service';
import { SignalService } from './services/signal-service';
import { FeedCacheStrategy } from './strategies/feed-cache-strategy';
import { PriceCacheStrategy } from './strategies/price-cache-strategy';
import { ProviderCacheStrategy } from './strategies/provider-cache-strategy';

export class Platform {
  readonly feeds: FeedService;
  readonly leaderboard: LeaderboardService;
  readonly portfolios: PortfolioService;
  readonly prices: PriceService;
  readonly providers: ProviderService;
  readonly signals: SignalService;

  constructor(database: Database, cache: TiercelCache) {
    this.feeds = new FeedService(database, new FeedCacheStrategy(cache));
    this.leaderboard = new LeaderboardService(database);
    this.portfolios = new PortfolioService(database);
    this.prices = new PriceService(database, new PriceCacheStrategy(cache));
    this.providers = new ProviderService(database, new ProviderCacheStrategy(cache));
    this.signals = new SignalService(database);
  }
}
