import { expect } from 'chai';
import { resolveConfig } from '../../../src/config/define';
import type { CacheEventName, CacheEvents } from '../../../src/contract/events';
import type { RemoteState } from '../../../src/contract/l2';
import type { Alert } from '../../../src/contract/report';
import { CounterBook } from '../../../src/engine/entry/counters';
import { InvalidationLog } from '../../../src/ops/observe/invalidation-log';
import type { RedisMemory } from '../../../src/ops/observe/memory';
import { Monitor, type MonitorOptions } from '../../../src/ops/observe/monitor';
import type { CachedTemplate } from '../../../src/ops/observe/reach';
import { ManualClock } from '../../support/manual-clock';

const { monitoring, coherence } = resolveConfig({});

describe('the monitor of a cache', () => {
  let clock: ManualClock;
  let counters: CounterBook;
  let l2: RemoteState;
  let age: { trusted: boolean; ageMs: number };
  let l1: { size: number; bytes: number };
  let heapPercent: number;
  let redis: RedisMemory | undefined;
  let redisAsked: number;
  let isCollected: boolean;
  let events: { readonly name: CacheEventName; readonly event: unknown }[];
  let invalidations: InvalidationLog;
  let cached: CachedTemplate[];
  let outbox: number;
  let monitor: Monitor;

  beforeEach(() => {
    clock = new ManualClock();
    l2 = { kind: 'ready' };
    age = { trusted: true, ageMs: 10 };
    l1 = { size: 0, bytes: 0 };
    heapPercent = 20;
    redis = { usedBytes: 10, maxBytes: 0 };
    redisAsked = 0;
    isCollected = true;
    events = [];
    cached = [];
    outbox = 3;
    observe();
  });

  function observe(options: Partial<MonitorOptions> = {}): void {
    monitor?.close();
    counters = new CounterBook(options.statistics);
    invalidations = new InvalidationLog(clock, 10, {
      templateOf: () => undefined,
      cached: () => cached,
      storing: () => new Set(),
    });
    monitor = new Monitor(
      {
        namespace: 'app',
        counters,
        l1: () => l1,
        outbox: () => outbox,
        breaker: () => [{ node: 'redis:6379', state: 'closed' }],
        l2: () => l2,
        coherence: () => age,
      },
      {
        keys: () => [],
        faults: () => [],
        heap: () => ({ bytes: heapPercent, limitBytes: 100, percent: heapPercent }),
        isCollected: () => isCollected,
        redisMemory: async () => {
          redisAsked += 1;
          return redis;
        },
      },
      invalidations,
      clock,
      <N extends CacheEventName>(name: N, event: CacheEvents[N]) => events.push({ name, event }),
      {
        ...monitoring,
        stalenessBoundMs: coherence.stalenessBoundMs,
        degradedTtlMs: coherence.degradedTtlMs,
        statistics: true,
        l1Limits: { maxSize: 100, maxBytes: 1_000 },
        ...options,
      },
    );
  }

  /** Calls of `feed` that were answered by L1, or loaded in `loadMs`. */
  function call({ hits = 0, loads = 0, loadMs = 1 }): void {
    const feed = counters.of('feed');
    feed.l1 += hits;
    feed.loaded += loads;
    feed.l1Misses += loads;
    for (let load = 0; load < loads; load++) feed.loadLatency.record(loadMs);
  }

  /** Until its hit rate is judged. */
  function grow(): void {
    clock.advance(120_000);
  }

  /** The alerts of the evaluations within this time. */
  function alertsWithin(ms: number): string[] {
    events = [];
    clock.advance(ms);
    const alerts = events.filter(({ name }) => name === 'alert').map(({ event }) => event as Alert);
    return alerts.map(({ type, subject, state }) => `${state} ${type} ${subject}`);
  }

  it('raises nothing for a cache that nobody uses, however long, and finds it healthy', () => {
    expect(alertsWithin(600_000)).to.deep.equal([]);
    expect(monitor.health()).to.deep.equal({
      healthy: true,
      state: 'healthy',
      ready: true,
      hitRate: 0,
      seconds: 60,
      calls: 0,
      threshold: 80,
      message: 'No calls in the last 60 s',
      alerts: [],
    });
  });

  it('is in the shape of the strategy document if all is well, and says which time its figures cover', () => {
    grow();
    call({ hits: 843, loads: 157 });
    clock.advance(10_000);
    expect(monitor.health()).to.deep.include({
      healthy: true,
      hitRate: 84.3,
      threshold: 80,
      message: 'Cache performance is optimal',
      seconds: 60,
      calls: 1_000,
      alerts: [],
    });
  });

  describe('judges by a window', () => {
    it('so that a cold start, which must load every key once, is healthy, and an idle process stays so', () => {
      call({ loads: 120 });
      expect(alertsWithin(300_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ healthy: true, calls: 0 });
    });

    it('and says that it does not judge a process that has just started', () => {
      call({ loads: 120 });
      clock.advance(10_000);
      expect(monitor.health()).to.include({
        healthy: true,
        hitRate: 0,
        seconds: 10,
        calls: 120,
        message: 'The process has just started: its hit rate is not judged yet',
      });
    });

    it('so that an instance without traffic recovers: once the bad calls are a minute old it is healthy', () => {
      grow();
      call({ loads: 100 });
      clock.advance(10_000);
      expect(monitor.health().healthy).to.equal(false);
      clock.advance(70_000);
      expect(monitor.health()).to.include({ healthy: true, calls: 0 });
    });

    it('and is ready to serve from the end of the first attempt to reach Redis, with Redis or without, until it is closed', () => {
      const ready = (kind: 'connecting' | 'ready' | 'none' | 'closed') => {
        l2 = { kind } as RemoteState;
        return monitor.health().ready;
      };
      expect([ready('connecting'), ready('ready'), ready('none'), ready('closed')]).to.deep.equal([
        false,
        true,
        true,
        false,
      ]);
      l2 = { kind: 'down', reason: 'ECONNREFUSED' };
      expect(monitor.health()).to.include({ ready: true, healthy: false });
    });
  });

  describe('raises hit-rate', () => {
    beforeEach(grow);

    it('when the rate of the last minute is low, though that of all time is high, and clears it with the margin', () => {
      call({ hits: 100_000 });
      clock.advance(70_000);
      call({ hits: 70, loads: 30 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
      const message = 'Hit rate is 70 %, below 80 %: 30 of 100 calls in the last 60 s ran their load';
      expect(monitor.health()).to.deep.include({ healthy: false, state: 'unhealthy', hitRate: 70, message });
      call({ hits: 57 });
      expect(alertsWithin(30_000), '80.9 %: above the threshold, within the margin').to.deep.equal([]);
      call({ hits: 1_000 });
      expect(alertsWithin(10_000), 'one good evaluation').to.deep.equal([]);
      expect(monitor.health().message).to.equal(`Clearing, was: ${message}`);
      expect(alertsWithin(10_000)).to.deep.equal(['cleared hit-rate overall']);
      expect(monitor.health()).to.include({ healthy: true, message: 'Cache performance is optimal' });
    });

    it('by the calls that ran a load, not by the tiers that were asked: a call that only L2 answered cost no load', () => {
      Object.assign(counters.of('feed'), { l1Misses: 100, l2: 90, l2Misses: 10, loaded: 10 });
      expect(alertsWithin(10_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ hitRate: 90, state: 'healthy' });
      expect(monitor.statistics().overall.hitRate, 'of both tiers').to.equal(45);
    });

    it('from 100 calls on', () => {
      call({ loads: 99 });
      expect(alertsWithin(10_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ healthy: true, hitRate: 0 });
      expect(monitor.health().message).to.match(/^99 calls in the last 60 s: too few/);
      call({ loads: 1 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
    });

    it('no longer when the calls have ceased', () => {
      call({ loads: 100 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
      expect(alertsWithin(70_000)).to.deep.equal(['cleared hit-rate overall']);
    });

    it('not with alertOnLowHitRate: false; health shows the figure, and its verdict has no other source than the alerts', () => {
      observe({ alertOnLowHitRate: false });
      grow();
      call({ loads: 100 });
      expect(alertsWithin(10_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ healthy: true, hitRate: 0 });
    });
  });

  it('raises response-time for the method whose calls take more than 2 s on average, and for no other', () => {
    grow();
    call({ hits: 50, loads: 50, loadMs: 5_000 });
    counters.of('fast').l1 += 10_000;
    expect(alertsWithin(10_000)).to.deep.equal(['raised response-time feed']);
    expect(monitor.alerts()[0]).to.include({ value: 2_500, threshold: 2_000 });
  });

  it('raises memory by name: of L1 by its byte limit, of the heap, of Redis by maxmemory; a warning, which leaves it healthy', async () => {
    l1 = { size: 5, bytes: 801 };
    heapPercent = 81;
    redis = { usedBytes: 90, maxBytes: 100 };
    expect(alertsWithin(10_000)).to.deep.equal(['raised memory l1', 'raised memory heap']);
    await new Promise(setImmediate);
    expect(alertsWithin(10_000)).to.deep.equal(['raised memory redis']);
    expect(monitor.health()).to.include({ healthy: true, state: 'warning' });
    expect(monitor.health().message).to.include('Redis is 90 % full, more than 80 %');
  });

  it('raises no alert about memory without limits', async () => {
    observe({ l1Limits: { maxSize: 100, maxBytes: undefined } });
    l1 = { size: 100, bytes: 1_000_000 };
    clock.advance(10_000);
    await new Promise(setImmediate);
    expect(alertsWithin(10_000)).to.deep.equal([]);
    expect(monitor.memory().redis).to.include({ bytes: 10, limitBytes: null, percent: null });
  });

  it('raises invalidation-rate above the names per minute that the configuration allows', () => {
    clock.advance(60_000);
    counters.of('feed').invalidations += 1_000;
    expect(alertsWithin(10_000), 'over 70 s').to.deep.equal([]);
    counters.of('feed').invalidations += 168;
    expect(alertsWithin(10_000)).to.deep.equal(['raised invalidation-rate overall']);
  });

  describe('while Redis does not answer', () => {
    const DOWN = { kind: 'down', reason: 'ECONNREFUSED' } as const;

    it('raises l2-down at once and not at the next evaluation, and no second alert for the channel that is away with it', () => {
      clock.advance(1_000);
      l2 = DOWN;
      monitor.l2Changed();
      expect(events.map(({ event }) => (event as Alert).type)).to.deep.equal(['l2-down']);
      expect(monitor.health()).to.include({ healthy: false, state: 'unhealthy' });
      age = { trusted: false, ageMs: 60_000 };
      expect(alertsWithin(30_000), 'told once').to.deep.equal([]);
      l2 = { kind: 'ready' };
      age = { trusted: true, ageMs: 0 };
      expect(alertsWithin(20_000)).to.deep.equal(['cleared l2-down redis']);
    });

    it('says so if it is asked, even if nobody told it that the state has changed', () => {
      l2 = DOWN;
      expect(monitor.health().alerts.map(({ type }) => type)).to.deep.equal(['l2-down']);
    });

    it('tells the cause, what it does to reads, and what it costs the database', () => {
      grow();
      call({ loads: 600, hits: 60_000 });
      clock.advance(60_000);
      l2 = DOWN;
      age = { trusted: false, ageMs: 600 };
      outbox = 0;
      expect(monitor.health().message).to.equal(
        'Redis has not answered for 0 s: L1 answers what it holds for 4.4 s more, every other read runs its load',
      );
      clock.advance(10_000);
      age = { trusted: false, ageMs: 10_600 };
      outbox = 391;
      call({ loads: 1_500 });
      expect(monitor.health().message).to.equal(
        'Redis has not answered for 10 s: every read runs its load. ' +
          'Loads rose from 10 to 150 a second. 391 invalidations wait for Redis',
      );
    });

    it('lists the cause before the hit rate that follows from it', () => {
      grow();
      call({ loads: 200 });
      clock.advance(10_000);
      expect(monitor.alerts().map(({ type }) => type)).to.deep.equal(['hit-rate']);
      l2 = DOWN;
      expect(monitor.alerts().map(({ type }) => type)).to.deep.equal(['l2-down', 'hit-rate']);
    });
  });

  it('raises coherence-lost when the channel is unproven twice in a row: once may be the event loop of this process', () => {
    age = { trusted: false, ageMs: 501 };
    expect(alertsWithin(10_000)).to.deep.equal([]);
    expect(alertsWithin(10_000)).to.deep.equal(['raised coherence-lost channel']);
    age = { trusted: true, ageMs: 500 };
    expect(alertsWithin(20_000)).to.deep.equal(['cleared coherence-lost channel']);
  });

  it('evaluates and collects as often as it is told, and not at all when it is closed; no timer holds the process', () => {
    observe({ evaluateEveryMs: 1_000, alertWindowMs: 2_000, collectEveryMs: 3_000 });
    expect([clock.pending, clock.holding]).to.deep.equal([2, 0]);
    clock.advance(6_000);
    call({ loads: 100 });
    expect(alertsWithin(1_000)).to.deep.equal(['raised hit-rate overall']);
    expect(alertsWithin(3_000)).to.deep.equal(['cleared hit-rate overall']);
    const collected = events.filter(({ name }) => name === 'collected');
    expect(collected).to.have.length(1);
    expect(collected[0]!.event).to.have.nested.property('calls.loaded', 100);
    isCollected = false;
    alertsWithin(6_000);
    expect(events, 'nobody listens').to.deep.equal([]);
    monitor.close();
    expect(clock.pending).to.equal(0);
  });

  it('reads the memory of Redis once per collection, while Redis is there, and shows the figures with their age', async () => {
    expect(monitor.memory().redis).to.equal(null);
    clock.advance(10_000);
    await new Promise(setImmediate);
    expect(redisAsked).to.equal(1);
    expect(monitor.memory().redis).to.deep.equal({
      bytes: 10,
      limitBytes: null,
      percent: null,
      ageSeconds: 0,
    });
    redis = undefined;
    clock.advance(65_000);
    await new Promise(setImmediate);
    expect(redisAsked).to.equal(2);
    expect(monitor.memory().redis, 'the last known').to.include({ bytes: 10, ageSeconds: 65 });
    l2 = { kind: 'down', reason: '' };
    clock.advance(120_000);
    expect(redisAsked).to.equal(2);
  });

  it('counts nothing with statistics off, and says so', () => {
    observe({ statistics: false });
    call({ loads: 1_000, loadMs: 9_000 });
    expect(alertsWithin(60_000)).to.deep.equal([]);
    expect(monitor.statistics()).to.have.nested.property('calls.total', 0);
    expect(monitor.statistics().methods).to.deep.equal({});
    expect(counters.of('feed').loadLatency.count).to.equal(0);
    expect(monitor.health()).to.include({ healthy: true, message: 'Statistics are off' });
  });

  it('reports everything as plain JSON, without a number that JSON does not have', () => {
    age = { trusted: false, ageMs: Number.POSITIVE_INFINITY };
    call({ hits: 1, loads: 1 });
    counters.of('feed').stampedes += 2;
    counters.of('feed').coalesced += 5;
    clock.advance(90_000);
    const report = monitor.report();
    expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report);
    expect(report).to.deep.include({
      cache: 'app',
      uptimeSeconds: 90,
      stampedes: { detected: 2, coalesced: 5 },
      redis: { state: 'ready', reason: null, breakers: [{ node: 'redis:6379', state: 'closed' }], outbox: 3 },
      coherence: { trusted: false, ageMs: null },
      l1HitsPerTiming: 256,
    });
    expect(report).to.include.keys('l1', 'l2', 'overall', 'calls', 'windows', 'methods', 'memory', 'health');
    expect(report.invalidations).to.include({ total: 0, complete: true });
  });
});
