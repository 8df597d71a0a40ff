/** The services of the platform over one database: the only place that makes them. */
import type { Database } from './database/database';
import { FeedService } from './services/feed-service';
import { LeaderboardService } from './services/leaderboard-service';
import { PortfolioService } from './services/portfolio-service';
import { PriceService } from './services/price-service';
import { ProviderService } from './services/provider-service';
import { SignalService } from './services/signal-service';

export class Platform {
  readonly feeds: FeedService;
  readonly leaderboard: LeaderboardService;
  readonly portfolios: PortfolioService;
  readonly prices: PriceService;
  readonly providers: ProviderService;
  readonly signals: SignalService;

  constructor(database: Database) {
    this.feeds = new FeedService(database);
    this.leaderboard = new LeaderboardService(database);
    this.portfolios = new PortfolioService(database);
    this.prices = new PriceService(database);
    this.providers = new ProviderService(database);
    this.signals = new SignalService(database);
  }
}
