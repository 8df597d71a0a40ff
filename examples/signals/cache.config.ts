/**
 * Configures the cache of this platform: the sizes of the tiers, the address of Redis, how long each kind of data lives, and
 * what each event invalidates. Each method names its preset or event itself.
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
    // Real-time data
    prices: 60,
    signalFeed: 30,

    // Frequently accessed
    portfolio: 180,
    activeSignals: 180,

    // Moderate updates
    signalDetails: 300,
    leaderboard: 300,
    providerProfile: 300,

    // Stable data
    providerStats: 600,
    priceHistory: 600,
  },
  events: {
    // Both signal events also change the list of the provider's open signals, which a service reads and shows:
    // without `signals:active` a new signal would be missing there, and a closed one offered, for three minutes.
    'signal.created': [
      'feed:*',
      'provider:<providerId>:stats',
      'leaderboard:top',
      'signals:active:<providerId>',
    ],
    'signal.closed': [
      'signal:<id>',
      'provider:<providerId>:stats',
      'leaderboard:top',
      'signals:active:<providerId>',
    ],
    'trade.executed': ['feed:<userId>:*', 'portfolio:<userId>'],
    'price.updated': ['price:<assetPair>'],
  },
  monitoring: {
    hitRateThreshold: 80,
    alertOnLowHitRate: true,
    invalidationRateThreshold: 5_000, // prices alone change 1,500 times a minute
  },
});
