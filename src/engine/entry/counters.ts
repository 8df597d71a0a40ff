/**
 * What is counted per method: plain fields that the hot path increments, read by whoever shows them. No labels, no
 * maps, no time series here. Every call of `read` ends in exactly one of the fields of `CallCounts` (their sum is
 * the number of calls).
 */
import type { CallCounts, L1MissReason, MissReason } from '../../contract/statistics';

/** Upper bounds in ms of the latency histograms: those of the metrics report. */
export const LATENCY_BUCKETS_MS = [0.1, 0.5, 1, 2, 5, 10, 25, 50, 100] as const;

export class LatencyHistogram {
  /** One count per bucket and one for everything above; not cumulative. */
  readonly counts = new Array<number>(LATENCY_BUCKETS_MS.length + 1).fill(0);
  count = 0;
  sumMs = 0;
  /** The most recent durations, for percentiles: a ring of at most `SAMPLES`. */
  readonly samples: number[] = [];

  record(ms: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_MS.length && ms > LATENCY_BUCKETS_MS[bucket]!) bucket += 1;
    this.counts[bucket]! += 1;
    this.samples[this.count % SAMPLES] = ms;
    this.count += 1;
    this.sumMs += ms;
  }
}

const SAMPLES = 1000;

export class MethodCounters implements CallCounts {
  l1 = 0;
  l2 = 0;
  loaded = 0;
  coalesced = 0;
  waited = 0;
  stale = 0;
  uncached = 0;
  failed = 0;

  /** Lookups that found nothing usable, per tier. */
  l1Misses = 0;
  l2Misses = 0;
  /** Why L1 did not answer: their sum is `l1Misses`. */
  readonly l1MissReasons: Record<L1MissReason, number> = {
    absent: 0,
    expired: 0,
    version: 0,
    untrusted: 0,
    invalidated: 0,
  };
  /** Why loads ran: their sum is the number of loads that a call waited for. */
  readonly misses: Record<MissReason, number> = {
    first: 0,
    expired: 0,
    invalidated: 0,
    evicted: 0,
    unstored: 0,
    version: 0,
    contended: 0,
    untrusted: 0,
    unreadable: 0,
  };
  /** Values stored, per tier. */
  l1Sets = 0;
  l2Sets = 0;
  /** Load whose result could not be stored because something was invalidated meanwhile. */
  rejectedFills = 0;
  /** Times that two or more calls of this process wanted one key at once. */
  stampedes = 0;
  /** Times that another process held the lease. */
  leaseWaits = 0;
  /** Keys that this method invalidated. */
  invalidations = 0;

  constructor(
    readonly label: string,
    /** L1 lookups: one in `L1_SAMPLING` is timed. */
    readonly l1Latency = new LatencyHistogram(),
    readonly l2Latency = new LatencyHistogram(),
    readonly loadLatency = new LatencyHistogram(),
  ) {}
}

/** One L1 hit in this many is timed; a power of two. Two clock reads for each would cost as much as the hit. */
export const L1_SAMPLING = 256;

/** Times nothing: for a cache whose statistics are off. */
class UntimedHistogram extends LatencyHistogram {
  override record(): void {}
}

/** The counters of one cache, by method label. */
export class CounterBook {
  readonly #methods = new Map<string, MethodCounters>();
  readonly #uncounted: MethodCounters | undefined;

  /** @param counts false: all methods share one set of counters that nobody reads, so that the hot path need not ask */
  constructor(counts = true) {
    this.#uncounted = counts
      ? undefined
      : new MethodCounters('', new UntimedHistogram(), new UntimedHistogram(), new UntimedHistogram());
  }

  of(label: string): MethodCounters {
    if (this.#uncounted !== undefined) return this.#uncounted;
    let counters = this.#methods.get(label);
    if (counters === undefined) {
      counters = new MethodCounters(label);
      this.#methods.set(label, counters);
    }
    return counters;
  }

  all(): Iterable<MethodCounters> {
    return this.#methods.values();
  }
}
