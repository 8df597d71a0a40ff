/**
 * The one file that says how this worker caches: a minute in memory, five in Redis, as its report has it. `IN_A_HURRY` is
 * for the demonstration, which cannot wait a minute for what a service looks at once a minute.
 */
// An application imports from 'tiercel'. This one lives in the package's own checkout, where that name needs a build.
import { defineCacheConfig } from '../../src/index';
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
  // On a busy machine Redis answers late, and what is late is loaded: the figures would tell of the machine.
  l2: { defaultTTL: cacheConfig.l2.defaultTTL, deadline: '400ms', socketTimeout: '2s' },
} as const;
