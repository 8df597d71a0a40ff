/** The platform as its visitors see it: every read is timed and verified. */
import type { Platform } from '../platform';
import type { FeedCursor } from '../services/feed-service';
import type { CallTimes } from './call-times';
import * as subject from './subjects';
import type { Revised, Verification } from './verification';

export class Reads {
  constructor(
    private readonly platform: Platform,
    private readonly verification: Verification,
    private readonly times: CallTimes,
  ) {}

  feed(userId: string, cursor?: FeedCursor) {
    return this.#read('FeedCacheStrategy', subject.feedOf(userId), () =>
      this.platform.feeds.page(userId, cursor),
    );
  }

  portfolio(userId: string) {
    return this.#read('PortfolioService.summary', subject.portfolioOf(userId), () =>
      this.platform.portfolios.summary(userId),
    );
  }

  leaderboard() {
    return this.#read('LeaderboardService.top', subject.LEADERBOARD, () => this.platform.leaderboard.top());
  }

  signal(id: string) {
    return this.#read('SignalService.detail', subject.signalOf(id), () => this.platform.signals.detail(id));
  }

  activeSignals(providerId: string) {
    return this.#read('SignalService.activeOf', subject.activeSignalsOf(providerId), () =>
      this.platform.signals.activeOf(providerId),
    );
  }

  stats(providerId: string) {
    return this.#read('ProviderCacheStrategy', subject.statsOf(providerId), () =>
      this.platform.providers.stats(providerId),
    );
  }

  profile(providerId: string) {
    return this.#read('ProviderService.profile', subject.profileOf(providerId), () =>
      this.platform.providers.profile(providerId),
    );
  }

  price(assetPair: string) {
    return this.#read('PriceCacheStrategy', subject.priceOf(assetPair), () =>
      this.platform.prices.current(assetPair),
    );
  }

  priceHistory(assetPair: string) {
    return this.#read('PriceService.history', subject.historyOf(assetPair), () =>
      this.platform.prices.history(assetPair),
    );
  }

  async #read<V extends Revised | null>(method: string, about: string, call: () => Promise<V>): Promise<V> {
    const begun = this.verification.begin(about);
    const startedAt = performance.now();
    const value = await call();
    this.times.record(method, performance.now() - startedAt);
    this.verification.check(begun, value);
    return value;
  }
}
