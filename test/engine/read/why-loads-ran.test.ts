import { expect } from 'chai';
import type { MissReason } from '../../../src/contract/statistics';
import type { TiercelCache } from '../../../src/create';
import { RecentKeys } from '../../../src/engine/entry/recent-keys';
import { ManualClock } from '../../support/manual-clock';
import { elapse, Gate, heard, inL1, sharedRedis, useNodes } from '../../support/nodes';
import { RedisServer } from '../../support/redis-server';

/** The reasons that have been counted, and a check that each load has exactly one. */
function reasons(cache: TiercelCache, label = 'getOrSet'): Partial<Record<MissReason, number>> {
  const { misses, calls } = cache.stats().methods[label]!;
  const found = Object.entries(misses).filter(([, count]) => count > 0);
  const total = found.reduce((sum, [, count]) => sum + count, 0);
  expect(total, 'one reason for each load').to.equal(calls.loaded + calls.failed);
  return Object.fromEntries(found);
}

describe('why a load ran', () => {
  const KEY = 'feed:42';
  const nodes = useNodes();
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });

  const load = async () => 'row';
  const read = (cache: TiercelCache, key = KEY, version?: number) =>
    cache.getOrSet(key, load, { ttl: 10, ...(version === undefined ? {} : { version }) });

  describe('without Redis', () => {
    const local = (l1: object = {}) =>
      nodes.node(undefined, { l1: { jitter: 0, ...l1 }, patterns: ['feed:*'] }, { clock });

    it('is the first read of a key, and nothing is counted while L1 answers', async () => {
      const cache = await local();
      for (let call = 0; call < 3; call += 1) await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1 });
    });

    it('is the end of its ttl, whether the expired entry was swept away or not', async () => {
      const cache = await local({ sweep: '25s' });
      await read(cache);
      clock.advance(10_000);
      await read(cache);
      clock.advance(40_000);
      await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1, expired: 2 });
    });

    it('is an invalidation, by key, by pattern and of everything, and not the ttl that has not ended', async () => {
      const cache = await local();
      await read(cache);
      await cache.delete(KEY);
      await read(cache);
      await cache.invalidate('feed:*');
      await read(cache);
      await cache.clear();
      await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1, invalidated: 3 });
    });

    it('is the ttl where an entry is invalidated after its end', async () => {
      const cache = await local();
      await read(cache);
      clock.advance(10_000);
      await cache.delete(KEY);
      await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1, expired: 1 });
    });

    it('is that L1 was full', async () => {
      const cache = await local({ maxSize: 2 });
      for (const key of ['feed:1', 'feed:2', 'feed:3', 'feed:1']) await read(cache, key);
      expect(reasons(cache)).to.deep.equal({ first: 3, evicted: 1 });
    });

    it('is another version of the method', async () => {
      const cache = await local();
      await read(cache, KEY, 1);
      await read(cache, KEY, 2);
      expect(reasons(cache)).to.deep.equal({ first: 1, version: 1 });
    });

    it('is that the last load was void before it ended', async () => {
      const cache = await local();
      const gate = new Gate<string>();
      const slow = cache.getOrSet(KEY, gate.load, { ttl: 10 });
      await gate.started;
      await cache.invalidate('feed:*');
      gate.end('old row');
      await slow;
      await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1, unstored: 1 });
    });

    it('is counted for a load that fails, and once for all who wait for one load', async () => {
      const cache = await local();
      await cache.getOrSet(KEY, () => Promise.reject(new Error('no database'))).catch(() => {});
      expect(reasons(cache)).to.deep.equal({ first: 1 });
      await Promise.all([read(cache), read(cache), read(cache)]);
      expect(reasons(cache)).to.deep.equal({ first: 2 });
    });
  });

  describe('with Redis', () => {
    const remote = (config: object = {}) =>
      sharedRedis().then((server) => nodes.node(server, { patterns: ['feed:*'], ...config }));

    it('is an invalidation by another process, by key and by pattern', async () => {
      const [cache, writer] = [await remote(), await remote()];
      await inL1(cache, KEY, () => read(cache));
      await writer.delete(KEY);
      await read(cache);
      await writer.invalidate('feed:*');
      await heard(cache);
      await read(cache);
      expect(reasons(cache)).to.deep.equal({ first: 1, invalidated: 2 });
    });

    it('is the end of the ttl for an entry that this process has dropped from L1 when it heard of its own fill', async () => {
      const cache = await nodes.node(await sharedRedis(), { l1: { jitter: 0 } }, { clock });
      await inL1(cache, KEY, () => cache.getOrSet(KEY, load, { ttl: { l1: 1, l2: 1 } }));
      await nodes.client(await sharedRedis()).del(KEY);
      await elapse(clock, 1_000, cache);
      await cache.getOrSet(KEY, load, { ttl: { l1: 1, l2: 1 } });
      expect(reasons(cache)).to.deep.equal({ first: 1, expired: 1 });
    });

    it('is that L1 was full, for values that live in L1 alone', async () => {
      const cache = await remote({ l1: { maxSize: 1 } });
      const own = (key: string) => cache.getOrSet(key, load, { ttl: 60, tiers: 'l1' });
      await inL1(cache, 'feed:1', () => own('feed:1'));
      await inL1(cache, 'feed:2', () => own('feed:2'));
      const before = reasons(cache).evicted ?? 0;
      await own('feed:1');
      expect(reasons(cache).evicted).to.equal(before + 1);
    });

    it('is Redis while it does not answer', async () => {
      const server = await RedisServer.start();
      const cache = await nodes.node(server, { coherence: { degradedTtl: 0 } });
      await read(cache);
      await server.stop();
      await read(cache, 'feed:43');
      expect(reasons(cache)).to.deep.equal({ first: 1, untrusted: 1 });
    });
  });
});

describe('the memory of recent keys', () => {
  it('forgets a key whose slot another one takes, and never takes one key for another', () => {
    const recent = new RecentKeys(1);
    recent.stored('a', 1_000);
    expect(recent.fateOf('a', 0, true)).to.equal('invalidated');
    recent.stored('b', 1_000);
    expect(recent.fateOf('a', 0, true)).to.equal('first');
    expect(recent.fateOf('b', 1_000, true)).to.equal('expired');
  });

  it('takes a key for expired from the moment on at which it expires, and a little before: the clocks of two tiers differ', () => {
    const recent = new RecentKeys(16);
    for (const until of [1_000, 1_001, 1_050, 1_099]) {
      recent.stored('a', until);
      expect(recent.fateOf('a', until, true), `${until}`).to.equal('expired');
      expect(recent.fateOf('a', until - 10, true), `${until}`).to.equal('expired');
      expect(recent.fateOf('a', until - 300, true), 'control').to.equal('invalidated');
    }
  });

  it('remembers nothing if it has no slots', () => {
    const recent = new RecentKeys(0);
    recent.stored('a', 1_000);
    expect(recent.fateOf('a', 0, true)).to.equal('first');
  });
});
