/**
 * Watches one cache over time: takes a snapshot of its counters and evaluates its alerts every few seconds, reads Redis'
 * memory every minute, and answers `stats`, `report` and `health` from what is known by then. Asking is synchronous and
 * sends no command. Its timers never keep a process alive.
 */
import { type Clock, every, type Timer } from '../../contract/clock';
import type { Target } from '../../contract/engine';
import type { Emit } from '../../contract/events';
import type { InvalidationPreview } from '../../contract/invalidation-history';
import type { NodeBreaker, RemoteState } from '../../contract/l2';
import type { Observer } from '../../contract/observer';
import type { Alert, Fault, Health, MemoryReport, MemoryUse, Report } from '../../contract/report';
import type { Statistics } from '../../contract/statistics';
import { L1_SAMPLING } from '../../engine/entry/counters';
import { adviceOf } from './advice';
import { Alerts } from './alerts';
import { healthOf } from './health';
import type { InvalidationLog } from './invalidation-log';
import { type L1Limits, l1Use, type RedisMemory, redisUse } from './memory';
import type { Coherence, ObservedCache, ObservedParts } from './observed-cache';
import { previewOf } from './preview';
import { mostInvalidatedBy } from './reach';
import { l2Down, type Outage, readingsOf, type Thresholds } from './readings';
import { periodStatistics, statisticsByMethod, windowStatistics } from './statistics';
import { ownLoads } from './tally';
import { type Period, Windows } from './windows';

export interface MonitorOptions extends Thresholds {
  readonly alertWindowMs: number;
  readonly evaluateEveryMs: number;
  readonly collectEveryMs: number;
  /** False: nothing is counted, and hit rates and times say nothing. */
  readonly statistics: boolean;
  readonly l1Limits: L1Limits;
}

/** What is read from outside of the cache. */
export interface Surroundings {
  readonly heap: () => MemoryUse;
  /** The keys in L1. */
  readonly keys: () => readonly string[];
  /** Faults that calls have survived, the latest first. */
  readonly faults: () => readonly Fault[];
  /** Whether anybody listens for `collected`. */
  readonly isCollected: () => boolean;
  /** Undefined if Redis does not say; left out without Redis. Never rejects. */
  readonly redisMemory?: (() => Promise<RedisMemory | undefined>) | undefined;
}

const MINUTE_MS = 60_000;
/** How far the load during an outage looks back. */
const OUTAGE_WINDOW_MS = 10_000;

export class Monitor implements Observer, ObservedCache {
  readonly namespace: string;
  readonly counters: ObservedParts['counters'];
  readonly #source: ObservedParts;
  readonly #surroundings: Surroundings;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #options: MonitorOptions;
  readonly #windows: Windows;
  readonly #alerts = new Alerts();
  readonly #startedAt: number;
  readonly #timers: readonly Timer[];
  #redisMemory: { readonly memory: RedisMemory; readonly readAt: number } | undefined;
  #memoryAskedAt = Number.NEGATIVE_INFINITY;
  /** Since when Redis has not answered, and how many loads ran per second in the minute before. */
  #outage: { readonly since: number; readonly loadsBefore: number } | undefined;

