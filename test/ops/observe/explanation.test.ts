/** `cache.explain(key)`: what stands at a key, whether it is valid, and what a read would do, which is then done. */
import { expect } from 'chai';
import type { Explanation, TiercelCache } from '../../../src';
import { Cacheable, CacheInvalidate, CachePut } from '../../../src';
import { Gate, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';

class Books {
  loads = 0;
  constructor(readonly cache: TiercelCache) {}

  @Cacheable('explained:<id>', {
    ttl: '10m',
    staleFor: '1m',
    version: 2,
    tags: ['shelf:<id>'],
    cache: (self) => (self as Books).cache,
  })
  async find(id: string): Promise<string> {
    this.loads += 1;
    return `secret of ${id}`;
  }

  @CachePut('explained:<id>', { version: 2, cache: (self) => (self as Books).cache })
  async save(id: string): Promise<string> {
    return `secret of ${id}`;
  }

  @CacheInvalidate(['explained:*'], { cache: (self) => (self as Books).cache })
  async removeAll(): Promise<void> {}
}

onBothTiers(({ where, hasL2, redis }) => {
  describe(`explain (${where})`, () => {
    const nodes = useNodes();

    it('names the template, its methods and groups, what each tier holds and what a read does, without the value', async () => {
      const cache = await nodes.node(await redis());
      const books = new Books(cache);
      const before = await cache.explain('explained:1');
      expect(before).to.deep.include({ key: 'explained:1', redisKey: `${nodes.namespace}:explained:1` });
      expect(before.read).to.deep.equal({ answer: 'load', reason: 'absent', stored: true });
      expect(before.l2.holds).to.equal(hasL2 ? 'nothing' : 'no-l2');
      await books.find('1');
      const loaded = await cache.explain('explained:1');
      expect(loaded).to.include({ template: 'explained:<id>', lastInvalidation: null });
      expect(loaded.readBy).to.deep.equal(['Books.find']);
      expect(loaded.writtenBy).to.deep.equal(['Books.save']);
      expect(['l1', 'l2']).to.include(loaded.read.answer);
      expect(loaded.read.reason).to.equal('fresh');
      if (hasL2) {
        expect(loaded.l2).to.include({ holds: 'entry', version: '2', serializer: 'json' });
        expect(loaded.l2.tags).to.deep.equal(['shelf:1']);
        expect(loaded.l2.bytes).to.equal(Buffer.byteLength('"secret of 1"'));
        expect(loaded.l2.leftSeconds).to.be.within(500, 600);
        expect(loaded.l2.ageSeconds).to.be.within(0, 100);
        expect(loaded.groups).to.deep.include.members([
          { kind: 'namespace', name: '', state: 'current' },
          { kind: 'pattern', name: 'explained:*', state: 'current' },
          { kind: 'tag', name: 'shelf:1', state: 'current' },
        ]);
      }
      await books.find('1');
      expect(books.loads).to.equal(1);
      expect(JSON.stringify(loaded)).not.to.contain('secret');

      await cache.invalidate({ tags: ['shelf:1'], reason: 'moved' });
      const tagged = await cache.explain('explained:1');
      expect(tagged.read).to.deep.include({ answer: 'load', reason: 'invalidated' });
      if (hasL2) {
        expect(tagged.lastInvalidation).to.include({ label: 'invalidate', reason: 'moved' });
        expect(tagged.groups.find(({ kind }) => kind === 'tag')?.state).to.be.oneOf(['changed', 'absent']);
      }
      await books.find('1');
      expect(books.loads).to.equal(2);

      await books.removeAll();
      const removed = await cache.explain('explained:1');
      expect(removed.lastInvalidation).to.include({ label: 'Books.removeAll' });
      expect(removed.read).to.deep.include({ answer: 'load', reason: 'invalidated' });
    });

    it('counts nothing and creates nothing', async () => {
      const cache = await nodes.node(await redis());
      const before = JSON.stringify(cache.stats().methods);
      await cache.explain('explained:unseen');
      expect(JSON.stringify(cache.stats().methods)).to.equal(before);
      const { port } = await sharedRedis();
      const keys = await nodes.client({ port }).keys(`${nodes.namespace}:*unseen*`);
      expect(keys).to.deep.equal([]);
    });

    it('says that a cache that is off serves nothing, and refuses what is no key', async () => {
      const cache = await nodes.node(await redis());
      cache.disable();
      expect((await cache.explain('explained:1')).read.answer).to.equal('uncached');
      expect(await cache.explain('explained:<id>').catch(({ code }) => code)).to.match(/^TIERCEL_/);
    });
  });
});

describe('explain over Redis', () => {
  const nodes = useNodes();
  const readOf = ({ read, l2 }: Explanation) => [l2.holds, read.answer, read.reason, read.stored];

  it('tells a lease, a write lease, a foreign value and another version apart', async () => {
    const server = await sharedRedis();
    const [cache, other] = [await nodes.node(server), await nodes.node(server)];
    const load = new Gate<string>();
    const loading = other.getOrSet('explained:1', load.load);
    await load.started;
    expect(readOf(await cache.explain('explained:1'))).to.deep.equal(['lease', 'wait', 'leased', true]);
    load.end('x');
    await loading;
    expect(readOf(await cache.explain('explained:1'))).to.deep.equal(['entry', 'load', 'version', true]);

    const write = new Gate<string>();
    const writing = other.put('other:1', write.load);
    await write.started;
    expect(readOf(await cache.explain('other:1'))).to.deep.equal([
      'write-lease',
      'load',
      'write-leased',
      false,
    ]);
    write.end('y');
    await writing;
    expect(readOf(await cache.explain('other:1'))).to.deep.equal(['entry', 'l2', 'fresh', true]);

    await nodes.client(server).lpush('list', 'x');
    expect(readOf(await cache.explain('list'))).to.deep.equal(['foreign', 'load', 'unreadable', false]);
  });
});
