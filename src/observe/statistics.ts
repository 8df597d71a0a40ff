/**
 * `cache.stats()`: counts and latencies since the start, as plain JSON for people and dashboards.
 * `l1`, `l2` and `overall` count lookups of tiers, so that a call can be in two of them; `calls` counts each call once.
 */
import type { CallCounts, LatencyHistogram, MethodCounters } from '../engine/counters';
import type { ObservedCache } from './observed-cache';
import {
  bothTiers,
  hitShare,
  type LatencyTally,
  OUTCOMES,
  ratio,
  type Tally,
  type TierTally,
  tally,
} from './tally';

export interface HitStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Percent, with one decimal; 0 while nothing was looked up. */
  readonly hitRate: number;
}

export interface TierStatistics extends HitStatistics {
  /**
   * Mean time in ms until a hit was answered; 0 while there was none. Of L1's hits, one in 256 is timed.
   * `overall`: the mean of both tiers, weighted by their hits.
   */
  readonly avgResponseTime: number;
}

/** How calls ended, each counted once: `total` is the sum of the others. */
export interface CallStatistics extends Readonly<CallCounts> {
  readonly total: number;
}

/** In ms; 0 while nothing was timed. Percentiles are of the last 1,000 durations. */
export interface LatencyStatistics {
  readonly avg: number;
  readonly p50: number;
  readonly p99: number;
}

export interface MethodStatistics {
  readonly calls: CallStatistics;
  readonly l1: HitStatistics;
  readonly l2: HitStatistics;
  /** Loads that returned a value. */
  readonly loads: number;
  /** Loaded values that were not stored because their key was invalidated meanwhile. */
  readonly rejectedFills: number;
  /** Times that two or more calls of this process wanted one key at once; they shared one load. */
  readonly stampedes: number;
  /** Times that a call waited for the load of another process. */
  readonly leaseWaits: number;
  /** Keys that were invalidated. */
  readonly invalidations: number;
  readonly latency: {
    readonly l1: LatencyStatistics;
    readonly l2: LatencyStatistics;
    readonly load: LatencyStatistics;
  };
}

export interface Statistics {
  readonly l1: TierStatistics;
  readonly l2: TierStatistics;
  /** The sum of both tiers. */
  readonly overall: TierStatistics;
  readonly calls: CallStatistics;
  /** By label: `Class.method`, the decorator's `name`, or the method of the cache that was called. */
  readonly methods: Readonly<Record<string, MethodStatistics>>;
}

export function statistics({ counters }: ObservedCache): Statistics {
  const total = tally(counters.all());
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
    methods: Object.fromEntries(
      Array.from(counters.all(), (method) => [method.label, methodStatistics(method)]),
    ),
  };
}

function methodStatistics(counters: MethodCounters): MethodStatistics {
  const sum = tally([counters]);
  const { rejectedFills, stampedes, leaseWaits, invalidations } = sum;
  return {
    calls: callStatistics(sum),
    l1: hitStatistics(sum.l1),
    l2: hitStatistics(sum.l2),
    loads: sum.latency.load.count,
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
  return { hits, misses, hitRate: Math.round(hitShare(tier) * 1_000) / 10 };
}

function latencyStatistics(histogram: LatencyHistogram): LatencyStatistics {
  const sorted = histogram.samples.toSorted((a, b) => a - b);
  return {
    avg: roundMs(mean(histogram)),
    p50: roundMs(percentile(sorted, 50)),
    p99: roundMs(percentile(sorted, 99)),
  };
}

function mean({ sumMs, count }: Pick<LatencyTally, 'sumMs' | 'count'>): number {
  return ratio(sumMs, count);
}

/** Nearest rank: the smallest sample that at least this share of the samples does not exceed. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
}

/** To a tenth of a microsecond: an L1 hit takes less than one. */
function roundMs(ms: number): number {
  return Math.round(ms * 10_000) / 10_000;
}
