/** The testing kit, as its users' tests use it: both tiers in memory, time that is moved, and a record. */
import { expect } from 'chai';
import { Cacheable, CacheInvalidate, CachePut, UseCache } from '../../src';
import { createTestCache, type TestCache } from '../../src/testing/test-cache';
import { errorOf } from '../decorators/both-modes';
import { Gate } from '../support/nodes';

@UseCache((self: Users) => self.cache)
class Users {
  constructor(readonly cache: TestCache) {}

  @Cacheable('kit:<id>', { ttl: '1m', tags: ['kit-team:<id>'] })
  async find(id: string): Promise<{ id: string }> {
    return { id };
  }

  @CachePut('kit:<id>')
  async rename(id: string): Promise<{ id: string }> {
    return { id };
  }

  @CacheInvalidate(['kit:*'])
  async importAll(): Promise<string> {
    return 'done';
  }
}

for (const l2 of [{}, false] as const) {
  describe(`createTestCache (${l2 === false ? 'L1 alone' : 'both tiers'})`, () => {
    const caches: TestCache[] = [];
    const create: typeof createTestCache = (options) => {
      const cache = createTestCache({ l2, ...options });
      caches.push(cache);
      return cache;
    };
    afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.close())));

    it('needs no waiting: the second call is a hit, and nothing else uses the cache', async () => {
      const users = new Users(create());
      const other = create();
      await users.find('1');
      await users.find('1');
      expect(users.cache.recorded().loads).to.deep.equal([{ keys: ['kit:1'], method: 'Users.find' }]);
      expect(users.cache.recorded().reads.map(({ from }) => from)[0]).to.equal('load');
      expect(await other.get('kit:1')).to.equal(undefined);
      expect(users.cache.namespace).not.to.equal(other.namespace);
    });

    it('moves time in both tiers at once, however long, after which L1 serves again', async () => {
      const cache = create();
      const users = new Users(cache);
      await users.find('1');
      await cache.clock.advance(59_000);
      await users.find('1');
      expect(cache.recorded().loads).to.have.length(1);
      await cache.clock.advance(2_000);
      await users.find('1');
      expect(cache.recorded().loads).to.have.length(2);
      await cache.clock.advance(30 * 24 * 3_600_000);
      await users.find('1');
      await users.find('1');
      await users.find('1');
      expect(cache.recorded().loads).to.have.length(3);
      expect(cache.recorded().reads.at(-1)).to.deep.equal({ key: 'kit:1', method: 'Users.find', from: 'l1' });
    });

    it('moves time without an await, too: what has expired is gone at once', async () => {
      const cache = create();
      await cache.set('a', 1, { ttl: '5s' });
      void cache.clock.advance(6_000);
      expect(await cache.get('a')).to.equal(undefined);
    });

    it('runs the timers of the cache: a hard timeout ends a call', async () => {
      const cache = create();
      const load = new Gate<number>();
      const failed = errorOf(() => cache.getOrSet('slow', load.load, { timeout: { hard: '2s' } }));
      await load.started;
      await cache.clock.advance(2_001);
      expect((await failed).code).to.equal('TIERCEL_LOAD_TIMEOUT');
      load.end(1);
    });

    it('records reads, loads, writes and invalidations with their keys', async () => {
      const cache = create({ patterns: ['kit:*'] });
      const users = new Users(cache);
      await users.find('1');
      await users.rename('1');
      await users.importAll();
      await cache.getOrSetMany(['a', 'b'], async (missing) =>
        Object.fromEntries(missing.map((key) => [key, 1])),
      );
      await cache.get('nowhere');
      await cache.set('c', 1);
      await cache.invalidate({ tags: ['t'], reason: 'why' });
      const { reads, loads, writes, invalidations } = cache.recorded();
      expect(reads.map(({ key, from }) => [key, from])).to.deep.equal([
        ['kit:1', 'load'],
        ['a', 'load'],
        ['b', 'load'],
        ['nowhere', 'nothing'],
      ]);
      expect(loads.map(({ keys }) => keys)).to.deep.equal([['kit:1'], ['a', 'b']]);
      expect(writes).to.deep.equal([
        { key: 'kit:1', method: 'Users.rename' },
        { key: 'c', method: 'set' },
      ]);
      expect(invalidations.map(({ keys, tags, reason }) => [keys, tags, reason])).to.deep.equal([
        [['kit:1'], [], null],
        [['kit:*'], [], null],
        [[], ['t'], 'why'],
      ]);
    });

    it('expects invalidations by key, pattern and put, and says what there was instead', async () => {
      const cache = create();
      const users = new Users(cache);
      await users.find('1');
      expect(
        await cache.expectInvalidated(() => users.importAll(), 'kit:1', ['kit:<id>', { id: 2 }]),
      ).to.equal('done');
      await cache.expectInvalidated(() => users.rename('3'), 'kit:3');
      const error = await errorOf(() =>
        cache.expectInvalidated(() => users.rename('3'), 'kit:3', 'kit:4', 'x'),
      );
      expect(error.name).to.equal('AssertionError');
      expect(error.message).to.equal("expected 'kit:4', 'x' to be invalidated; invalidated were kit:3");
      const none = await errorOf(() => cache.expectInvalidated(() => undefined, 'a'));
      expect(none.message).to.contain('invalidated were no keys');
      expect(
        (await errorOf(() => cache.expectInvalidated(() => Promise.reject(new Error('own')), 'a'))).message,
      ).to.equal('own');
    });
  });
}

describe('createTestCache over its L2', () => {
  const caches: TestCache[] = [];
  afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.close())));

  it('stands for two processes that share a Redis and a clock', async () => {
    const one = createTestCache();
    const other = createTestCache({ beside: one });
    caches.push(one, other);
    await new Users(one).find('1');
    expect(await other.get('kit:1')).to.deep.equal({ id: '1' });
    await one.delete('kit:1');
    expect(await other.get('kit:1')).to.equal(undefined);
    await one.set('a', 1, { ttl: '1s' });
    await other.clock.advance(1_001);
    expect(await one.get('a')).to.equal(undefined);
  });

  it('expects invalidations by tag of what is stored', async () => {
    const cache = createTestCache();
    caches.push(cache);
    await new Users(cache).find('1');
    await cache.expectInvalidated(() => cache.invalidate({ tags: ['kit-team:1'] }), 'kit:1');
    const error = await errorOf(() =>
      cache.expectInvalidated(() => cache.invalidate({ tags: ['other'] }), 'kit:1'),
    );
    expect(error.message).to.contain('tag other');
  });

  it('is the default cache of decorated methods if it is asked to be', async () => {
    class Plain {
      @Cacheable('kit-default:<id>')
      async find(id: string): Promise<string> {
        return id;
      }
    }
    const cache = createTestCache({ default: true });
    caches.push(cache);
    await new Plain().find('1');
    expect(cache.recorded().loads).to.have.length(1);
  });
});
