/**
 * The platform as it is changed: every write is counted and, once its call has returned, made known to the verification
 * with all that it concerns. The list of what it concerns is written down here a second time on purpose: taken from the
 * decorators, it could not find what they forget.
 */
import type { Population } from '../database/data-set';
import type { Platform } from '../platform';
import type { Trade } from '../services/portfolio-service';
import type { Quote } from '../services/price-service';
import type { ProviderRating } from '../services/provider-service';
import type { Signal, SignalDraft } from '../services/signal-service';
import * as subject from './subjects';
import type { Verification } from './verification';

export class Writes {
  readonly counts = { published: 0, closed: 0, trades: 0, prices: 0, ratings: 0, profiles: 0 };

  constructor(
    private readonly platform: Platform,
    private readonly verification: Verification,
    private readonly followers: Population['followers'],
  ) {}

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  async publish(draft: SignalDraft): Promise<Signal> {
    const signal = await this.platform.signals.publish(draft);
    this.counts.published += 1;
    const feeds = (this.followers.get(signal.providerId) ?? []).map(subject.feedOf);
    this.verification.acknowledged(
      [...feeds, subject.signalOf(signal.id), ...standing(signal)],
      signal.revision,
    );
    return signal;
  }

  async close(id: string, exitPrice: number): Promise<void> {
    const signal = await this.platform.signals.close(id, exitPrice);
    this.counts.closed += 1;
    this.verification.acknowledged([subject.signalOf(id), ...standing(signal)], signal.revision);
  }

  async trade(userId: string, trade: Trade): Promise<void> {
    const { revision } = await this.platform.portfolios.execute(userId, trade);
    this.counts.trades += 1;
    this.verification.acknowledged([subject.portfolioOf(userId), subject.feedOf(userId)], revision);
  }

  async price(assetPair: string, quote: Quote): Promise<void> {
    const { revision } = await this.platform.prices.update(assetPair, quote);
    this.counts.prices += 1;
    this.verification.acknowledged([subject.priceOf(assetPair)], revision);
  }

  async rate(providerId: string, rating: ProviderRating): Promise<void> {
    const { revision } = await this.platform.providers.updateStats(providerId, rating);
    this.counts.ratings += 1;
    this.verification.acknowledged([subject.statsOf(providerId)], revision);
  }

  async describe(providerId: string, bio: string): Promise<void> {
    const { revision } = await this.platform.providers.updateBio(providerId, bio);
    this.counts.profiles += 1;
    this.verification.acknowledged([subject.profileOf(providerId)], revision);
  }
}

/** What a new or closed signal says of its provider. */
function standing({ providerId }: Signal): string[] {
  return [subject.activeSignalsOf(providerId), subject.statsOf(providerId), subject.LEADERBOARD];
}
