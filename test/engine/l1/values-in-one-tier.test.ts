import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { ManualClock } from '../../support/manual-clock';
import { MutingProxy } from '../../support/muting-proxy';
import { elapse, Gate, inL1, type Nodes, sharedRedis, useNodes } from '../../support/nodes';

const L1 = { tiers: 'l1' } as const;
const L2 = { tiers: 'l2' } as const;

/** The end of a stub: serializer, the token of its only group, and no payload. */
const STUB_END = '-[\\w-]{16}\n$';

describe("tiers: 'l1', values that live in memory alone", () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let a: TiercelCache;
  let b: TiercelCache;
  let client: ReturnType<Nodes['client']>;

  beforeEach(async () => {
    const redis = await sharedRedis();
    // With clocks that stand still nothing is late, and the channel stays trusted, however busy the machine is.
    a = await nodes.node(redis, {}, { clock: new ManualClock() });
    b = await nodes.node(redis, {}, { clock: new ManualClock() });
    client = nodes.client(redis);
  });

  it('P28: L2 gets a stub without the value, so that it can tell of invalidations', async () => {
    const value = { secret: 'not for Redis', handler: () => 1 };
    expect(await a.getOrSet(KEY, async () => value, L1)).to.deep.equal(value);
    await inL1(a, KEY, () => a.getOrSet(KEY, async () => value, L1));
    expect(await a.getOrSet(KEY, async () => 'never loaded', L1)).to.deep.equal(value);
    const stub = await client.get(KEY);
    expect(stub).to.match(new RegExp(`^V1.*${STUB_END}`));
    expect(stub).not.to.contain('secret');
  });

  it('P28: a process that finds the stub loads its own value, keeps it, and leaves the stub', async () => {
    await inL1(a, KEY, () => a.getOrSet(KEY, async () => 'of a', L1));
    const stub = await client.get(KEY);
    expect(await b.getOrSet(KEY, async () => 'of b', L1)).to.equal('of b');
    expect([a.peek(KEY), b.peek(KEY)]).to.deep.equal(['of a', 'of b']);
    expect(await client.get(KEY)).to.equal(stub);
    expect(b.stats().calls).to.include({ loaded: 1 });
  });

  for (const [who, remove] of [
    ['any other client', () => client.del(KEY)],
    ['another process', () => a.delete(KEY)],
    ['the same process', () => b.delete(KEY)],
  ] as const) {
    it(`P28: a delete of the stub by ${who} voids the load in flight: its value is kept nowhere`, async () => {
      await a.getOrSet(KEY, async () => 'of a', L1);
      const old = new Gate<string>();
      const loading = b.getOrSet(KEY, old.load, L1);
      await old.started;
      await remove();
      old.end('old row');
      expect(await loading).to.equal('old row');
      expect(b.peek(KEY)).to.equal(undefined);
      expect(b.stats().methods['getOrSet']?.rejectedFills).to.equal(1);
    });
  }

  it('P28: a stub that was replaced by another one meanwhile does not confirm the load either', async () => {
    await a.getOrSet(KEY, async () => 'of a', L1);
    const old = new Gate<string>();
    const loading = b.getOrSet(KEY, old.load, L1);
    await old.started;
    await a.delete(KEY);
    await a.getOrSet(KEY, async () => 'of a', L1);
    old.end('old row');
    await loading;
    expect(b.peek(KEY)).to.equal(undefined);
  });

  it('P4: a value loaded against a stub is kept no longer than the stub', async () => {
    const [redis, clock, l1] = [await sharedRedis(), new ManualClock(), { jitter: 0 }];
    await a.close();
    await b.close();
    // Its estimate of Redis' time must not run ahead, or the stub has more than its 20 s.
    const early = await nodes.node(redis, { l1 }, { clock: new ManualClock() });
    await early.getOrSet(KEY, async () => 'of early', { ...L1, ttl: 20 });
    const late = await nodes.node(redis, { l1 }, { clock });
    await late.getOrSet(KEY, async () => 'of late', { ...L1, ttl: 300 });
    expect(late.peek(KEY)).to.equal('of late');
    await elapse(clock, 20_000, late);
    expect(late.peek(KEY)).to.equal(undefined);
  });

  it('the result that unless excludes, and undefined, are not kept beside a stub', async () => {
    await a.getOrSet(KEY, async () => 'of a', L1);
    expect(await b.getOrSet(KEY, async () => 'of b', { ...L1, unless: () => true })).to.equal('of b');
    expect(b.peek(KEY)).to.equal(undefined);
    expect(await b.getOrSet(KEY, async () => undefined, L1)).to.equal(undefined);
    expect(b.peek(KEY)).to.equal(undefined);
  });

  it('a loader that fails beside a stub fails its callers alone: the stub and others’ values stay', async () => {
    await inL1(a, KEY, () => a.getOrSet(KEY, async () => 'of a', L1));
    const error = new Error('away');
    expect(await b.getOrSet(KEY, () => Promise.reject(error), L1).catch((e: unknown) => e)).to.equal(error);
    expect(await client.exists(KEY)).to.equal(1);
    expect(a.peek(KEY)).to.equal('of a');
  });

  it('a stub of another version is replaced', async () => {
    await a.getOrSet(KEY, async () => 'one', { ...L1, version: 1 });
    const stub = await client.get(KEY);
    expect(await b.getOrSet(KEY, async () => 'two', { ...L1, version: 2 })).to.equal('two');
    expect(await client.get(KEY))
      .to.match(new RegExp(`^V1.*2${STUB_END}`))
      .and.not.equal(stub);
  });

  it('a stub is a miss for those who store the value, and replaced by it', async () => {
    await a.getOrSet(KEY, async () => 'of a', L1);
    expect(await b.get(KEY)).to.equal(undefined);
    expect(await b.getOrSet(KEY, async () => 'stored')).to.equal('stored');
    expect(await client.get(KEY)).to.match(/"stored"$/);
  });

  it('set and put leave a stub, too', async () => {
    const muting = await MutingProxy.start((await sharedRedis()).port);
    try {
      // The value is in L1 until the writer hears of its own stub.
      const writer = await nodes.node(muting, {}, { clock: new ManualClock() });
      muting.mute();
      await writer.set(KEY, 'set', L1);
      expect(writer.peek(KEY)).to.equal('set');
      expect(await client.get(KEY)).to.match(new RegExp(STUB_END));
      await writer.put(KEY, async () => 'put', L1);
      expect(writer.peek(KEY)).to.equal('put');
      expect(await client.get(KEY)).to.match(new RegExp(STUB_END));
    } finally {
      await nodes.close();
      await muting.close();
    }
  });
});

describe("tiers: 'l2', values that are never in memory", () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();

  it('are stored in L2 and read from it by every call', async () => {
    const cache = await nodes.node(await sharedRedis());
    expect(await cache.getOrSet(KEY, async () => 'row', L2)).to.equal('row');
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(await cache.getOrSet(KEY, async () => 'never loaded', L2)).to.equal('row');
    expect(cache.peek(KEY)).to.equal(undefined);
    await cache.set(KEY, 'set', L2);
    await cache.put(KEY, async () => 'put', L2);
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(cache.stats().methods['getOrSet']?.calls).to.include({ l1: 0, l2: 1, loaded: 1 });
  });

  it('without an L2 such calls pass through', async () => {
    const cache = await nodes.node(undefined);
    expect(await cache.getOrSet(KEY, async () => 'row', L2)).to.equal('row');
    expect(await cache.getOrSet(KEY, async () => 'loaded again', L2)).to.equal('loaded again');
    expect(cache.stats().calls).to.include({ uncached: 2, total: 2 });
  });
});
