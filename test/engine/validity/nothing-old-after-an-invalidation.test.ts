import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Cacheable } from '../../../src/decorators/cacheable';
import { Gate, heard, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';
import { TcpProxy } from '../../support/tcp-proxy';

class Providers {
  constructor(
    readonly cache: TiercelCache,
    readonly load: () => Promise<unknown>,
  ) {}

  @Cacheable('provider:<0>:stats', { cache: (self) => self.cache })
  async stats(_id: string): Promise<unknown> {
    return this.load();
  }
}

/** The race that fills caches with old rows: load begins, row changes, key is invalidated, load ends. */
describe('a load that began before an invalidation', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();

  const ways: Record<string, (cache: TiercelCache, load: () => Promise<unknown>) => Promise<unknown>> = {
    getOrSet: (cache, load) => cache.getOrSet(KEY, load),
    getOrSetMany: async (cache, load) =>
      (await cache.getOrSetMany([KEY], async () => new Map([[KEY, await load()]]))).get(KEY),
    "getOrSet with tiers: 'l1'": (cache, load) => cache.getOrSet(KEY, load, { tiers: 'l1' }),
    put: (cache, load) => cache.put(KEY, load),
    'a decorated method': (cache, load) => new Providers(cache, load).stats('42'),
  };

  for (const [name, read] of Object.entries(ways)) {
    it(`P13, P21: ${name}: the invalidation by another process voids it, so the old row is in no tier`, async () => {
      const redis = await sharedRedis();
      const [reader, writer] = [await nodes.node(redis), await nodes.node(redis)];
      const old = new Gate<string>();
      const reading = read(reader, old.load);
      await old.started;
      expect(await writer.delete(KEY)).to.deep.equal({ acknowledged: true });
      old.end('old row');
      expect(await reading).to.equal('old row');
      expect(reader.peek(KEY)).to.equal(undefined);
      expect(await nodes.client(redis).get(KEY)).to.equal(null);
      expect(await reader.getOrSet(KEY, async () => 'new row')).to.equal('new row');
    });

    it(`P21, P30: ${name}: the invalidation by the same process voids it, so the old row is in no tier`, async () => {
      const redis = await sharedRedis();
      const cache = await nodes.node(redis);
      const old = new Gate<string>();
      const reading = read(cache, old.load);
      await old.started;
      await cache.delete(KEY);
      old.end('old row');
      await reading;
      expect(cache.peek(KEY)).to.equal(undefined);
      expect(await nodes.client(redis).get(KEY)).to.equal(null);
    });

    it(`P30, P39: ${name}: without an L2 the fence alone keeps the old row out of L1`, async () => {
      const cache = await nodes.node(undefined);
      const old = new Gate<string>();
      const reading = read(cache, old.load);
      await old.started;
      await cache.delete(KEY);
      old.end('old row');
      await reading;
      expect(cache.peek(KEY)).to.equal(undefined);
    });

    it(`${name}: without an invalidation it is stored (control)`, async () => {
      const redis = await sharedRedis();
      const cache = await nodes.node(redis);
      const row = new Gate<string>();
      const reading = read(cache, row.load);
      await row.started;
      // The planting of a stub is heard by the planter too, and must not come between the load and the keeping.
      await heard(cache);
      row.end('row');
      await reading;
      expect(await read(cache, async () => (name === 'put' ? 'row' : 'another'))).to.equal('row');
      expect(await nodes.client(redis).exists(KEY)).to.equal(1);
    });
  }

  it('P21: a foreign DEL voids the lease like an own invalidation, so nothing old is stored', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    const old = new Gate<string>();
    const reading = cache.getOrSet(KEY, old.load);
    await old.started;
    await nodes.client(redis).del(KEY);
    old.end('old row');
    await reading;
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(await nodes.client(redis).get(KEY)).to.equal(null);
  });

  it('P14: who calls after the acknowledgement does not get the old row, though the old load still runs', async () => {
    const redis = await sharedRedis();
    const [reader, writer] = [await nodes.node(redis), await nodes.node(redis)];
    const old = new Gate<string>();
    const before = reader.getOrSet(KEY, old.load);
    await old.started;
    await writer.delete(KEY);
    const after = reader.getOrSet(KEY, async () => 'new row');
    old.end('old row');
    expect(await before).to.equal('old row');
    expect(await after).to.equal('new row');
  });

  onBothTiers(({ where, hasL2, redis }) => {
    it(`P14: ${where}: the same if the result may not be stored (unless)`, async () => {
      const reader = await nodes.node(await redis());
      const writer = hasL2 ? await nodes.node(await redis()) : reader;
      const unless = () => true;
      const old = new Gate<string>();
      const before = reader.getOrSet(KEY, old.load, { unless });
      await old.started;
      await writer.delete(KEY);
      const after = reader.getOrSet(KEY, async () => 'new row', { unless });
      old.end('old row');
      expect(await before).to.equal('old row');
      expect(await after).to.equal('new row');
    });
  });

  it('P14: who calls after the acknowledgement does not join a read of L2 that was sent before it', async () => {
    const redis = await RedisServer.start();
    const proxy = await TcpProxy.start(redis.port);
    try {
      const [reader, writer] = [await nodes.node(proxy), await nodes.node(redis)];
      const client = nodes.client(redis);
      await writer.set(KEY, 'old row');
      await until(() => writer.peek(KEY) !== undefined);
      await client.config('RESETSTAT');
      proxy.delay(150);
      const before = reader.getOrSet(KEY, async () => 'never loaded');
      // Of the key, and with the pattern set of the generation that it guards.
      await until(async () => (await client.info('commandstats')).includes('cmdstat_get:calls=2'));
      // Redis has answered the first read, and its answer is on the way.
      await writer.delete(KEY);
      const after = reader.getOrSet(KEY, async () => 'new row');
      expect(await before).to.equal('old row');
      expect(await after).to.equal('new row');
    } finally {
      await nodes.close();
      await proxy.close();
      await redis.stop();
    }
  });

  it('P14, P39: who calls after an invalidation does not get the old row, without an L2 either', async () => {
    const cache = await nodes.node(undefined);
    const old = new Gate<string>();
    const before = cache.getOrSet(KEY, old.load);
    await old.started;
    await cache.delete(KEY);
    const after = cache.getOrSet(KEY, async () => 'new row');
    old.end('old row');
    expect(await before).to.equal('old row');
    expect(await after).to.equal('new row');
  });

  it('P30: a value read from L2 before an invalidation and arriving after it does not enter L1', async () => {
    const redis = await sharedRedis();
    const [reader, writer] = [await nodes.node(redis), await nodes.node(redis)];
    await writer.set(KEY, 'old row');
    const reading = reader.get(KEY);
    const deleting = reader.delete(KEY);
    await reading;
    await deleting;
    expect(reader.peek(KEY)).to.equal(undefined);
  });
});
