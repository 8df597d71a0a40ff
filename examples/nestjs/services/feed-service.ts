/** The feeds of users, and the signals that stand in them. A write says what has happened, not what that makes stale. */
import { Injectable } from '@nestjs/common';
import { CacheInvalidate } from 'tiercel';
import { type FeedItem, MarketData } from '../market-data';
import { FeedCacheStrategy } from '../strategies/feed-cache-strategy';

@Injectable()
export class FeedService {
  constructor(
    private readonly feedCache: FeedCacheStrategy,
    private readonly data: MarketData,
  ) {}

  async getUserFeed(userId: string, cursor?: string): Promise<readonly FeedItem[]> {
    return this.feedCache.getOrFetchFeed(userId, cursor, () => this.data.feed(userId, cursor));
  }

  @CacheInvalidate({ event: 'signal.created' })
  async publish(providerId: string): Promise<FeedItem> {
    return this.data.addSignal(providerId);
  }

  @CacheInvalidate({ event: 'trade.executed' })
  async copySignal(userId: string, signalId: number): Promise<{ userId: string; signalId: number }> {
    return { userId, signalId };
  }
}
