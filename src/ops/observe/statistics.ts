/**
 * Turns sums of counters into the figures of `cache.stats()`: rates in percent, times in ms, percentiles.
 * It rounds and names; `windows.ts` decides where a stretch of time begins and ends.
 */
import type {
  CallStatistics,
  HitStatistics,
  LatencyStatistics,
  MethodStatistics,
  MethodWindow,
  PeriodStatistics,
  ServedStatistics,
  WindowStatistics,
} from '../../contract/statistics';
import type { CounterBook, LatencyHistogram, MethodCounters } from '../../engine/entry/counters';
import {
  bothTiers,
  cachedCalls,
  hitShare,
  mean,
  OUTCOMES,
  ratio,
  servedCalls,
  type Tally,
  type TierTally,
  tally,
} from './tally';
import type { MethodPeriod, Period } from './windows';

export function periodStatistics(total: Tally): PeriodStatistics {
  const { l1, l2, latency } = total;
  const l1Mean = mean(latency.l1);
  const l2Mean = mean(latency.l2);
  const overall = bothTiers(total);
  return {
    l1: { ...hitStatistics(l1), avgResponseTime: roundMs(l1Mean) },
    l2: { ...hitStatistics(l2), avgResponseTime: roundMs(l2Mean) },
    overall: {
      ...hitStatistics(overall),
      avgResponseTime: roundMs(ratio(l1Mean * l1.hits + l2Mean * l2.hits, overall.hits)),
    },
    calls: callStatistics(total),
    ...servedStatistics(cachedCalls(total), servedCalls(total)),
  };
}

export function windowStatistics({ ms, total, methods }: Period): WindowStatistics {
  const { stampedes, invalidations } = total;
  return {
    seconds: secondsOf(ms),
    ...periodStatistics(total),
    stampedes,
    invalidations,
    methods: Object.fromEntries(Array.from(methods, ([label, method]) => [label, methodWindow(method)])),
  };
}

export function servedStatistics(answered: number, served: number): ServedStatistics {
  return { answered, served, servedRate: percentOf(ratio(served, answered)) };
}

/** With one decimal. */
export function secondsOf(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function methodWindow({
  answered,
  served,
  loads,
  loadMs,
  misses,
  rejectedFills,
}: MethodPeriod): MethodWindow {
  return {
    ...servedStatistics(answered, served),
    loads,
    loadMs: Math.round(loadMs * 10) / 10,
    misses,
    rejectedFills,
  };
}

export function statisticsByMethod(counters: CounterBook): Record<string, MethodStatistics> {
  return Object.fromEntries(Array.from(counters.all(), (method) => [method.label, methodStatistics(method)]));
}

/** With one decimal. */
function percentOf(share: number): number {
  return Math.round(share * 1_000) / 10;
}

function methodStatistics(counters: MethodCounters): MethodStatistics {
  const sum = tally([counters]);
  const { misses, rejectedFills, stampedes, leaseWaits, invalidations } = sum;
  return {
    calls: callStatistics(sum),
    l1: hitStatistics(sum.l1),
    l2: hitStatistics(sum.l2),
    loads: sum.latency.load.count,
    misses,
    l1Misses: { ...counters.l1MissReasons },
    rejectedFills,
    stampedes,
    leaseWaits,
    invalidations,
    latency: {
      l1: latencyStatistics(counters.l1Latency),
      l2: latencyStatistics(counters.l2Latency),
      load: latencyStatistics(counters.loadLatency),
    },
  };
}

function callStatistics({ calls }: Tally): CallStatistics {
  return { total: OUTCOMES.reduce((sum, outcome) => sum + calls[outcome], 0), ...calls };
}

function hitStatistics(tier: Pick<TierTally, 'hits' | 'misses'>): HitStatistics {
  const { hits, misses } = tier;
  return { hits, misses, hitRate: percentOf(hitShare(tier)) };
}

function latencyStatistics(histogram: LatencyHistogram): LatencyStatistics {
  const sorted = histogram.samples.toSorted((a, b) => a - b);
  return {
    avg: roundMs(mean(histogram)),
    p50: roundMs(percentile(sorted, 50)),
    p95: roundMs(percentile(sorted, 95)),
    p99: roundMs(percentile(sorted, 99)),
  };
}

/** Nearest rank: the smallest sample that at least this share of the samples does not exceed. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
}

/** To a tenth of a microsecond: an L1 hit takes less than one. */
function roundMs(ms: number): number {
  return Math.round(ms * 10_000) / 10_000;
}
