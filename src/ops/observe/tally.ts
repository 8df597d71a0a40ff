/**
 * What the plain counters say: calls by outcome, hits and misses of each tier, latencies; summed over any number of
 * counters, since a cache is the sum of its methods, and caches that share a namespace are shown as one.
 * It reads and adds; how the sums are rounded, named or shown is for others to decide.
 */
import type { CallCounts, MissReason } from '../../contract/statistics';
import { LATENCY_BUCKETS_MS, type LatencyHistogram, type MethodCounters } from '../../engine/entry/counters';

export interface TierTally {
  hits: number;
  misses: number;
  sets: number;
}

export interface LatencyTally {
  /** One count per bucket of `LATENCY_BUCKETS_MS` and one for everything above; not cumulative. */
  readonly counts: number[];
  count: number;
  sumMs: number;
}

export interface Tally {
  readonly calls: Record<keyof CallCounts, number>;
  readonly l1: TierTally;
  readonly l2: TierTally;
  readonly latency: { readonly l1: LatencyTally; readonly l2: LatencyTally; readonly load: LatencyTally };
  readonly misses: Record<MissReason, number>;
  stampedes: number;
  leaseWaits: number;
  rejectedFills: number;
  invalidations: number;
}

const noCalls = (): Tally['calls'] => ({
  l1: 0,
  l2: 0,
  loaded: 0,
  coalesced: 0,
  waited: 0,
  stale: 0,
  uncached: 0,
  failed: 0,
});

/** The outcomes of a call; each call has exactly one. */
export const OUTCOMES = Object.keys(noCalls()) as readonly (keyof CallCounts)[];

const noMisses = (): Tally['misses'] => ({
  first: 0,
  expired: 0,
  invalidated: 0,
  evicted: 0,
  unstored: 0,
  version: 0,
  contended: 0,
  untrusted: 0,
  unreadable: 0,
});

/** Why loads ran; each load that a call waited for has exactly one. */
export const MISS_REASONS = Object.keys(noMisses()) as readonly MissReason[];

export function tally(all: Iterable<MethodCounters>): Tally {
  const sum = nothing();
  for (const counters of all) {
    for (const outcome of OUTCOMES) sum.calls[outcome] += counters[outcome];
    for (const reason of MISS_REASONS) sum.misses[reason] += counters.misses[reason];
    sum.l1.hits += counters.l1;
    sum.l1.misses += counters.l1Misses;
    sum.l1.sets += counters.l1Sets;
    // Who waited for another process's load was served by L2 in the end.
    sum.l2.hits += counters.l2 + counters.waited;
    sum.l2.misses += counters.l2Misses;
    sum.l2.sets += counters.l2Sets;
    addLatency(sum.latency.l1, counters.l1Latency);
    addLatency(sum.latency.l2, counters.l2Latency);
    addLatency(sum.latency.load, counters.loadLatency);
    sum.stampedes += counters.stampedes;
    sum.leaseWaits += counters.leaseWaits;
    sum.rejectedFills += counters.rejectedFills;
    sum.invalidations += counters.invalidations;
  }
  return sum;
}

/** What came to `before` until it was `now`: counters only grow. */
export function increase(now: Tally, before: Tally): Tally {
  const calls = noCalls();
  for (const outcome of OUTCOMES) calls[outcome] = now.calls[outcome] - before.calls[outcome];
  const misses = noMisses();
  for (const reason of MISS_REASONS) misses[reason] = now.misses[reason] - before.misses[reason];
  return {
    calls,
    misses,
    l1: tierIncrease(now.l1, before.l1),
    l2: tierIncrease(now.l2, before.l2),
    latency: {
      l1: latencyIncrease(now.latency.l1, before.latency.l1),
      l2: latencyIncrease(now.latency.l2, before.latency.l2),
      load: latencyIncrease(now.latency.load, before.latency.load),
    },
    stampedes: now.stampedes - before.stampedes,
    leaseWaits: now.leaseWaits - before.leaseWaits,
    rejectedFills: now.rejectedFills - before.rejectedFills,
    invalidations: now.invalidations - before.invalidations,
  };
}

/** Calls that were to be answered by the cache: all but those that passed it by. */
export function cachedCalls({ calls }: Pick<Tally, 'calls'>): number {
  return OUTCOMES.reduce((sum, outcome) => sum + calls[outcome], 0) - calls.uncached;
}

/** Calls that ran no load of their own. */
export function servedCalls(sum: Pick<Tally, 'calls'>): number {
  return cachedCalls(sum) - ownLoads(sum);
}

/** Calls that ran a load of their own, or shared one that failed. */
export function ownLoads({ calls }: Pick<Tally, 'calls'>): number {
  return calls.loaded + calls.failed;
}

/** Both tiers as one, as the figures of a two-tier cache are usually given: a call that L1 missed and L2 hit is in both. */
export function bothTiers({ l1, l2 }: Tally): Pick<TierTally, 'hits' | 'misses'> {
  return { hits: l1.hits + l2.hits, misses: l1.misses + l2.misses };
}

/** The share of lookups that were hits, 0 to 1; 0 if nothing was looked up. */
export function hitShare({ hits, misses }: Pick<TierTally, 'hits' | 'misses'>): number {
  return ratio(hits, hits + misses);
}

/** 0 for a part of nothing. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Mean duration in ms; 0 while nothing was timed. */
export function mean({ sumMs, count }: Pick<LatencyTally, 'sumMs' | 'count'>): number {
  return ratio(sumMs, count);
}

function nothing(): Tally {
  return {
    calls: noCalls(),
    misses: noMisses(),
    l1: { hits: 0, misses: 0, sets: 0 },
    l2: { hits: 0, misses: 0, sets: 0 },
    latency: { l1: noLatency(), l2: noLatency(), load: noLatency() },
    stampedes: 0,
    leaseWaits: 0,
    rejectedFills: 0,
    invalidations: 0,
  };
}

function tierIncrease(now: TierTally, before: TierTally): TierTally {
  return {
    hits: now.hits - before.hits,
    misses: now.misses - before.misses,
    sets: now.sets - before.sets,
  };
}

function latencyIncrease(now: LatencyTally, before: LatencyTally): LatencyTally {
  return {
    counts: now.counts.map((count, bucket) => count - before.counts[bucket]!),
    count: now.count - before.count,
    sumMs: now.sumMs - before.sumMs,
  };
}

function noLatency(): LatencyTally {
  return { counts: new Array<number>(LATENCY_BUCKETS_MS.length + 1).fill(0), count: 0, sumMs: 0 };
}

function addLatency(sum: LatencyTally, { counts, count, sumMs }: LatencyHistogram): void {
  for (const [bucket, inBucket] of counts.entries()) sum.counts[bucket]! += inBucket;
  sum.count += count;
  sum.sumMs += sumMs;
}