  constructor(
    source: ObservedParts,
    surroundings: Surroundings,
    readonly invalidations: InvalidationLog,
    clock: Clock,
    emit: Emit,
    options: MonitorOptions,
  ) {
    this.namespace = source.namespace;
    this.counters = source.counters;
    this.#source = source;
    this.#surroundings = surroundings;
    this.#clock = clock;
    this.#emit = emit;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#windows = new Windows(clock, source.counters, Math.max(5 * MINUTE_MS, options.alertWindowMs));
    this.#timers = [
      every(clock, options.evaluateEveryMs, () => this.#evaluate()),
      every(clock, options.collectEveryMs, () => this.#collect()),
    ];
  }

  l1(): { readonly size: number; readonly bytes: number } {
    return this.#source.l1();
  }

  outbox(): number {
    return this.#source.outbox();
  }

  breaker(): readonly NodeBreaker[] {
    return this.#source.breaker();
  }

  l2(): RemoteState {
    return this.#source.l2();
  }

  coherence(): Coherence {
    return this.#source.coherence();
  }

  alerts(): readonly Alert[] {
    this.#watchL2();
    return this.#alerts.raised;
  }

  /** To be called when L2's state has changed: an outage is an alert at once, and not at the next evaluation. */
  l2Changed(): void {
    this.#watchL2();
  }

  memory(): MemoryReport {
    const read = this.#redisMemory;
    return {
      l1: l1Use(this.#source.l1(), this.#options.l1Limits),
      heap: this.#surroundings.heap(),
      redis: read === undefined ? null : redisUse(read.memory, this.#clock.now() - read.readAt),
    };
  }

  statistics(): Statistics {
    return {
      ...periodStatistics(this.#windows.all()),
      windows: {
        lastMinute: windowStatistics(this.#windows.last(MINUTE_MS)),
        last5Minutes: windowStatistics(this.#windows.last(5 * MINUTE_MS)),
      },
      methods: statisticsByMethod(this.counters),
    };
  }

  health(): Health {
    const faults = this.#surroundings.faults();
    const { kind } = this.l2();
    const ready = kind !== 'connecting' && kind !== 'closed';
    const period = this.#windows.last(this.#options.alertWindowMs);
    const health = healthOf(period, this.alerts(), ready, this.#isYoung, this.#options);
    return faults.length === 0 ? health : { ...health, faults };
  }

  report(): Report {
    const statistics = this.statistics();
    const memory = this.memory();
    const l2 = this.l2();
    const coherence = this.coherence();
    const { stampedes, leaseWaits, rejectedFills } = this.#windows.all();
    const invalidations = this.invalidations.stats(5 * MINUTE_MS);
    return {
      cache: this.namespace,
      at: this.#clock.wall(),
      uptimeSeconds: Math.round((this.#clock.now() - this.#startedAt) / 1_000),
      health: this.health(),
      ...statistics,
      memory,
      invalidations,
      stampedes: { detected: stampedes, coalesced: statistics.calls.coalesced },
      leaseWaits,
      rejectedFills,
      redis: {
        state: l2.kind,
        reason: l2.kind === 'down' ? l2.reason : null,
        breakers: this.breaker(),
        outbox: this.outbox(),
      },
      coherence: {
        trusted: coherence.trusted,
        ageMs: Number.isFinite(coherence.ageMs) ? Math.round(coherence.ageMs) : null,
      },
      l1HitsPerTiming: L1_SAMPLING,
      advice: adviceOf({
        ...this.#options,
        period: this.#windows.last(5 * MINUTE_MS),
        memory,
        mostInvalidatedBy: (label) => mostInvalidatedBy(label, invalidations),
      }),
    };
  }

  preview(targets: readonly Target[]): InvalidationPreview {
    const { declared } = this.invalidations;
    return previewOf(targets, {
      cached: declared.cached(),
      storing: declared.storing(),
      counters: this.counters,
      methods: this.#windows.last(MINUTE_MS).methods,
      keys: this.#surroundings.keys(),
    });
  }

  close(): void {
    for (const timer of this.#timers) this.#clock.clearInterval(timer);
  }

  /** Percentiles of every method are made of sorted samples: only if somebody wants them. */
  #collect(): void {
    if (this.#surroundings.isCollected()) this.#emit('collected', this.statistics());
  }

  #evaluate(): void {
    const now = this.#clock.now();
    const { trusted, ageMs } = this.coherence();
    const readings = readingsOf(
      {
        period: this.#windows.last(this.#options.alertWindowMs),
        isYoung: this.#isYoung,
        memory: this.memory(),
        l2: this.l2(),
        outage: this.#outageNow(now),
        // Never proven counts from the start.
        coherence: { trusted, ageMs: Math.min(ageMs, now - this.#startedAt) },
      },
      this.#options,
    );
    this.#windows.take();
    for (const alert of this.#alerts.evaluate(readings, this.#clock.wall())) this.#emit('alert', alert);
    void this.#readRedisMemory(now);
  }

  /** The window that is judged must lie after the first one: that is when first reads fill the cache. */
  get #isYoung(): boolean {
    return this.#clock.now() - this.#startedAt < 2 * this.#options.alertWindowMs;
  }

  /** Raises `l2-down` and keeps its message up to date; clearing it is left to the evaluations. */
  #watchL2(): void {
    const l2 = this.l2();
    const outage = this.#outageNow(this.#clock.now());
    if (outage === undefined) return;
    const change = this.#alerts.judge(l2Down({ l2, outage }), this.#clock.wall());
    if (change !== undefined) this.#emit('alert', change);
  }

  #outageNow(now: number): Outage | undefined {
    if (this.l2().kind !== 'down') {
      this.#outage = undefined;
      return undefined;
    }
    if (this.#outage === undefined) {
      this.#outage = { since: now, loadsBefore: loadsPerSecond(this.#windows.last(MINUTE_MS)) };
      this.#windows.take();
    }
    const ms = now - this.#outage.since;
    return {
      ms: Math.round(ms),
      bridgedMs: Math.max(0, this.#options.degradedTtlMs - this.coherence().ageMs),
      loadsBefore: this.#outage.loadsBefore,
      loadsNow: loadsPerSecond(this.#windows.last(Math.min(ms, OUTAGE_WINDOW_MS))),
      outbox: this.outbox(),
    };
  }

  async #readRedisMemory(now: number): Promise<void> {
    const { redisMemory } = this.#surroundings;
    if (redisMemory === undefined || this.l2().kind !== 'ready') return;
    if (now - this.#memoryAskedAt < this.#options.collectEveryMs) return;
    this.#memoryAskedAt = now;
    const memory = await redisMemory();
    if (memory !== undefined) this.#redisMemory = { memory, readAt: now };
  }
}

/** Loads that callers waited for. */
function loadsPerSecond({ ms, total }: Period): number {
  return ms === 0 ? 0 : (ownLoads(total) * 1_000) / ms;
}
