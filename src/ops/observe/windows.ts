/**
 * The last minutes, made of snapshots of the plain counters: what has happened since a snapshot is the counters now less
 * those of then. Costs a few additions per method when a snapshot is taken, and nothing on the hit path.
 */
import type { Clock } from '../../contract/clock';
import type { CounterBook, MethodCounters } from '../../engine/entry/counters';
import { cachedCalls, increase, mean, type Tally, tally } from './tally';

/** How many calls of a method were answered, and how long they took together, loads included. */
export interface Answers {
  readonly calls: number;
  /** Estimated: a call that was served counts with the mean of its tier, one that was loaded with that of the loads. */
  readonly ms: number;
}

export interface Period {
  readonly ms: number;
  readonly total: Tally;
  /** By label; methods without a call within the period are left out. */
  readonly methods: ReadonlyMap<string, Answers>;
}

interface Snapshot {
  readonly at: number;
  readonly total: Tally;
  readonly methods: ReadonlyMap<string, Answers>;
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
    const methods = new Map<string, Answers>();
    for (const [label, { calls, ms }] of now.methods) {
      const before = then.methods.get(label) ?? { calls: 0, ms: 0 };
      if (calls > before.calls) methods.set(label, { calls: calls - before.calls, ms: ms - before.ms });
    }
    return { ms: now.at - then.at, total: increase(now.total, then.total), methods };
  }

  /** Since the cache was created. */
  all(): Tally {
    return tally(this.#counters.all());
  }

  #read(at: number): Snapshot {
    const methods = new Map<string, Answers>();
    for (const counters of this.#counters.all()) methods.set(counters.label, answersOf(counters));
    return { at, total: this.all(), methods };
  }
}

function answersOf(counters: MethodCounters): Answers {
  const { l1, l2, loaded, coalesced, failed, waited, l1Latency, l2Latency, loadLatency } = counters;
  const ms =
    l1 * mean(l1Latency) +
    (l2 + waited) * mean(l2Latency) +
    (loaded + coalesced + failed) * mean(loadLatency);
  return { calls: cachedCalls({ calls: counters }), ms };
}
