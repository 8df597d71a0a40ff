/**
 * What alerts look at: each condition of a cache as a value against its threshold, with a margin that it must be better
 * by to count as good again. It judges one moment; `alerts.ts` decides what follows.
 */

import type { RemoteState } from '../../contract/l2';
import type { MemoryReport } from '../../contract/report';
import type { Reading } from './alerts';
import type { Coherence } from './observed-cache';
import { hitRateOf } from './statistics';
import { bothTiers, cachedCalls, ratio } from './tally';
import type { Period } from './windows';

export interface Thresholds {
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly alertOnLowHitRate: boolean;
  readonly responseTimeThresholdMs: number;
  /** Percent. */
  readonly memoryThreshold: number;
  /** Names per minute. */
  readonly invalidationRateThreshold: number;
  readonly minCalls: number;
  readonly stalenessBoundMs: number;
}

export interface Moment {
  readonly period: Period;
  readonly memory: MemoryReport;
  readonly l2: RemoteState;
  /** How long it has been down, in ms. */
  readonly l2DownMs: number;
  /** Its age is finite. */
  readonly coherence: Coherence;
}

/** Percentage points that a hit rate must be above its threshold. */
const HIT_RATE_MARGIN = 2;
/** The share of other thresholds that a value must stay below. */
const MARGIN = 0.9;
const MS_PER_MINUTE = 60_000;

export function readingsOf(moment: Moment, thresholds: Thresholds): Reading[] {
  return [
    ...hitRate(moment, thresholds),
    ...responseTimes(moment, thresholds),
    ...memory(moment, thresholds),
    invalidationRate(moment, thresholds),
    l2Down(moment),
    coherenceLost(moment, thresholds),
  ];
}

function hitRate(
  { period }: Moment,
  { alertOnLowHitRate, hitRateThreshold, minCalls }: Thresholds,
): Reading[] {
  const calls = cachedCalls(period.total);
  if (!alertOnLowHitRate || calls === 0) return [];
  const value = hitRateOf(bothTiers(period.total));
  const enough = calls >= minCalls;
  const good = value >= Math.min(100, hitRateThreshold + HIT_RATE_MARGIN);
  return [
    {
      type: 'hit-rate',
      subject: 'overall',
      value,
      threshold: hitRateThreshold,
      verdict: !enough ? 'unclear' : value < hitRateThreshold ? 'bad' : good ? 'good' : 'unclear',
      message: `Hit rate is ${value} %, the threshold ${hitRateThreshold} %`,
    },
  ];
}

function responseTimes({ period }: Moment, { responseTimeThresholdMs, minCalls }: Thresholds): Reading[] {
  return Array.from(period.methods, ([subject, { calls, ms }]) => {
    const value = Math.round(ratio(ms, calls));
    return {
      type: 'response-time',
      subject,
      value,
      threshold: responseTimeThresholdMs,
      verdict: calls < minCalls ? 'unclear' : above(value, responseTimeThresholdMs),
      message: `Calls of ${subject} take ${value} ms on average, the threshold is ${responseTimeThresholdMs} ms`,
    };
  });
}

function memory({ memory }: Moment, { memoryThreshold }: Thresholds): Reading[] {
  return (['l1', 'heap', 'redis'] as const).flatMap((subject): Reading[] => {
    const value = memory[subject]?.percent ?? null;
    if (value === null) return [];
    return [
      {
        type: 'memory',
        subject,
        value,
        threshold: memoryThreshold,
        verdict: above(value, memoryThreshold),
        message: `${MEMORY_NAMES[subject]} is ${value} % full, the threshold is ${memoryThreshold} %`,
      },
    ];
  });
}

const MEMORY_NAMES = { l1: 'L1', heap: "The process's heap", redis: 'Redis' } as const;

function invalidationRate({ period }: Moment, { invalidationRateThreshold }: Thresholds): Reading {
  const value = Math.round(ratio(period.total.invalidations * MS_PER_MINUTE, period.ms));
  return {
    type: 'invalidation-rate',
    subject: 'overall',
    value,
    threshold: invalidationRateThreshold,
    verdict: above(value, invalidationRateThreshold),
    message: `${value} keys and patterns are invalidated per minute, the threshold is ${invalidationRateThreshold}`,
  };
}

function l2Down({ l2, l2DownMs }: Moment): Reading {
  const isDown = l2.kind === 'down';
  return {
    type: 'l2-down',
    subject: 'redis',
    value: l2DownMs,
    threshold: 0,
    verdict: isDown ? 'bad' : 'good',
    message: isDown ? `Redis does not answer: ${l2.reason}` : 'Redis answers',
  };
}

/** A single late proof may be the event loop's doing. While Redis is down the channel must be, too: that is one alert. */
function coherenceLost({ l2, coherence }: Moment, { stalenessBoundMs }: Thresholds): Reading {
  const lost = l2.kind === 'ready' && coherence.ageMs > stalenessBoundMs;
  return {
    type: 'coherence-lost',
    subject: 'channel',
    value: Math.round(coherence.ageMs),
    threshold: stalenessBoundMs,
    verdict: lost ? 'bad' : 'good',
    message: lost
      ? 'Changes by other processes are not known to be heard, so L1 is not used'
      : 'Changes by other processes are heard',
    raisedBy: 2,
  };
}

function above(value: number, threshold: number): Reading['verdict'] {
  if (value > threshold) return 'bad';
  return value <= threshold * MARGIN ? 'good' : 'unclear';
}
