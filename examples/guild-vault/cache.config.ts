/**
 * Configures the cache of a worker: a minute in memory, five in Redis, as the report says. `IN_A_HURRY` is
 * for the demonstration, which cannot wait a minute for what a service looks at once a minute.
 */
import { defineCacheConfig } from 'tiercel';
import { DECLARED_PATTERNS } from './cache-keys';

export const cacheConfig = defineCacheConfig({
  namespace: 'guild-vault',
  l1: {
    maxSize: 10_000,
    defaultTTL: 60,
    sweep: '30s',
  },
  l2: {
    host: process.env['REDIS_HOST'],
    port: process.env['REDIS_PORT'],
    defaultTTL: 300,
  },
  patterns: DECLARED_PATTERNS,
  coherence: {
    stalenessBound: '500ms',
    degradedTtl: '5s',
  },
  monitoring: {
    hitRateThreshold: 70,
    collectEvery: '60s',
    invalidationRateThreshold: 1_000, // names per minute
    history: 1_000,
  },
});

export const IN_A_HURRY = {
  monitoring: { ...cacheConfig.monitoring, collectEvery: '1s', evaluateEvery: '1s', alertWindow: '2s' },
  // A busy machine makes Redis answer late, and late answers are loaded instead: the figures would show the machine.
  l2: { defaultTTL: cacheConfig.l2.defaultTTL, deadline: '400ms', socketTimeout: '2s' },
} as const;
