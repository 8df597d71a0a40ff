/** How feeds are cached: under which key, and for how long. What a feed is, is the service's. */
import { Injectable } from '@nestjs/common';
import type { TiercelCache } from '../../../src/index';
import { InjectCache } from '../../../src/nestjs/tiercel-module';
import type { FeedItem } from '../market-data';

type Feed = readonly FeedItem[];

const OPTIONS = { ttl: 'signalFeed', name: 'FeedCacheStrategy' } as const;

@Injectable()
export class FeedCacheStrategy {
  constructor(@InjectCache() private readonly cache: TiercelCache) {}

  getOrFetchFeed(userId: string, cursor: string | undefined, fetch: () => Promise<Feed>): Promise<Feed> {
    return this.cache.getOrSet(key(userId, cursor), fetch, OPTIONS);
  }

  getUserFeed(userId: string, cursor?: string): Promise<Feed | undefined> {
    return this.cache.get<Feed>(key(userId, cursor));
  }

  setUserFeed(userId: string, cursor: string | undefined, feed: Feed): Promise<boolean> {
    return this.cache.set(key(userId, cursor), feed, { ttl: OPTIONS.ttl });
  }
}

function key(userId: string, cursor: string | undefined) {
  return ['feed:<userId>:<cursor?>', { userId, cursor }] as const;
}
