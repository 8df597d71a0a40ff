import { expect } from 'chai';
import fc from 'fast-check';
import { MethodCounters } from '../../../src/engine/entry/counters';
import { periodStatistics, statisticsByMethod } from '../../../src/ops/observe/statistics';
import { OUTCOMES, tally } from '../../../src/ops/observe/tally';
import { type ObservedFixture, observedCache } from './observed-fixture';

function statistics({ counters }: ObservedFixture) {
  return { ...periodStatistics(tally(counters.all())), methods: statisticsByMethod(counters) };
}

describe('statistics', () => {
  it('sum the tiers over methods and both tiers into overall, as the figures of the strategy document do', () => {
    const cache = observedCache('app')
      .count('feed', { l1: 8_000, l1Misses: 1_000, l2: 900, l2Misses: 100 })
      .count('stats', { l1: 500, l1Misses: 500, l2: 300, l2Misses: 200 });
    const { l1, l2, overall } = statistics(cache);
    expect(l1).to.include({ hits: 8_500, misses: 1_500, hitRate: 85 });
    expect(l2).to.include({ hits: 1_200, misses: 300, hitRate: 80 });
    expect(overall).to.include({ hits: 9_700, misses: 1_800, hitRate: 84.3 });
  });

  it('give zeros, and nothing that is not a number, while nobody has used the cache', () => {
    const tier = { hits: 0, misses: 0, hitRate: 0, avgResponseTime: 0 };
    const found = statistics(observedCache('app'));
    expect(found).to.deep.equal({
      l1: tier,
      l2: tier,
      overall: tier,
      calls: { total: 0, l1: 0, l2: 0, loaded: 0, coalesced: 0, waited: 0, stale: 0, uncached: 0, failed: 0 },
      answered: 0,
      served: 0,
      servedRate: 0,
      methods: {},
    });
  });

  it('give zeros for a method that is known but was never called', () => {
    const none = { avg: 0, p50: 0, p95: 0, p99: 0 };
    const method = statistics(observedCache('app').count('feed', {})).methods['feed']!;
    expect(method.latency).to.deep.equal({ l1: none, l2: none, load: none });
    expect(method.l1).to.deep.equal({ hits: 0, misses: 0, hitRate: 0 });
  });

  it('count a call that waited for another process as a hit of L2, which answered it', () => {
    const { l2, methods } = statistics(observedCache('app').count('feed', { l2: 2, waited: 3, l2Misses: 5 }));
    expect(l2).to.include({ hits: 5, misses: 5, hitRate: 50 });
    expect(methods['feed']!.l2).to.deep.equal({ hits: 5, misses: 5, hitRate: 50 });
  });

  it('count as served every call that ran no load of its own, hits included, and leave uncached calls out', () => {
    const cache = observedCache('app').count('feed', {
      l1: 50,
      l2: 10,
      coalesced: 5,
      waited: 5,
      stale: 5,
      loaded: 20,
      failed: 5,
      uncached: 100,
    });
    expect(statistics(cache)).to.include({ answered: 100, served: 75, servedRate: 75 });
  });

  it('count each call once: the total is the sum of the outcomes, per method and over all', () => {
    expect(OUTCOMES).to.have.length(8);
    const counts = fc.record(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, fc.nat(1_000)])));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), counts, { maxKeys: 5 }), (methods) => {
        const cache = observedCache('app');
        for (const [method, outcomes] of Object.entries(methods)) cache.count(method, outcomes);
        const found = statistics(cache);
        let total = 0;
        for (const { calls } of Object.values(found.methods)) {
          expect(calls.total).to.equal(OUTCOMES.reduce((sum, outcome) => sum + calls[outcome], 0));
          total += calls.total;
        }
        expect(found.calls.total).to.equal(total);
        expect(Object.keys(found.methods)).to.have.members(Object.keys(methods));
      }),
    );
  });

  it('know every outcome that is counted', () => {
    const counters = new MethodCounters('feed');
    for (const outcome of OUTCOMES) expect(counters[outcome]).to.equal(0);
    const afterCalls = [
      'l1Misses',
      'l2Misses',
      'l1Sets',
      'l2Sets',
      'rejectedFills',
      'stampedes',
      'leaseWaits',
    ];
    const numbers = Object.entries(counters).filter(([, value]) => typeof value === 'number');
    expect(numbers.map(([name]) => name)).to.have.members([...OUTCOMES, ...afterCalls, 'invalidations']);
  });

  it('weight the response times of the tiers by their hits, whatever share of them was timed', () => {
    const cache = observedCache('app')
      .count('feed', { l1: 900, l2: 100 })
      .time('feed', { l1: [0.4, 0.6], l2: Array<number>(100).fill(8) });
    const { l1, l2, overall } = statistics(cache);
    expect(l1.avgResponseTime).to.equal(0.5);
    expect(l2.avgResponseTime).to.equal(8);
    expect(overall.avgResponseTime).to.equal(1.25);
  });

  it('keep tenths of a microsecond, or every L1 hit would take no time', () => {
    const cache = observedCache('app')
      .count('feed', { l1: 1 })
      .time('feed', { l1: [0.000_71] });
    expect(statistics(cache).l1.avgResponseTime).to.equal(0.0007);
  });

  it('take percentiles by nearest rank, of the samples in any order', () => {
    const durations = Array.from({ length: 100 }, (_, index) => 100 - index);
    const { latency } = statistics(observedCache('app').time('feed', { load: durations })).methods['feed']!;
    expect(latency.load).to.deep.equal({ avg: 50.5, p50: 50, p95: 95, p99: 99 });
    const one = statistics(observedCache('app').time('feed', { l2: [7] })).methods['feed']!;
    expect(one.latency.l2).to.deep.equal({ avg: 7, p50: 7, p95: 7, p99: 7 });
  });

  it('leave the counters as they are, so that asking twice gives the same', () => {
    const cache = observedCache('app')
      .count('feed', { l1: 3 })
      .time('feed', { load: [3, 1, 2] });
    expect(statistics(cache)).to.deep.equal(statistics(cache));
    expect(cache.counters.of('feed').loadLatency.samples).to.deep.equal([3, 1, 2]);
  });

  it('give per method what happened to it', () => {
    const cache = observedCache('app')
      .count('feed', { rejectedFills: 1, stampedes: 2, leaseWaits: 3, invalidations: 4 })
      .time('feed', { load: [1, 1] });
    expect(statistics(cache).methods['feed']).to.include({
      loads: 2,
      rejectedFills: 1,
      stampedes: 2,
      leaseWaits: 3,
      invalidations: 4,
    });
  });
});
