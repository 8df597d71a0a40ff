/**
 * The metrics of a cache by name: what each is called, what it means, and how it is read from the counters.
 * Labels are `cache` (the namespace), `method`, `tier`, `outcome`, `reason`, `node`, `subject` and `type`; never a key.
 */
import type { Alert } from '../../contract/report';
import { L1_SAMPLING, LATENCY_BUCKETS_MS, type MethodCounters } from '../../engine/entry/counters';
import type { ObservedCache } from './observed-cache';
import type { MetricDefinition, Sample } from './scraped-metric';
import {
  bothTiers,
  hitShare,
  type LatencyTally,
  MISS_REASONS,
  OUTCOMES,
  type Tally,
  type TierTally,
  tally,
} from './tally';

type CacheMetric = MetricDefinition<ObservedCache>;

const TIERS = ['l1', 'l2'] as const;
const MEMORIES = ['l1', 'heap', 'redis'] as const;
const ALERT_TYPES: readonly Alert['type'][] = [
  'hit-rate',
  'response-time',
  'memory',
  'invalidation-rate',
  'l2-down',
  'coherence-lost',
];
const TIMED = ['l1', 'l2', 'load'] as const;

const LATENCY_HELP =
  'Time to answer from L1 or L2, and time of the loads of missing values (tier "load"). ' +
  `Of L1's hits, one in ${L1_SAMPLING} is timed: its count is that of the samples.`;

export const CACHE_METRICS: readonly CacheMetric[] = [
  counter(
    'cache_hits_total',
    'Lookups that found a usable value, per tier.',
    byTier(({ hits }) => hits),
  ),
  counter(
    'cache_misses_total',
    'Lookups that found no usable value, per tier.',
    byTier(({ misses }) => misses),
  ),
  counter('cache_sets_total', 'Values stored, per tier.', setsByTier),
  counter(
    'cache_deletes_total',
    'Keys removed by invalidation; the same count as cache_invalidations_total.',
    counted(({ invalidations }) => invalidations),
  ),
  counter(
    'cache_invalidations_total',
    'Keys that were invalidated.',
    counted(({ invalidations }) => invalidations),
  ),
  counter(
    'cache_loads_total',
    'Loads that a call waited for, by the reason why nothing could be served.',
    loadsByReason,
  ),
  counter('cache_calls_total', 'Calls by outcome; each call has exactly one.', callsByOutcome),
  counter(
    'cache_stampedes_total',
    'Times that two or more calls of this process wanted one key at once, and shared one load.',
    counted(({ stampedes }) => stampedes),
  ),
  counter(
    'cache_lease_waits_total',
    'Times that a call waited for the load of another process.',
    counted(({ leaseWaits }) => leaseWaits),
  ),
  counter(
    'cache_rejected_fills_total',
    'Loaded values that were not stored because their key was invalidated meanwhile.',
    counted(({ rejectedFills }) => rejectedFills),
  ),
  rate('cache_hit_rate', 'Share of lookups that were hits, 0 to 1, per tier.', byTier(hitShare)),
  rate(
    'cache_overall_hit_rate',
    'Share of lookups in both tiers that were hits, 0 to 1.',
    byCache((caches) => hitShare(bothTiers(tally(caches.flatMap(methodsOf))))),
  ),
  gauge('cache_size', 'Entries in L1.', l1Gauge('size')),
  gauge('cache_bytes', 'Bytes of the entries in L1; 0 if L1 is not bounded by bytes.', l1Gauge('bytes')),
  gauge(
    'cache_outbox_invalidations',
    'Invalidations that L2 has not acknowledged yet; they are sent again when it can be reached.',
    byCache((caches) => sum(caches, (cache) => cache.outbox())),
  ),
  gauge(
    'cache_breaker_open',
    '1 while a node of L2 does not answer and is not asked, or is just being tried; 0 while it is used.',
    breakers,
  ),
  rate(
    'cache_memory_used_ratio',
    "Memory in use over its limit, 0 to 1: L1's byte limit, V8's heap limit, Redis' maxmemory; left out without a limit.",
    memoryRatios,
  ),
  worst(
    'cache_l2_up',
    '1 while Redis can be used, else 0; left out without Redis.',
    remoteGauge((cache) => Number(cache.l2().kind === 'ready')),
    'min',
  ),
  worst(
    'cache_coherence_trusted',
    '1 while changes by other processes are known to be heard, so that L1 is used; left out without Redis.',
    remoteGauge((cache) => Number(cache.coherence().trusted)),
    'min',
  ),
  worst(
    'cache_coherence_age_seconds',
    'Time since it was last proven that changes by other processes are heard; left out without Redis.',
    remoteGauge((cache) => cache.coherence().ageMs / 1_000, Math.max),
    'max',
  ),
  gauge('cache_alerts', 'Alerts that are raised, by type.', alertsByType),
  latency('cache_latency_ms', `${LATENCY_HELP} In milliseconds.`, 1),
  latency('cache_latency_seconds', `${LATENCY_HELP} In seconds.`, 1_000),
];

