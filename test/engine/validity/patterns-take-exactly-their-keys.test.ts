import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Gate, inL1, Nodes, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

describe('invalidation by patterns', () => {
  const nodes = useNodes();

  const patterns = ['feed:*', 'feed:<userId>:*', 'provider:*:stats'];
  const row = async () => 'row';
  const keep = (cache: TiercelCache, key: string) => inL1(cache, key, () => cache.getOrSet(key, row));

  onBothTiers(({ where, hasL2, redis }) => {
    const node = async () => nodes.node(await redis(), { patterns });

    it(`P5: ${where}: a declared pattern takes exactly its keys, in every tier`, async () => {
      const cache = await node();
      const keys = [
        'feed:1:a',
        'feed:1:b',
        'feed:2:a',
        'provider:7:stats',
        'provider:7:profile',
        'price:EUR',
      ];
      for (const key of keys) await keep(cache, key);
      // Whatever the tier: what L1 has comes first in the map.
      const left = async () => {
        const found = await cache.getMany(keys);
        return keys.filter((key) => found.has(key));
      };
      expect(await cache.invalidate('feed:<userId>:*', { userId: 1 })).to.deep.equal({
        acknowledged: true,
        swept: 0,
      });
      expect(await left()).to.deep.equal(keys.slice(2));
      await cache.invalidate('provider:*:stats');
      expect(await left()).to.deep.equal(['feed:2:a', 'provider:7:profile', 'price:EUR']);
      await cache.invalidate('feed:*');
      expect(await left()).to.deep.equal(['provider:7:profile', 'price:EUR']);
    });

    it(`P6: ${where}: a load that began before its group was invalidated is not stored, and nobody joins it`, async () => {
      const cache = await node();
      const old = new Gate<string>();
      const before = cache.getOrSet('feed:1:a', old.load);
      await old.started;
      await cache.invalidate('feed:*');
      const after = cache.getOrSet('feed:1:a', async () => 'new row');
      old.end('old row');
      expect([await before, await after]).to.deep.equal(['old row', 'new row']);
      expect(await cache.get('feed:1:a')).to.equal('new row');
    });

    it(`P14: ${where}: what is not stored (unless) is not shared either, once its group was invalidated`, async () => {
      const cache = await node();
      const old = new Gate<string>();
      const before = cache.getOrSet('feed:1:a', old.load, { unless: () => true });
      await old.started;
      await cache.invalidate('feed:*');
      const after = cache.getOrSet('feed:1:a', async () => 'new row', { unless: () => true });
      old.end('old row');
      expect([await before, await after]).to.deep.equal(['old row', 'new row']);
    });

    it(`P6: ${where}: without an invalidation it is stored (control)`, async () => {
      const cache = await node();
      await cache.getOrSet('feed:1:a', row);
      expect(await cache.get('feed:1:a')).to.equal('row');
    });

    it(`P27: ${where}: clear takes everything, also what is being loaded`, async () => {
      const cache = await node();
      await keep(cache, 'price:EUR');
      const old = new Gate<string>();
      const loading = cache.getOrSet('signal:1', old.load);
      await old.started;
      expect(await cache.clear()).to.deep.equal({ acknowledged: true });
      old.end('old row');
      await loading;
      expect((await cache.getMany(['price:EUR', 'signal:1'])).size).to.equal(0);
      await keep(cache, 'price:EUR');
    });

    it(`P10: ${where}: an undeclared pattern is swept key by key, loads under way included`, async () => {
      const cache = await node();
      for (const key of ['signal:1', 'signal:2', 'price:EUR']) await keep(cache, key);
      const old = new Gate<string>();
      const loading = cache.getOrSet('signal:3', old.load);
      await old.started;
      const { acknowledged, swept } = await cache.invalidate('signal:*');
      old.end('old row');
      await loading;
      expect(acknowledged).to.equal(true);
      expect(swept).to.equal(hasL2 ? 3 : 0);
      expect([
        ...(await cache.getMany(['signal:1', 'signal:2', 'signal:3', 'price:EUR'])).keys(),
      ]).to.deep.equal(['price:EUR']);
    });
  });

  it('P22: a group invalidated during a put makes what it stores invalid from birth', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis, { patterns }), await nodes.node(redis, { patterns })];
    const write = new Gate<string>();
    const writing = a.put('feed:1:a', write.load);
    await write.started;
    await b.invalidate('feed:*');
    write.end('older');
    await writing;
    expect(await a.get('feed:1:a')).to.equal(undefined);
    expect(await b.get('feed:1:a')).to.equal(undefined);
  });

  it('P5: the invalidation of a group reaches the L1 of other processes', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis, { patterns }), await nodes.node(redis, { patterns })];
    await keep(a, 'feed:1:a');
    await b.invalidate('feed:<userId>:*', { userId: 1 });
    await until(() => a.peek('feed:1:a') === undefined);
    expect(await a.getOrSet('feed:1:a', async () => 'new row')).to.equal('new row');
  });

  it('P5: as long as nothing is invalidated, it stays there (control)', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis, { patterns }), await nodes.node(redis, { patterns })];
    await keep(a, 'feed:1:a');
    await b.invalidate('feed:<userId>:*', { userId: 2 });
    await b.getOrSet('feed:1:a', row);
    expect(a.peek('feed:1:a')).to.equal('row');
  });

  it('P7: a pattern that only the writer declares reaches entries that others filled before and after', async () => {
    const redis = await sharedRedis();
    const reader = await nodes.node(redis);
    await keep(reader, 'feed:1:a');
    const writer = await nodes.node(redis, { patterns });
    expect(await writer.invalidate('feed:*')).to.deep.equal({ acknowledged: true, swept: 0 });
    await until(() => reader.peek('feed:1:a') === undefined);
    expect(await reader.getOrSet('feed:1:a', async () => 'new row')).to.equal('new row');
    expect(await writer.get('feed:1:a')).to.equal('new row');
    await writer.invalidate('feed:*');
    const exact = { tiers: 'l2' } as const;
    expect(await reader.getOrSet('feed:1:a', async () => 'newest row', exact)).to.equal('newest row');
  });

  it('an event invalidates its patterns, and data that lack a value are an error before anything is touched', async () => {
    const events = { 'trade.executed': ['feed:<userId>:*', 'portfolio:<userId>'] };
    const cache = await nodes.node(await sharedRedis(), { events });
    const keys = ['feed:1:a', 'feed:2:a', 'portfolio:1'];
    for (const key of keys) await cache.set(key, 'row');
    const codeOf = (call: Promise<unknown>) => call.catch((error: { code?: string }) => error.code);
    expect(await codeOf(cache.emit('trade.executed', {}))).to.equal('TIERCEL_MISSING_VALUE');
    expect(await codeOf(cache.emit('trade.exected', { userId: 1 }))).to.equal('TIERCEL_UNKNOWN_EVENT');
    expect([...(await cache.getMany(keys)).keys()]).to.deep.equal(keys);
    expect(await cache.emit('trade.executed', { userId: 1 })).to.deep.equal({ acknowledged: true, swept: 0 });
    expect([...(await cache.getMany(keys)).keys()]).to.deep.equal(['feed:2:a']);
  });

  it('what is no pattern is a coded error', async () => {
    const cache = await nodes.node(undefined);
    const codeOf = (call: Promise<unknown>) => call.catch((error: { code?: string }) => error.code);
    for (const wrong of [5, null, {}, { patterns: 'feed:*' }, { patterns: [5] }]) {
      expect(await codeOf(cache.invalidate(wrong as never))).to.equal('TIERCEL_PATTERN');
    }
  });

  it('P27: clear removes the bytes of what was there, and nothing that was stored since or is not ours', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { patterns });
    const client = nodes.client(redis);
    const old = Array.from({ length: 1_500 }, (_, index) => `price:${index}`);
    await cache.setMany(
      old.map((key) => [key, 'row'] as const),
      { version: 'v2' },
    );
    await cache.set('feed:1:a', 'row');
    await client.hset('foreign', 'field', 'value');
    await client.set('text', 'value');
    await cache.clear();
    await cache.set('price:new', 'row');
    await until(async () => (await client.exists(...old, 'feed:1:a')) === 0);
    expect(await client.exists('foreign', 'text', 'price:new', '<all', '<patterns')).to.equal(5);
    expect(await cache.get('price:new')).to.equal('row');
  });

  it('P27: clear touches nothing outside its namespace', async () => {
    const redis = await sharedRedis();
    const others = new Nodes();
    const [mine, other] = [await nodes.node(redis), await others.node(redis)];
    await mine.set('price:EUR', 'row');
    await other.set('price:EUR', 'row');
    await mine.clear();
    expect(await mine.get('price:EUR')).to.equal(undefined);
    expect(await other.get('price:EUR')).to.equal('row');
    await others.close();
  });

  it('P1: an id full of wildcards invalidates its own entries and nobody else', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { patterns });
    for (const userId of ['*', '1']) await cache.set(['feed:<userId>:<page>', { userId, page: 'a' }], 'row');
    await cache.invalidate('feed:<userId>:*', { userId: '*' });
    expect(await cache.get('feed:<userId>:<page>', { userId: '*', page: 'a' })).to.equal(undefined);
    expect(await cache.get('feed:<userId>:<page>', { userId: '1', page: 'a' })).to.equal('row');
  });

  it('P8: a generation key that was evicted or expired makes its entries misses, never valid', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { patterns });
    await keep(cache, 'feed:1:a');
    await nodes.client(redis).del('<p:feed:1:*');
    await until(() => cache.peek('feed:1:a') === undefined);
    expect(await cache.get('feed:1:a')).to.equal(undefined);
  });
});
