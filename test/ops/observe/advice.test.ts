import { expect } from 'chai';
import type { MemoryReport } from '../../../src/contract/report';
import type { MissReason } from '../../../src/contract/statistics';
import { createCache } from '../../../src/create';
import { type Advisable, adviceOf } from '../../../src/ops/observe/advice';
import { MISS_REASONS, tally } from '../../../src/ops/observe/tally';
import type { MethodPeriod } from '../../../src/ops/observe/windows';
import { ManualClock } from '../../support/manual-clock';
import { EMPTY_MEMORY } from './observed-fixture';

const METHOD: MethodPeriod = {
  answered: 0,
  served: 0,
  ms: 0,
  loads: 0,
  loadMs: 0,
  misses: Object.fromEntries(MISS_REASONS.map((reason) => [reason, 0])) as Record<MissReason, number>,
  rejectedFills: 0,
};

describe('advice', () => {
  /** Of 100 calls, all but 50 loads of these reasons were served. */
  function seen(misses: Partial<Record<MissReason, number>>, more: Partial<MethodPeriod> = {}): Advisable {
    const feed = { ...METHOD, answered: 100, served: 50, loads: 50, ...more };
    return {
      period: {
        ms: 300_000,
        total: tally([]),
        methods: new Map([['feed', { ...feed, misses: { ...METHOD.misses, ...misses } }]]),
      },
      memory: EMPTY_MEMORY,
      mostInvalidatedBy: () => undefined,
      hitRateThreshold: 80,
      minCalls: 100,
      responseTimeThresholdMs: 2_000,
    };
  }

  const codes = (advisable: Advisable) => adviceOf(advisable).map(({ code, method }) => `${code} ${method}`);

  it('is none if all is well, or if too little has happened to tell', () => {
    expect(codes(seen({ expired: 10 }, { served: 90 }))).to.deep.equal([]);
    expect(codes(seen({ expired: 50 }, { answered: 99 }))).to.deep.equal([]);
  });

  it('goes by the reason that most of the loads have in common', () => {
    expect(codes(seen({ expired: 26, invalidated: 24 }))).to.deep.equal(['short-ttl feed']);
    expect(codes(seen({ expired: 24, invalidated: 26 }))).to.deep.equal(['often-invalidated feed']);
    expect(codes(seen({ evicted: 50 }))).to.deep.equal(['l1-full feed']);
    expect(codes(seen({ first: 50 }))).to.deep.equal(['low-hit-rate feed']);
    expect(codes(seen({ first: 100 }, { served: 0 }))).to.deep.equal(['never-hit feed']);
    for (const reason of ['version', 'contended', 'unreadable'] as const)
      expect(codes(seen({ [reason]: 50 }))).to.deep.equal(['low-hit-rate feed']);
  });

  it('blames no method for a Redis that does not answer: that is an alert', () => {
    expect(codes(seen({ untrusted: 50 }))).to.deep.equal([]);
  });

  it('names the invalidator, or says that no invalidation of this process explains the loads', () => {
    const advisable = seen({ invalidated: 40, expired: 10 });
    const mostInvalidatedBy = () => ({ name: 'signal.created', pattern: 'feed:*', perMinute: 23 });
    expect(adviceOf({ ...advisable, mostInvalidatedBy })[0]!.text).to.equal(
      'feed ran its load in 50 of 100 calls in the last 5 minutes. In 80 % of them the entry had been invalidated, ' +
        'mostly by signal.created (feed:*, 23 a minute). A longer ttl does not help. Invalidate narrower patterns, or less often.',
    );
    expect(adviceOf(advisable)[0]!.text).to.include('another process');
  });

  it('is about slow loads, and about loads that are void before they end', () => {
    const advisable = seen({ expired: 10 }, { served: 90, loads: 10, loadMs: 30_000, rejectedFills: 2 });
    expect(codes(advisable)).to.deep.equal(['rejected-fills feed', 'slow-load feed']);
    expect(codes(seen({}, { served: 90, loads: 9, loadMs: 30_000, rejectedFills: 2 }))).to.deep.equal([]);
  });

  it('is a larger L1 if it is full and misses', () => {
    const l1: MemoryReport['l1'] = { ...EMPTY_MEMORY.l1, entries: 10, maxEntries: 10 };
    const advisable = seen({}, { served: 100 });
    const missing = (misses: number) => ({
      ...advisable,
      memory: { ...EMPTY_MEMORY, l1 },
      period: { ...advisable.period, total: { ...tally([]), l1: { hits: 0, misses, sets: 0 } } },
    });
    expect(codes(missing(20))).to.deep.equal([]);
    expect(codes(missing(21))).to.deep.equal(['l1-full null']);
  });
});

describe('the advice of a cache in use', () => {
  it('names what invalidates a method with a long ttl, and is gone when that has ended', async () => {
    const clock = new ManualClock();
    const cache = createCache(
      { namespace: 'advised', events: { 'trade.executed': ['portfolio:*'] } },
      { default: false, clock },
    );
    const portfolio = cache.strategy({
      key: 'portfolio:<userId>',
      name: 'Portfolio.summary',
      ttl: '1h',
    });
    const read = (userId: number) => portfolio.getOrFetch({ userId }, async () => 'summary');
    try {
      for (let round = 0; round < 20; round += 1) {
        clock.advance(3_000);
        for (let user = 0; user < 10; user += 1) await read(user);
        await cache.emit('trade.executed', {});
      }
      const { advice, invalidations, windows } = cache.report();
      expect(advice.map(({ code, method }) => [code, method])).to.deep.equal([
        ['often-invalidated', 'Portfolio.summary'],
      ]);
      expect(advice[0]!.text).to.include('mostly by trade.executed (portfolio:*, 20 a minute)');
      expect(advice[0]!.text).to.include('In 95 % of them');
      expect(invalidations.byTemplate['portfolio:<userId>']).to.deep.include({
        readBy: ['Portfolio.summary'],
        total: 20,
        perMinute: 20,
      });
      expect(windows.lastMinute.methods['Portfolio.summary']!.misses).to.deep.include({
        first: 10,
        invalidated: 190,
        expired: 0,
      });
      for (let step = 0; step < 31; step += 1) clock.advance(10_000);
      for (let call = 0; call < 200; call += 1) await read(1);
      expect(cache.report().advice, 'all of it is more than five minutes ago').to.deep.equal([]);
    } finally {
      await cache.close();
    }
  });
});
