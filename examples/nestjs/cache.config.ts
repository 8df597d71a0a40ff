/**
 * Configures the cache of this application: the sizes of the tiers, how long each kind of data lives, and what each event
 * invalidates.
 */
import { defineCacheConfig } from 'tiercel';

export const cacheConfig = defineCacheConfig({
  namespace: 'signals',
  l1: {
    maxSize: 1000,
    defaultTTL: 300,
  },
  l2: {
    host: process.env['REDIS_HOST'],
    port: process.env['REDIS_PORT'],
    defaultTTL: 600,
  },
  ttl: {
    prices: 60,
    signalFeed: 30,
    portfolio: 180,
    leaderboard: 300,
    providerStats: 600,
  },
  events: {
    'signal.created': ['feed:*', 'provider:<providerId>:stats', 'leaderboard:top'],
    'trade.executed': ['feed:<userId>:*', 'portfolio:<userId>'],
    'price.updated': ['price:<assetPair>'],
  },
  monitoring: {
    hitRateThreshold: 80,
    alertOnLowHitRate: true,
  },
});
