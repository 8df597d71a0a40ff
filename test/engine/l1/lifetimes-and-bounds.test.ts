import { expect } from 'chai';
import sinon from 'sinon';
import type { CacheConfig } from '../../../src/config/cache-config';
import { ManualClock } from '../../support/manual-clock';
import { MutingProxy } from '../../support/muting-proxy';
import { elapse, heard, inL1, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { TcpProxy } from '../../support/tcp-proxy';

describe('how long L1 keeps a value', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });

  afterEach(() => {
    sinon.restore();
    return nodes.close();
  });

  const local = (config: CacheConfig = {}) =>
    nodes.node(undefined, { l1: { jitter: 0 }, ...config } as object, { clock });

  it('without an L2: until exactly its ttl is over', async () => {
    const cache = await local();
    await cache.getOrSet(KEY, async () => 'row', { ttl: 10 });
    clock.advance(9_999);
    expect(cache.peek(KEY)).to.equal('row');
    clock.advance(1);
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(await cache.getOrSet(KEY, async () => 'new row', { ttl: 10 })).to.equal('new row');
  });

  it('without an L2: a ttl longer than the default of L1 is not cut', async () => {
    const cache = await local();
    await cache.set(KEY, 'row', { ttl: '2h' });
    clock.advance(7_199_999);
    expect(cache.peek(KEY)).to.equal('row');
  });

  it('jitter takes off at most its share, and never adds', async () => {
    const cache = await local({ l1: { jitter: 0.1 } });
    const random = sinon.stub(Math, 'random');
    for (const [drawn, lifetimeMs] of [
      [0, 10_000],
      [0.5, 9_500],
      [0.999_999, 9_001],
    ] as const) {
      random.returns(drawn);
      await cache.set(KEY, 'row', { ttl: 10 });
      clock.advance(lifetimeMs - 1);
      expect(cache.peek(KEY), `drawn ${drawn}`).to.equal('row');
      clock.advance(1);
      expect(cache.peek(KEY), `drawn ${drawn}`).to.equal(undefined);
    }
  });

  it('P4: a single ttl with an L2 is cut to the default of L1', async () => {
    const cache = await nodes.node(
      await sharedRedis(),
      { l1: { jitter: 0, defaultTTL: 5 }, l2: {} },
      { clock },
    );
    await inL1(cache, KEY, () => cache.getOrSet(KEY, async () => 'row', { ttl: 60 }));
    await elapse(clock, 4_999, cache);
    expect(cache.peek(KEY)).to.equal('row');
    await elapse(clock, 1, cache);
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(await nodes.client(await sharedRedis()).pttl(KEY)).to.be.within(50_000, 60_000);
  });

  it('P4: a ttl per tier is each tier’s, and the default of L1 never outlives a short L2', async () => {
    const cache = await nodes.node(await sharedRedis(), { l1: { jitter: 0 } }, { clock });
    for (const [key, ttl] of [
      ['a', { l1: 2, l2: 30 }],
      ['b', { l2: 2 }],
    ] as const) {
      await inL1(cache, key, () => cache.getOrSet(key, async () => 'row', { ttl }));
    }
    await elapse(clock, 1_999, cache);
    expect([cache.peek('a'), cache.peek('b')]).to.deep.equal(['row', 'row']);
    await elapse(clock, 1, cache);
    expect([cache.peek('a'), cache.peek('b')]).to.deep.equal([undefined, undefined]);
    expect(await nodes.client(await sharedRedis()).pttl('a')).to.be.within(25_000, 30_000);
  });

  for (const way of ['get', 'getMany', 'getOrSet', 'getOrSetMany'] as const) {
    it(`P4: ${way}: the copy of an entry that has 20 s left is kept for at most those 20 s`, async () => {
      const redis = await sharedRedis();
      // Its estimate of Redis' time must not run ahead, or the entry has more than its 20 s.
      const writer = await nodes.node(redis, { l1: { jitter: 0 } }, { clock: new ManualClock() });
      await writer.set(KEY, 'row', { ttl: 20 });
      const reader = await nodes.node(redis, { l1: { jitter: 0 } }, { clock });
      await inL1(reader, KEY, async () => {
        if (way === 'get') await reader.get(KEY);
        else if (way === 'getMany') await reader.getMany([KEY]);
        else if (way === 'getOrSet') await reader.getOrSet(KEY, async () => 'loaded', { ttl: 300 });
        else await reader.getOrSetMany([KEY], async () => ({ [KEY]: 'loaded' }), { ttl: 300 });
      });
      expect(reader.peek(KEY)).to.equal('row');
      await elapse(clock, 20_000, reader);
      expect(reader.peek(KEY)).to.equal(undefined);
    });
  }

  for (const way of ['getOrSet', 'set', 'put'] as const) {
    it(`P4: ${way}: the time that storing took is taken off, so the copy ends no later than its entry`, async () => {
      const redis = await sharedRedis();
      const slow = await TcpProxy.start(redis.port);
      const muting = await MutingProxy.start(slow.port);
      try {
        // Until it hears of its own write, a node has the copy that the write left.
        const trusting = { coherence: { stalenessBound: '5s' }, l2: { invalidationBudget: '5s' } } as const;
        const cache = await nodes.node(muting, { l1: { jitter: 0 }, ...trusting }, { clock });
        muting.mute();
        const client = nodes.client(redis);
        const load = async () => {
          slow.delay(150);
          return 'row';
        };
        let storing: Promise<unknown>;
        if (way === 'set') storing = cache.set(KEY, await load(), { ttl: 1 });
        else storing = cache[way](KEY, load, { ttl: 1 });
        await until(async () => (await client.get(KEY))?.startsWith('V') === true);
        await elapse(clock, 30, cache);
        await storing;
        await elapse(clock, 969, cache);
        expect(cache.peek(KEY)).to.equal('row');
        await elapse(clock, 1, cache);
        expect(cache.peek(KEY)).to.equal(undefined);
      } finally {
        await nodes.close();
        await muting.close();
        await slow.close();
      }
    });
  }

  it('nullTtl is the lifetime of null alone', async () => {
    const cache = await local();
    const options = { ttl: 60, nullTtl: 1 };
    await cache.getOrSet('absent', async () => null, options);
    await cache.getOrSet('present', async () => 'row', options);
    clock.advance(999);
    expect([cache.peek('absent'), cache.peek('present')]).to.deep.equal([null, 'row']);
    clock.advance(1);
    expect([cache.peek('absent'), cache.peek('present')]).to.deep.equal([undefined, 'row']);
  });

  it('nullTtl 0: null is returned, not stored, and its lease is released', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    expect(await cache.getOrSet(KEY, async () => null, { nullTtl: 0 })).to.equal(null);
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(await nodes.client(redis).exists(KEY)).to.equal(0);
  });

  it('ttl 0 does not cache: each call runs, no tier is asked, and it is counted as bypassed', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    await cache.set(KEY, 'stored');
    let loads = 0;
    const load = async () => {
      loads += 1;
      return loads;
    };
    const calls = [
      cache.getOrSet(KEY, load, { ttl: 0 }),
      cache.getOrSet(KEY, load, { ttl: 0 }),
      cache.getOrSet(KEY, load, { ttl: 0 }),
    ];
    expect(await Promise.all(calls)).to.deep.equal([1, 2, 3]);
    expect(cache.stats().methods['getOrSet']?.calls).to.include({ uncached: 3, total: 3 });
    const many = await cache.getOrSetMany([KEY], async () => ({ [KEY]: 'loaded' }), { ttl: 0 });
    expect(many.get(KEY)).to.equal('loaded');
    expect(await cache.get(KEY)).to.equal('stored');
  });

  it('set with a ttl of 0 stores nothing and removes what was there', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    await cache.set(KEY, 'old');
    expect(await cache.set(KEY, 'new', { ttl: 0 })).to.equal(false);
    expect(await cache.get(KEY)).to.equal(undefined);
  });

  it('maxSize bounds the entries of a cache, whatever is stored', async () => {
    const cache = await local({ l1: { maxSize: 10, jitter: 0 } });
    for (let i = 0; i < 100; i += 1) await cache.set(`k:${i}`, i);
    expect(cache.peek('k:99')).to.equal(99);
    expect([...Array(100).keys()].filter((i) => cache.peek(`k:${i}`) !== undefined)).to.have.lengthOf(10);
  });

  onBothTiers(({ where, hasL2, redis }) => {
    it(`maxBytes bounds L1 ${where}, by ${hasL2 ? 'the bytes of payloads' : 'an estimate'}`, async () => {
      const config = { l1: { maxBytes: 10_000, jitter: 0 } };
      const cache = await nodes.node(await redis(), config);
      const row = { text: 'x'.repeat(2_000) };
      for (let i = 0; i < 10; i += 1) {
        const key = `k:${i}`;
        await inL1(cache, key, () => cache.getOrSet(key, async () => row));
      }
      const kept = [...Array(10).keys()].filter((i) => cache.peek(`k:${i}`) !== undefined);
      expect(kept).to.deep.equal([6, 7, 8, 9]);
      await cache.set('k:9', { text: 'x'.repeat(20_000) });
      await heard(cache);
      await cache.get('k:9');
      expect(cache.peek('k:9')).to.equal(undefined);
    });
  });

  it('maxBytes counts what cannot be measured, such as an object with a function, as a kilobyte', async () => {
    const cache = await local({ l1: { maxBytes: 10_000, jitter: 0 } });
    for (let i = 0; i < 20; i += 1) await cache.set(`k:${i}`, { run: () => i });
    const kept = [...Array(20).keys()].filter((i) => cache.peek(`k:${i}`) !== undefined);
    expect(kept).to.have.lengthOf(9);
  });

  it('P28: a value whose decoding takes longer than trust lasts enters L1: trust is asked when the reply arrives', async () => {
    const redis = await sharedRedis();
    const slow = {
      tag: 'slow',
      encode: (value: unknown) => JSON.stringify(value),
      decode: (bytes: Buffer) => {
        const start = performance.now();
        while (performance.now() - start < 100);
        return JSON.parse(bytes.toString());
      },
    };
    const writer = await nodes.node(redis, { serializer: slow });
    await writer.set(KEY, 'row');
    const reader = await nodes.node(redis, { serializer: slow });
    await until(async () => (await reader.ready()).coherence === 'trusted');
    expect(await reader.get(KEY)).to.equal('row');
    await until(() => reader.peek(KEY) === 'row');
  });

  it('l1: false keeps nothing here: L2 answers each time', async () => {
    const cache = await nodes.node(await sharedRedis(), { l1: false });
    await cache.getOrSet(KEY, async () => 'row');
    expect(await cache.getOrSet(KEY, async () => 'never loaded')).to.equal('row');
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(cache.stats().calls).to.include({ l1: 0, l2: 1, loaded: 1 });
  });
});
