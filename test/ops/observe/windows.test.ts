import { expect } from 'chai';
import { windowStatistics } from '../../../src/ops/observe/statistics';
import { Windows } from '../../../src/ops/observe/windows';
import { ManualClock } from '../../support/manual-clock';
import { type ObservedFixture, observedCache } from './observed-fixture';

describe('windows of time', () => {
  let clock: ManualClock;
  let cache: ObservedFixture;
  let windows: Windows;

  beforeEach(() => {
    clock = new ManualClock();
    cache = observedCache('app');
    windows = new Windows(clock, cache.counters, 300_000);
  });

  it('hold everything while the cache is younger than they are long', () => {
    clock.advance(7_000);
    cache.count('feed', { l1: 3, l1Misses: 1 });
    expect(windowStatistics(windows.last(60_000))).to.deep.include({ seconds: 7 });
    expect(windowStatistics(windows.last(60_000)).l1).to.include({ hits: 3, misses: 1, hitRate: 75 });
  });

  it('leave out what had happened before the last snapshot that is old enough', () => {
    cache.count('feed', { l1: 100, stampedes: 5, invalidations: 7 }).time('feed', { load: [1_000], l1: [4] });
    clock.advance(10_000);
    windows.take();
    clock.advance(59_000);
    cache.count('feed', { l1: 101, stampedes: 6, invalidations: 9 }).time('feed', { load: [10], l1: [2] });
    const early = windowStatistics(windows.last(60_000));
    expect([early.seconds, early.l1.hits]).to.deep.equal([69, 101]);
    clock.advance(1_000);
    const { seconds, l1, stampedes, invalidations } = windowStatistics(windows.last(60_000));
    expect({ seconds, stampedes, invalidations }).to.deep.equal({
      seconds: 60,
      stampedes: 1,
      invalidations: 2,
    });
    expect(l1).to.include({ hits: 1, avgResponseTime: 2 });
  });

  it('give per method how long its calls took together, loads at the mean of the loads', () => {
    cache
      .count('feed', { l1: 8, loaded: 1, coalesced: 1, uncached: 5 })
      .time('feed', { l1: [1], load: [100] });
    expect(windows.last(1_000).methods.get('feed')).to.include({
      answered: 10,
      served: 9,
      ms: 208,
      loads: 1,
      loadMs: 100,
    });
    windows.take();
    clock.advance(1_000);
    expect([...windows.last(1_000).methods.keys()]).to.deep.equal([]);
  });

  it('know methods that were called for the first time since', () => {
    windows.take();
    clock.advance(60_000);
    cache.count('late', { l2: 4 }).time('late', { l2: [3] });
    expect(windows.last(60_000).methods.get('late')).to.include({ answered: 4, ms: 12 });
  });

  it('forget snapshots that nobody looks back to: the longest window still covers its time, and hardly more', () => {
    for (let step = 0; step < 100; step++) {
      clock.advance(10_000);
      windows.take();
    }
    clock.advance(5_000);
    expect(windows.last(300_000).ms).to.equal(305_000);
    expect(windows.last(900_000).ms).to.be.lessThan(320_000);
  });
});