type Samples = CacheMetric['samples'];

function counter(name: string, help: string, samples: Samples): CacheMetric {
  return { name, help, type: 'counter', aggregator: 'sum', samples };
}

function gauge(name: string, help: string, samples: Samples): CacheMetric {
  return { name, help, type: 'gauge', aggregator: 'sum', samples };
}

function rate(name: string, help: string, samples: Samples): CacheMetric {
  return { name, help, type: 'gauge', aggregator: 'average', samples };
}

function worst(name: string, help: string, samples: Samples, aggregator: 'min' | 'max'): CacheMetric {
  return { name, help, type: 'gauge', aggregator, samples };
}

function latency(name: string, help: string, msPerUnit: number): CacheMetric {
  const samples = histogramsByTier(name, msPerUnit);
  return { name, help, type: 'histogram', aggregator: 'sum', samples };
}

function byCache(read: (caches: readonly ObservedCache[]) => number): Samples {
  return (sources) =>
    [...grouped(sources, (source) => source.namespace)].map(([cache, caches]) => ({
      value: read(caches),
      labels: { cache },
    }));
}

function l1Gauge(figure: 'size' | 'bytes'): Samples {
  const samples = byCache((caches) => sum(caches, (cache) => cache.l1()[figure]));
  return (sources) =>
    samples(sources).map(({ value, labels }) => ({ value, labels: { ...labels, tier: 'l1' } }));
}

/** Of caches that share a namespace, one that cannot reach a node is enough. */
function breakers(sources: Iterable<ObservedCache>): Sample[] {
  return [...grouped(sources, (source) => source.namespace)].flatMap(([cache, caches]) =>
    [
      ...grouped(
        caches.flatMap((one) => one.breaker()),
        ({ node }) => node,
      ),
    ].map(([node, states]) => ({
      value: states.some(({ state }) => state !== 'closed') ? 1 : 0,
      labels: { cache, node },
    })),
  );
}

/** Of caches that have an L2; of several under one name the worst. */
function remoteGauge(read: (cache: ObservedCache) => number, worstOf = Math.min): Samples {
  return (sources) =>
    byCache((caches) => worstOf(...caches.map(read)))(
      [...sources].filter((cache) => cache.l2().kind !== 'none'),
    );
}

function memoryRatios(sources: Iterable<ObservedCache>): Sample[] {
  return [...grouped(sources, (source) => source.namespace)].flatMap(([cache, caches]) => {
    const reports = caches.map((source) => source.memory());
    return MEMORIES.flatMap((subject) => {
      const percents = reports.map((report) => report[subject]?.percent ?? null);
      const known = percents.filter((percent) => percent !== null);
      return known.length === 0 ? [] : [{ value: Math.max(...known) / 100, labels: { cache, subject } }];
    });
  });
}

