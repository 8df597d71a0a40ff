/** How feeds are cached: under which key, and for how long. The service decides what a feed is. */
import { Injectable } from '@nestjs/common';
import type { Strategy, TiercelCache } from 'tiercel';
import { InjectCache } from 'tiercel/nestjs';
import type { FeedItem } from '../market-data';

type Feed = readonly FeedItem[];

@Injectable()
export class FeedCacheStrategy {
  private readonly feeds: Strategy<'feed:<userId>:<cursor?>', Feed>;

  constructor(@InjectCache() cache: TiercelCache) {
    this.feeds = cache.strategy({
      key: 'feed:<userId>:<cursor?>',
      ttl: 'signalFeed',
      name: 'FeedCacheStrategy',
    });
  }

  getOrFetchFeed(userId: string, cursor: string | undefined, fetch: () => Promise<Feed>): Promise<Feed> {
    return this.feeds.getOrFetch({ userId, cursor }, fetch);
  }

  getUserFeed(userId: string, cursor?: string): Promise<Feed | undefined> {
    return this.feeds.get({ userId, cursor });
  }

  setUserFeed(userId: string, cursor: string | undefined, feed: Feed): Promise<boolean> {
    return this.feeds.set({ userId, cursor }, feed);
  }
}
