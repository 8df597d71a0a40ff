import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Cacheable, CacheInvalidate, CachePut } from '../../../src/index';
import { Gate, heard, inL1, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { RedisServer } from '../../support/redis-server';

interface Post {
  readonly id: string;
  readonly author: string;
}

describe('tags', () => {
  const nodes = useNodes();

  const row = async () => 'row';
  const left = async (cache: TiercelCache, keys: readonly string[]) => {
    const found = await cache.getMany(keys);
    return keys.filter((key) => found.has(key));
  };

  onBothTiers(({ where, redis }) => {
    const node = async () => nodes.node(await redis());

    it(`P9: ${where}: a tag takes exactly the entries that carry it, in every tier`, async () => {
      const cache = await node();
      const keep = (key: string, tags: readonly string[] | ((value: string) => readonly string[])) =>
        inL1(cache, key, () => cache.getOrSet(key, row, { tags }));
      await keep('post:1', ['author:7', 'topic:a']);
      await keep('post:2', (value) => ['author:7', `made-of:${value}`]);
      await keep('post:3', ['author:8']);
      await keep('post:4', []);
      await cache.set('post:5', 'set', { tags: [['author:<id>', { id: 7 }]] });
      await cache.put('post:6', row, { tags: (value) => [`made-of:${value}`] });
      const keys = ['post:1', 'post:2', 'post:3', 'post:4', 'post:5', 'post:6'];
      expect(await left(cache, keys)).to.deep.equal(keys);
      expect(await cache.invalidate({ tags: ['author:7'] })).to.deep.equal({ acknowledged: true, swept: 0 });
      expect(await left(cache, keys)).to.deep.equal(['post:3', 'post:4', 'post:6']);
      await cache.invalidate({ tags: ['made-of:row'], patterns: ['post:4'] });
      expect(await left(cache, keys)).to.deep.equal(['post:3']);
    });

    it(`P9: ${where}: each entry of a batch has its own tags`, async () => {
      const cache = await node();
      const keys = ['post:1', 'post:2'];
      const load = async () => ({ 'post:1': { author: '7' }, 'post:2': { author: '8' } });
      await cache.getOrSetMany(keys, load, { tags: (key, { author }) => [`author:${author}`, `of:${key}`] });
      expect(await left(cache, keys)).to.deep.equal(keys);
      await cache.invalidate({ tags: ['author:7'] });
      expect(await left(cache, keys)).to.deep.equal(['post:2']);
      await cache.invalidate({ tags: ['of:post:2'] });
      expect(await left(cache, keys)).to.deep.equal([]);
    });

    for (const [kind, tags] of [
      ['known before it', ['author:7']],
      ['told by its result', () => ['author:7']],
    ] as const) {
      for (const [what, invalidated, stored] of [
        ['a tag that is invalidated while a load runs', 'author:7', false],
        ['another tag that is invalidated while a load runs', 'author:8', kind === 'known before it'],
      ] as const) {
        const title = stored ? `keeps it storable: ${what} (control)` : `keeps its result out: ${what}`;
        it(`P9: ${where}: tags ${kind}: ${title}`, async () => {
          const cache = await node();
          const old = new Gate<string>();
          const loading = cache.getOrSet('post:1', old.load, { tags });
          await old.started;
          await cache.invalidate({ tags: [invalidated] });
          old.end('old row');
          expect(await loading).to.equal('old row');
          expect(await cache.get('post:1')).to.equal(stored ? 'old row' : undefined);
        });
      }

      it(`P9: ${where}: tags ${kind}: without an invalidation the result is stored (control)`, async () => {
        const cache = await node();
        await cache.getOrSet('post:1', row, { tags });
        expect(await cache.get('post:1')).to.equal('row');
      });

      it(`P9: ${where}: tags ${kind}: a put during which its tag is invalidated stores nothing`, async () => {
        const cache = await node();
        const writing = new Gate<string>();
        const put = cache.put('post:1', writing.load, { tags });
        await writing.started;
        await cache.invalidate({ tags: ['author:7'] });
        writing.end('row of before');
        await put;
        expect(await cache.get('post:1')).to.equal(undefined);
      });
    }
  });

  it('P9: a process that has never heard of the tags holds an entry against them all the same', async () => {
    const server = await sharedRedis();
    const [writer, reader] = [await nodes.node(server), await nodes.node(server)];
    await writer.getOrSet('post:1', row, { tags: ['author:7'] });
    await inL1(reader, 'post:1', () => reader.get('post:1'));
    await writer.invalidate({ tags: ['author:7'] });
    await heard(reader);
    expect(reader.peek('post:1')).to.equal(undefined);
    expect(await reader.get('post:1')).to.equal(undefined);
    expect(await reader.getOrSet('post:1', async () => 'new row')).to.equal('new row');
  });

  it('P9: a read that bypasses L1 asks for the tags too', async () => {
    const server = await sharedRedis();
    const [writer, reader] = [await nodes.node(server), await nodes.node(server)];
    const read = () => reader.getOrSet('post:1', async () => 'new row', { tiers: 'l2' });
    await writer.getOrSet('post:1', row, { tags: ['author:7'] });
    expect(await read()).to.equal('row');
    await writer.invalidate({ tags: ['author:7'] });
    expect(await read()).to.equal('new row');
  });

  it('P9: values that live in L1 alone are taken by tags from every process', async () => {
    const server = await sharedRedis();
    const [writer, reader] = [await nodes.node(server), await nodes.node(server)];
    const read = () => reader.getOrSet('post:1', row, { tiers: 'l1', tags: () => ['author:7'] });
    await inL1(reader, 'post:1', read);
    await writer.invalidate({ tags: ['author:7'] });
    await heard(reader);
    expect(reader.peek('post:1')).to.equal(undefined);
  });

  it('are written on methods, of their arguments and of their results', async () => {
    const cache = await nodes.node(await sharedRedis());
    class Posts {
      @Cacheable('post:<id>', { cache, tags: ['read:<id>', 'author:<result.author>'] })
      async read(id: string): Promise<Post> {
        return { id, author: '7' };
      }
      @CachePut('post:<id>', { cache, tags: (_args, post) => [`author:${post.author}`] })
      async write(id: string, author: string): Promise<Post> {
        return { id, author };
      }
      @CacheInvalidate({ tags: ['author:<0>'] }, { cache })
      async removeAuthor(_author: string): Promise<void> {}
      @CacheInvalidate({ tags: ['author:<result.author>'], patterns: ['posts:top'] }, { cache })
      async remove(id: string): Promise<Post> {
        return { id, author: '7' };
      }
    }
    const posts = new Posts();
    await posts.read('1');
    await posts.write('2', '8');
    await posts.removeAuthor('8');
    expect(await left(cache, ['post:1', 'post:2'])).to.deep.equal(['post:1']);
    await cache.set('posts:top', [1]);
    await posts.remove('9');
    expect(await left(cache, ['post:1', 'posts:top'])).to.deep.equal([]);
    await posts.read('1');
    await cache.invalidate({ tags: ['read:1'] });
    expect(await left(cache, ['post:1'])).to.deep.equal([]);
  });

  it('that are no list, too many or too long are refused before anything is loaded', async () => {
    const cache = await nodes.node(undefined);
    const many = Array.from({ length: 65 }, (_, index) => `tag:${index}`);
    for (const tags of ['author:7', many, ['x'.repeat(513)]]) {
      const load = new Gate<string>();
      const error: unknown = await cache
        .getOrSet('post:1', load.load, { tags: tags as string[] })
        .catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'TIERCEL_TAGS' });
      expect(load.calls).to.equal(0);
    }
  });
});

describe('an invalidation of a group that Redis refuses', () => {
  const nodes = useNodes();
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());

  for (const [what, tags, invalidate] of [
    ['a pattern', [], (cache: TiercelCache) => cache.invalidate('post:*')],
    ['a tag', ['author:7'], (cache: TiercelCache) => cache.invalidate({ tags: ['author:7'] })],
  ] as const) {
    it(`P38: ${what}: its old token may be read again, and does not bring old copies back to L1`, async () => {
      const cache = await nodes.node(server, { patterns: ['post:*'], l2: { invalidationBudget: '500ms' } });
      const admin = nodes.client(server);
      await inL1(cache, 'post:1', () => cache.getOrSet('post:1', async () => 'old', { tags }));
      await admin.call('ACL', 'SETUSER', 'default', '-unlink');
      try {
        expect(await invalidate(cache)).to.include({ acknowledged: false });
        const read = () => cache.getOrSet('post:1', async () => 'new', { tags });
        // The first of them reads the generation keys again.
        expect([await read(), await read(), await read()]).to.deep.equal(['new', 'new', 'new']);
        expect(cache.peek('post:1')).to.equal(undefined);
      } finally {
        await admin.call('ACL', 'SETUSER', 'default', '+unlink');
      }
    });
  }
});