function alertsByType(sources: Iterable<ObservedCache>): Sample[] {
  return [...grouped(sources, (source) => source.namespace)].flatMap(([cache, caches]) => {
    const raised = caches.flatMap((source) => source.alerts());
    return ALERT_TYPES.map((type) => ({
      value: raised.filter((alert) => alert.type === type).length,
      labels: { cache, type },
    }));
  });
}

/** Only of methods in which it has happened. */
function counted(read: (figures: Tally) => number): Samples {
  return (sources) =>
    methods(sources)
      .map(({ labels, figures }) => ({ value: read(figures), labels }))
      .filter(({ value }) => value > 0);
}

function byTier(read: (figures: TierTally) => number): Samples {
  return (sources) =>
    readers(sources).flatMap(({ labels, figures }) =>
      TIERS.map((tier) => ({ value: read(figures[tier]), labels: { ...labels, tier } })),
    );
}

function callsByOutcome(sources: Iterable<ObservedCache>): Sample[] {
  return readers(sources).flatMap(({ labels, figures }) =>
    OUTCOMES.map((outcome) => ({ value: figures.calls[outcome], labels: { ...labels, outcome } })),
  );
}

/** Only tiers that were stored in: a method that only invalidates stores nothing. */
function setsByTier(sources: Iterable<ObservedCache>): Sample[] {
  return methods(sources).flatMap(({ labels, figures }) =>
    TIERS.filter((tier) => figures[tier].sets > 0).map((tier) => ({
      value: figures[tier].sets,
      labels: { ...labels, tier },
    })),
  );
}

/** Only reasons that occurred: most methods have two or three of them. */
function loadsByReason(sources: Iterable<ObservedCache>): Sample[] {
  return methods(sources).flatMap(({ labels, figures }) =>
    MISS_REASONS.filter((reason) => figures.misses[reason] > 0).map((reason) => ({
      value: figures.misses[reason],
      labels: { ...labels, reason },
    })),
  );
}

/** Only what was timed at least once: most methods use few of the tiers, and a histogram has a dozen series. */
function histogramsByTier(name: string, msPerUnit: number): Samples {
  return (sources) =>
    methods(sources).flatMap(({ labels, figures }) =>
      TIMED.filter((tier) => figures.latency[tier].count > 0).flatMap((tier) =>
        histogram(name, figures.latency[tier], msPerUnit, { ...labels, tier }),
      ),
    );
}

function histogram(
  name: string,
  { counts, count, sumMs }: LatencyTally,
  msPerUnit: number,
  labels: Sample['labels'],
): Sample[] {
  let upToBound = 0;
  const buckets = LATENCY_BUCKETS_MS.map((bound, index) => {
    upToBound += counts[index]!;
    return { metricName: `${name}_bucket`, value: upToBound, labels: { le: bound / msPerUnit, ...labels } };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, value: count, labels: { le: '+Inf', ...labels } },
    { metricName: `${name}_sum`, value: sumMs / msPerUnit, labels },
    { metricName: `${name}_count`, value: count, labels },
  ];
}

interface MethodReading {
  readonly labels: { readonly cache: string; readonly method: string };
  readonly figures: Tally;
}

/** Caches that share a namespace are added up: a series must not appear twice in a scrape. */
function methods(sources: Iterable<ObservedCache>): MethodReading[] {
  return [...grouped(sources, (source) => source.namespace)].flatMap(([cache, caches]) =>
    [...grouped(caches.flatMap(methodsOf), ({ label }) => label)].map(([method, counters]) => ({
      labels: { cache, method },
      figures: tally(counters),
    })),
  );
}

/** Only methods that were read: what only writes would export zeros for ever. */
function readers(sources: Iterable<ObservedCache>): MethodReading[] {
  return methods(sources).filter(({ figures: { calls, l1, l2 } }) =>
    [...Object.values(calls), l1.hits, l1.misses, l2.hits, l2.misses].some((count) => count > 0),
  );
}

function methodsOf({ counters }: ObservedCache): MethodCounters[] {
  return [...counters.all()];
}

function grouped<T>(items: Iterable<T>, nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}
