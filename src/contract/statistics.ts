/**
 * What a cache counts and what `stats()` gives of it: plain data that survives `JSON.stringify`. Types only.
 * `l1`, `l2` and `overall` count lookups of tiers, so that a call can be in two of them; `calls` counts each call once.
 */

/** How calls ended; one of them per call. */
export interface CallCounts {
  /** Served by L1. */
  readonly l1: number;
  /** Served by L2. */
  readonly l2: number;
  /** Ran its own load. */
  readonly loaded: number;
  /** Took the result of another call of this process. */
  readonly coalesced: number;
  /** Waited for another process's load, then read its result from L2. */
  readonly waited: number;
  /** Served by an expired value, while it was refreshed. */
  readonly stale: number;
  /** Not cached at all: disabled, `when` said no, or a `ttl` of 0. */
  readonly uncached: number;
  /** The load failed, its own or the shared one. */
  readonly failed: number;
}

/** Why calls had to run a load of their own: one reason for each load that a call waited for. */
export interface MissCounts {
  /** This process has no memory of the key: it was never read here, or too long ago. */
  readonly first: number;
  /** The entry was there and its time was over. */
  readonly expired: number;
  /** The entry was removed before its time: by an invalidation, by a write, or by Redis' own eviction. */
  readonly invalidated: number;
  /** L1 was full and dropped the entry, and no other tier holds it. */
  readonly evicted: number;
  /** The last load was not stored, because something was invalidated while it ran. */
  readonly unstored: number;
  /** The entry was stored by another `version` of the method. */
  readonly version: number;
  /** Another caller loads or writes the key, and did not finish within `load.max`. */
  readonly contended: number;
  /** Redis did not answer, or an invalidation waits for it. */
  readonly untrusted: number;
  /** Redis holds something at the key that cannot be read. */
  readonly unreadable: number;
}

export type MissReason = keyof MissCounts;

/** Why L1 did not answer lookups; one reason for each of its misses. */
export interface L1MissCounts {
  /** L1 does not hold the key. */
  readonly absent: number;
  /** Its copy has expired. */
  readonly expired: number;
  /** Its copy was stored by another `version` of the method. */
  readonly version: number;
  /** The channel was not trusted: changes may have been missed, and Redis is asked. */
  readonly untrusted: number;
  /** A generation of its copy has changed, or is not known any more. */
  readonly invalidated: number;
}

export type L1MissReason = keyof L1MissCounts;

/** `total` is the sum of the others. */
export interface CallStatistics extends CallCounts {
  readonly total: number;
}

export interface HitStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Percent, with one decimal; 0 while nothing was looked up. */
  readonly hitRate: number;
}

export interface TierStatistics extends HitStatistics {
  /**
   * Mean time in ms until a hit was answered; 0 before the first. Of L1's hits, one in 256 is timed.
   * `overall`: the mean of both tiers, weighted by their hits.
   */
  readonly avgResponseTime: number;
}

/** In ms; 0 while nothing was timed. Percentiles are of the last 1,000 durations. */
export interface LatencyStatistics {
  readonly avg: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface MethodStatistics {
  readonly calls: CallStatistics;
  readonly l1: HitStatistics;
  readonly l2: HitStatistics;
  /** Loads that returned a value. */
  readonly loads: number;
  /** Why loads ran, those that failed included; refreshes in the background are not misses. */
  readonly misses: MissCounts;
  /** Why L1 did not answer; their sum is `l1.misses`. */
  readonly l1Misses: L1MissCounts;
  /** Loaded values that were not stored because their key was invalidated meanwhile. */
  readonly rejectedFills: number;
  /** Times that two or more calls of this process wanted one key at once; they shared one load. */
  readonly stampedes: number;
  /** Times that a call waited for the load of another process. */
  readonly leaseWaits: number;
  /** Keys and patterns that were invalidated by name. */
  readonly invalidations: number;
  readonly latency: {
    readonly l1: LatencyStatistics;
    readonly l2: LatencyStatistics;
    readonly load: LatencyStatistics;
  };
}

/** Calls that were answered without running a load of their own: by a tier, by another call's load, or by a stale value. */
export interface ServedStatistics {
  /** Calls that were to be cached: all but `uncached`. */
  readonly answered: number;
  /** The loads that were saved. */
  readonly served: number;
  /** Percent of `answered`, with one decimal; 0 before the first. */
  readonly servedRate: number;
}

/** What has happened within a stretch of time. */
export interface PeriodStatistics extends ServedStatistics {
  readonly l1: TierStatistics;
  readonly l2: TierStatistics;
  /** The sum of both tiers. */
  readonly overall: TierStatistics;
  readonly calls: CallStatistics;
}

/** The last minute, or the last five: the counters now, less those of the snapshot that was taken then. */
export interface MethodWindow extends ServedStatistics {
  /** Loads that returned a value, and how long they took together, in ms. */
  readonly loads: number;
  readonly loadMs: number;
  readonly misses: MissCounts;
  readonly rejectedFills: number;
}

export interface WindowStatistics extends PeriodStatistics {
  /** How much time it really covers: up to one `monitoring.evaluateEvery` more than asked, or less in a young cache. */
  readonly seconds: number;
  readonly stampedes: number;
  /** Keys, patterns and tags that this process has invalidated. */
  readonly invalidations: number;
  /** By label; methods without a call in the window are left out. */
  readonly methods: Readonly<Record<string, MethodWindow>>;
}

/** Since the cache was created. */
export interface Statistics extends PeriodStatistics {
  readonly windows: { readonly lastMinute: WindowStatistics; readonly last5Minutes: WindowStatistics };
  /** By label: `Class.method`, the decorator's `name`, or the method of the cache that was called. */
  readonly methods: Readonly<Record<string, MethodStatistics>>;
}
