import { expect } from 'chai';
import { resolveConfig } from '../../../src/config/define';
import type { CacheEventName, CacheEvents } from '../../../src/contract/events';
import type { RemoteState } from '../../../src/contract/l2';
import type { Alert } from '../../../src/contract/report';
import { CounterBook } from '../../../src/engine/entry/counters';
import { InvalidationLog } from '../../../src/ops/observe/invalidation-log';
import type { RedisMemory } from '../../../src/ops/observe/memory';
import { Monitor, type MonitorOptions } from '../../../src/ops/observe/monitor';
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
    observe();
  });

  function observe(options: Partial<MonitorOptions> = {}): void {
    monitor?.close();
    counters = new CounterBook(options.statistics);
    monitor = new Monitor(
      {
        namespace: 'app',
        counters,
        l1: () => l1,
        outbox: () => 3,
        breaker: () => [{ node: 'redis:6379', state: 'closed' }],
        l2: () => l2,
        coherence: () => age,
      },
      {
        faults: () => [],
        heap: () => ({ bytes: heapPercent, limitBytes: 100, percent: heapPercent }),
        isCollected: () => isCollected,
        redisMemory: async () => {
          redisAsked += 1;
          return redis;
        },
      },
      new InvalidationLog(clock, 10, () => undefined),
      clock,
      <N extends CacheEventName>(name: N, event: CacheEvents[N]) => events.push({ name, event }),
      {
        ...monitoring,
        stalenessBoundMs: coherence.stalenessBoundMs,
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
      hitRate: 0,
      threshold: 80,
      message: 'The cache has not been used yet',
      alerts: [],
    });
  });

  it('is in the shape of the strategy document where all is well', () => {
    call({ hits: 843, loads: 157 });
    clock.advance(10_000);
    const { alerts, ...health } = monitor.health();
    expect(alerts).to.deep.equal([]);
    expect(health).to.deep.equal({
      healthy: true,
      hitRate: 84.3,
      threshold: 80,
      message: 'Cache performance is optimal',
    });
  });

  describe('raises hit-rate', () => {
    it('when the rate of the last minute is low, though that of all time is high, and clears it with the margin', () => {
      call({ hits: 100_000 });
      clock.advance(70_000);
      call({ hits: 70, loads: 30 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
      expect(monitor.health()).to.deep.include({
        healthy: false,
        message: 'Hit rate is 70 %, the threshold 80 %',
      });
      call({ hits: 57 });
      expect(alertsWithin(30_000), '80.9 %: above the threshold, within the margin').to.deep.equal([]);
      call({ hits: 1_000 });
      expect(alertsWithin(10_000), 'one good evaluation').to.deep.equal([]);
      expect(alertsWithin(10_000)).to.deep.equal(['cleared hit-rate overall']);
      expect(monitor.health()).to.include({ healthy: true, message: 'Cache performance is optimal' });
    });

    it('from 100 calls on', () => {
      call({ loads: 99 });
      expect(alertsWithin(10_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ healthy: true, hitRate: 0 });
      call({ loads: 1 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
    });

    it('no longer when the calls have ceased', () => {
      call({ loads: 100 });
      expect(alertsWithin(10_000)).to.deep.equal(['raised hit-rate overall']);
      expect(alertsWithin(70_000)).to.deep.equal(['cleared hit-rate overall']);
    });

    it('not with alertOnLowHitRate: false; health still tells', () => {
      observe({ alertOnLowHitRate: false });
      call({ loads: 100 });
      expect(alertsWithin(10_000)).to.deep.equal([]);
      expect(monitor.health()).to.include({ healthy: false, message: 'Hit rate is 0 %, below 80 %' });
    });
  });

  it('raises response-time for the method whose calls take more than 2 s on average, and for no other', () => {
    call({ hits: 50, loads: 50, loadMs: 5_000 });
    counters.of('fast').l1 += 10_000;
    expect(alertsWithin(10_000)).to.deep.equal(['raised response-time feed']);
    expect(monitor.alerts()[0]).to.include({ value: 2_500, threshold: 2_000 });
  });

  it('raises memory by name: of L1 by its byte limit, of the heap, of Redis by maxmemory; which leaves it healthy', async () => {
    l1 = { size: 5, bytes: 801 };
    heapPercent = 81;
    redis = { usedBytes: 90, maxBytes: 100 };
    expect(alertsWithin(10_000)).to.deep.equal(['raised memory l1', 'raised memory heap']);
    await new Promise(setImmediate);
    expect(alertsWithin(10_000)).to.deep.equal(['raised memory redis']);
    expect(monitor.health()).to.include({ healthy: true });
    expect(monitor.health().message).to.include('Redis is 90 % full');
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

  it('raises l2-down with its cause while Redis is away, and no second alert for the channel that is away with it', () => {
    l2 = { kind: 'down', reason: 'ECONNREFUSED' };
    age = { trusted: false, ageMs: 60_000 };
    expect(alertsWithin(30_000)).to.deep.equal(['raised l2-down redis']);
    expect(monitor.alerts()[0]).to.deep.include({
      value: 20_000,
      message: 'Redis does not answer: ECONNREFUSED',
    });
    expect(monitor.health().healthy).to.equal(false);
    l2 = { kind: 'ready' };
    age = { trusted: true, ageMs: 0 };
    expect(alertsWithin(20_000)).to.deep.equal(['cleared l2-down redis']);
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
      redis: { state: 'ready', breakers: [{ node: 'redis:6379', state: 'closed' }], outbox: 3 },
      coherence: { trusted: false, ageMs: null },
      l1HitsPerTiming: 256,
    });
    expect(report).to.include.keys('l1', 'l2', 'overall', 'calls', 'windows', 'methods', 'memory', 'health');
    expect(report.invalidations).to.include({ total: 0, complete: true });
  });

  describe('advises', () => {
    function advice(): string[] {
      return monitor.report().advice.map(({ code, method }) => `${code} ${method}`);
    }

    it('nothing where all is well, or where too little has happened to tell', () => {
      call({ hits: 10, loads: 9 });
      expect(advice()).to.deep.equal([]);
      call({ hits: 990 });
      expect(advice()).to.deep.equal([]);
    });

    it('a longer ttl for a method whose entries end too early, and to look at its invalidations where there are any', () => {
      call({ hits: 50, loads: 50 });
      expect(advice()).to.deep.equal(['short-ttl feed']);
      counters.of('feed').invalidations += 1;
      expect(advice()).to.deep.equal(['low-hit-rate feed']);
    });

    it('to look at the key of a method that is never hit', () => {
      call({ loads: 100 });
      expect(advice()).to.deep.equal(['never-hit feed']);
      expect(monitor.report().advice[0]!.text).to.match(/^None of 100 calls of feed/);
    });

    it('what to do about slow loads, and about loads that are void before they end', () => {
      call({ hits: 1_000, loads: 10, loadMs: 3_000 });
      counters.of('feed').rejectedFills += 2;
      expect(advice()).to.deep.equal(['rejected-fills feed', 'slow-load feed']);
    });

    it('a larger L1 where it is full and misses', () => {
      l1 = { size: 100, bytes: 10 };
      call({ hits: 2_000, loads: 201 });
      expect(advice()).to.deep.equal(['l1-full null']);
    });

    it('of Redis that is away, and of a channel that is lost', () => {
      l2 = { kind: 'down', reason: 'ECONNREFUSED' };
      expect(advice()).to.deep.equal(['l2-down null']);
      l2 = { kind: 'ready' };
      age = { trusted: false, ageMs: 1_000 };
      expect(advice()).to.deep.equal(['coherence-lost null']);
    });
  });
});
