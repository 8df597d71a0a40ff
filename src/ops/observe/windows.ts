/**
 * The last minutes, made of snapshots of the plain counters: what has happened since a snapshot is the counters now less
 * those of then. A snapshot costs a few additions per method; the hit path pays nothing.
 */
import type { Clock } from '../../contract/clock';
import type { MissReason } from '../../contract/statistics';
import type { CounterBook, MethodCounters } from '../../engine/entry/counters';
import { cachedCalls, increase, MISS_REASONS, mean, servedCalls, type Tally, tally } from './tally';

/** What happened to one method. */
export interface MethodPeriod {
  /** Calls that were to be cached. */
  readonly answered: number;
  /** Those of them that ran no load of their own. */
  readonly served: number;
  /** How long the calls took together, estimated: served ones by the mean of their tier, the others by that of the loads. */
  readonly ms: number;
  readonly loads: number;
  readonly loadMs: number;
  readonly misses: Readonly<Record<MissReason, number>>;
  readonly rejectedFills: number;
}

export interface Period {
  readonly ms: number;
  readonly total: Tally;
  /** By label; methods without a call within the period are left out. */
  readonly methods: ReadonlyMap<string, MethodPeriod>;
}

interface Snapshot {
  readonly at: number;
  readonly total: Tally;
  readonly methods: ReadonlyMap<string, MethodPeriod>;
}

export class Windows {
  readonly #clock: Clock;
  readonly #counters: CounterBook;
  readonly #keepMs: number;
  /** Oldest first; never empty. */
  readonly #snapshots: Snapshot[];

  /** @param keepMs how far anybody looks back */
  constructor(clock: Clock, counters: CounterBook, keepMs: number) {
    this.#clock = clock;
    this.#counters = counters;
    this.#keepMs = keepMs;
    this.#snapshots = [{ at: clock.now(), total: tally([]), methods: new Map() }];
  }

  /** Remembers the counters as they are, and forgets what is older than anybody looks back. */
  take(): void {
    const now = this.#clock.now();
    this.#snapshots.push(this.#read(now));
    while (this.#snapshots[1]!.at <= now - this.#keepMs) this.#snapshots.shift();
  }

  /** From the last snapshot that is at least `windowMs` old, else from the first one, until now. */
  last(windowMs: number): Period {
    const now = this.#read(this.#clock.now());
    const then = this.#snapshots.findLast(({ at }) => at <= now.at - windowMs) ?? this.#snapshots[0]!;
    const methods = new Map<string, MethodPeriod>();
    for (const [label, method] of now.methods) {
      const before = then.methods.get(label);
      const period = before === undefined ? method : difference(method, before);
      if (period.answered > 0) methods.set(label, period);
    }
    return { ms: now.at - then.at, total: increase(now.total, then.total), methods };
  }

  /** Since the cache was created. */
  all(): Tally {
    return tally(this.#counters.all());
  }

  #read(at: number): Snapshot {
    const methods = new Map<string, MethodPeriod>();
    for (const counters of this.#counters.all()) methods.set(counters.label, methodOf(counters));
    return { at, total: this.all(), methods };
  }
}

function methodOf(counters: MethodCounters): MethodPeriod {
  const { l1, l2, loaded, coalesced, failed, waited, l1Latency, l2Latency, loadLatency } = counters;
  return {
    answered: cachedCalls({ calls: counters }),
    served: servedCalls({ calls: counters }),
    ms:
      l1 * mean(l1Latency) +
      (l2 + waited) * mean(l2Latency) +
      (loaded + coalesced + failed) * mean(loadLatency),
    loads: loadLatency.count,
    loadMs: loadLatency.sumMs,
    misses: { ...counters.misses },
    rejectedFills: counters.rejectedFills,
  };
}

function difference(now: MethodPeriod, before: MethodPeriod): MethodPeriod {
  const misses = { ...now.misses };
  for (const reason of MISS_REASONS) misses[reason] -= before.misses[reason];
  return {
    answered: now.answered - before.answered,
    served: now.served - before.served,
    ms: now.ms - before.ms,
    loads: now.loads - before.loads,
    loadMs: now.loadMs - before.loadMs,
    misses,
    rejectedFills: now.rejectedFills - before.rejectedFills,
  };
}
