/**
 * The one file that says how this platform caches: sizes of the tiers, where Redis is, and how long each kind of data
 * lives. Which method uses which preset is said where the method is.
 */
// An application imports from 'tiercel'. This one lives in the package's own checkout, where that name needs a build.
import { defineCacheConfig } from '../../src/index';

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
  monitoring: {
    hitRateThreshold: 80,
    alertOnLowHitRate: true,
  },
});
