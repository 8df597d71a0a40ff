/** How feeds are cached: under which key, and for how long. The service decides what a feed is. */
import type { Strategy, TiercelCache } from 'tiercel';
import type { FeedPage } from '../services/feed-service';

export class FeedCacheStrategy {
  readonly entries: Strategy<'feed:<userId>:<cursor?>', FeedPage>;

  constructor(cache: TiercelCache) {
    this.entries = cache.strategy({
      key: 'feed:<userId>:<cursor?>',
      ttl: 'signalFeed',
      name: 'FeedCacheStrategy',
    });
  }

  getOrFetchFeed(
    userId: string,
    cursor: string | undefined,
    fetch: () => Promise<FeedPage>,
  ): Promise<FeedPage> {
    return this.entries.getOrFetch({ userId, cursor }, fetch);
  }

  getUserFeed(userId: string, cursor?: string): Promise<FeedPage | undefined> {
    return this.entries.get({ userId, cursor });
  }

  setUserFeed(userId: string, cursor: string | undefined, feed: FeedPage): Promise<boolean> {
    return this.entries.set({ userId, cursor }, feed);
  }
}
