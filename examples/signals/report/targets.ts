/**
 * The performance targets of the platform, and what a run reached. As in its monitoring, times are means; the 99th
 * percentile stands beside them, of the method where it is worst, because a mean hides what a visitor notices.
 */
import type { MethodStatistics, Statistics } from 'tiercel';
import type { CallTimes } from '../simulation/call-times';

export interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly reached: string;
  readonly p99: string;
  /** `part`: what the target above consists of, without a limit of its own. */
  readonly verdict: 'met' | 'missed' | 'not measured' | 'part';
}

/** What every visitor reads. */
const HOT = {
  FeedCacheStrategy: 'feeds: each new signal empties all of them',
  PriceCacheStrategy: 'prices',
  'SignalService.activeOf': 'active signals',
} as const;
const HIT_RATE_PERCENT = 80;
const L1_MS = 1;
const L2_MS = 10;
const MISS_MS = 100;
const FEED_MS = 2_000;

export function targetsOf({ l1, l2, methods }: Statistics, times: CallTimes): Target[] {
  const feed = 'FeedCacheStrategy';
  const hitRate = hitRateOf(methods, Object.keys(HOT));
  return [
    {
      name: 'Hit rate for hot data',
      wanted: `> ${HIT_RATE_PERCENT} %`,
      reached: `${hitRate.toFixed(1)} %`,
      p99: '',
      verdict: hitRate > HIT_RATE_PERCENT ? 'met' : 'missed',
    },
    ...Object.entries(HOT).map(([method, name]) => hotPart(name, hitRateOf(methods, [method]))),
    timeTarget('L1 answers', L1_MS, l1.avgResponseTime, worst(methods, 'l1')),
    timeTarget('L2 answers', L2_MS, l2.avgResponseTime, worst(methods, 'l2')),
    timeTarget('Both miss: load from the database', MISS_MS, meanLoad(methods), worst(methods, 'load')),
    timeTarget('Feed page, the whole call', FEED_MS, times.mean(feed), times.percentile(feed, 99)),
  ];
}

function hotPart(name: string, hitRate: number): Target {
  return { name: `  ${name}`, wanted: '', reached: `${hitRate.toFixed(1)} %`, p99: '', verdict: 'part' };
}

/** Percent of the calls that a tier answered; to wait for somebody else's load does not count. */
function hitRateOf(methods: Statistics['methods'], names: readonly string[]): number {
  let calls = 0;
  let hits = 0;
  for (const name of names) {
    const counts = methods[name]?.calls;
    calls += counts?.total ?? 0;
    hits += (counts?.l1 ?? 0) + (counts?.l2 ?? 0);
  }
  return calls === 0 ? 0 : (100 * hits) / calls;
}

function meanLoad(methods: Statistics['methods']): number {
  let loads = 0;
  let ms = 0;
  for (const method of Object.values(methods)) {
    loads += method.loads;
    ms += method.loads * method.latency.load.avg;
  }
  return loads === 0 ? 0 : ms / loads;
}

function worst(methods: Statistics['methods'], kind: keyof MethodStatistics['latency']): number {
  return Math.max(0, ...Object.values(methods).map(({ latency }) => latency[kind].p99));
}

function timeTarget(name: string, limitMs: number, meanMs: number, p99Ms: number): Target {
  const wanted = limitMs < 1_000 ? `< ${limitMs} ms` : `< ${limitMs / 1_000} s`;
  if (meanMs === 0) return { name, wanted, reached: '–', p99: '–', verdict: 'not measured' };
  const verdict = meanMs < limitMs ? 'met' : 'missed';
  return { name, wanted, reached: formatMs(meanMs), p99: formatMs(p99Ms), verdict };
}

function formatMs(ms: number): string {
  return `${ms < 1 ? ms.toFixed(3) : ms.toFixed(1)} ms`;
}
