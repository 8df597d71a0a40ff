/**
 * What alerts look at: each condition of a cache as a value against its threshold, with the margin by which it must be
 * better to count as good again. It judges one moment; `alerts.ts` decides what follows.
 */

import type { RemoteState } from '../../contract/l2';
import type { MemoryReport } from '../../contract/report';
import type { Reading } from './alerts';
import type { Coherence } from './observed-cache';
import { secondsOf, servedStatistics } from './statistics';
import { cachedCalls, ratio, servedCalls } from './tally';
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
  readonly degradedTtlMs: number;
}

export interface Moment {
  readonly period: Period;
  /** The process has just started: first reads fill its cache, and its hit rate and times are not judged. */
  readonly isYoung: boolean;
  readonly memory: MemoryReport;
  readonly l2: RemoteState;
  /** Undefined while Redis answers. */
  readonly outage: Outage | undefined;
  /** Its age is finite. */
  readonly coherence: Coherence;
}

/** Redis does not answer: for how long, and what that costs. */
export interface Outage {
  readonly ms: number;
  /** How long L1 still bridges it, in ms; 0: no longer. */
  readonly bridgedMs: number;
  /** Loads per second that callers waited for: in the minute before, and now. */
  readonly loadsBefore: number;
  readonly loadsNow: number;
  /** Invalidations that wait for Redis. */
  readonly outbox: number;
}

/** Percentage points that a hit rate must be above its threshold. */
const HIT_RATE_MARGIN = 2;
/** The share of other thresholds that a value must stay below. */
const MARGIN = 0.9;
const MS_PER_MINUTE = 60_000;

export function readingsOf(moment: Moment, thresholds: Thresholds): Reading[] {
  return [
    l2Down(moment),
    coherenceLost(moment, thresholds),
    ...hitRate(moment, thresholds),
    ...responseTimes(moment, thresholds),
    ...memory(moment, thresholds),
    invalidationRate(moment, thresholds),
  ];
}

function hitRate(
  { period, isYoung }: Moment,
  { alertOnLowHitRate, hitRateThreshold, minCalls }: Thresholds,
): Reading[] {
  const calls = cachedCalls(period.total);
  if (!alertOnLowHitRate || calls === 0) return [];
  const { servedRate: value } = servedStatistics(calls, servedCalls(period.total));
  const good = value >= Math.min(100, hitRateThreshold + HIT_RATE_MARGIN);
  const verdict = value < hitRateThreshold ? 'bad' : good ? 'good' : 'unclear';
  return [
    {
      type: 'hit-rate',
      subject: 'overall',
      value,
      threshold: hitRateThreshold,
      verdict: isYoung || calls < minCalls ? 'unclear' : verdict,
      message:
        `Hit rate is ${value} %, below ${hitRateThreshold} %: ` +
        `${period.total.calls.loaded + period.total.calls.failed} of ${calls} calls in the last ${secondsOf(period.ms)} s ran their load`,
    },
  ];
}

function responseTimes(
  { period, isYoung }: Moment,
  { responseTimeThresholdMs, minCalls }: Thresholds,
): Reading[] {
  return Array.from(period.methods, ([subject, { answered, ms }]) => {
    const value = Math.round(ratio(ms, answered));
    return {
      type: 'response-time',
      subject,
      value,
      threshold: responseTimeThresholdMs,
      verdict: isYoung || answered < minCalls ? 'unclear' : above(value, responseTimeThresholdMs),
      message: `${subject} takes ${value} ms on average, more than ${responseTimeThresholdMs} ms`,
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
        message: `${MEMORY_NAMES[subject]} is ${value} % full, more than ${memoryThreshold} %`,
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
    message: `This process invalidates ${value} keys, patterns and tags a minute, more than ${invalidationRateThreshold}`,
  };
}

export function l2Down({ l2, outage }: Pick<Moment, 'l2' | 'outage'>): Reading {
  const isDown = l2.kind === 'down' && outage !== undefined;
  return {
    type: 'l2-down',
    subject: 'redis',
    value: outage?.ms ?? 0,
    threshold: 0,
    verdict: isDown ? 'bad' : 'good',
    message: isDown ? outageText(outage, l2.refused === true ? l2.reason : undefined) : '',
  };
}

/** The cause, what it does to reads, and what that costs the database. */
function outageText(
  { ms, bridgedMs, loadsBefore, loadsNow, outbox }: Outage,
  refusal: string | undefined,
): string {
  const effect =
    bridgedMs > 0
      ? `L1 answers what it holds for ${secondsOf(bridgedMs)} s more, every other read runs its load`
      : 'every read runs its load';
  const isHigher = loadsNow > loadsBefore;
  const cost = isHigher ? `. Loads rose from ${rate(loadsBefore)} to ${rate(loadsNow)} a second` : '';
  const waiting = outbox > 0 ? `. ${outbox} invalidations wait for Redis` : '';
  const cause = refusal ?? `Redis has not answered for ${secondsOf(ms)} s`;
  return `${cause}: ${effect}${cost}${waiting}`;
}

function rate(perSecond: number): number {
  return perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
}

/** One late proof may be due to the event loop. While Redis is down the channel is, too: that is one alert. */
function coherenceLost({ l2, coherence }: Moment, { stalenessBoundMs }: Thresholds): Reading {
  const lost = l2.kind === 'ready' && coherence.ageMs > stalenessBoundMs;
  return {
    type: 'coherence-lost',
    subject: 'channel',
    value: Math.round(coherence.ageMs),
    threshold: stalenessBoundMs,
    verdict: lost ? 'bad' : 'good',
    message: `Changes by other processes have not been heard for ${secondsOf(coherence.ageMs)} s: L1 is not used, and every read asks Redis`,
    raisedBy: 2,
  };
}

function above(value: number, threshold: number): Reading['verdict'] {
  if (value > threshold) return 'bad';
  return value <= threshold * MARGIN ? 'good' : 'unclear';
}
