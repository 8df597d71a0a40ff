import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { ManualClock } from '../support/manual-clock';
import { Gate, heard, onBothTiers, sharedRedis, useNodes } from '../support/nodes';

const feed = { items: ['signal'] };

function feedsOf(cache: TiercelCache) {
  return cache.strategy({ key: 'feed:<userId>:<cursor?>', ttl: '1m' }).of<{ items: string[] }>();
}

/** The code of the error that this throws or rejects with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('a strategy', () => {
  const nodes = useNodes();

  onBothTiers(({ where, hasL2, redis }) => {
    const node = async (config = {}) => nodes.node(await redis(), config);

    it(`${where}: returns what was set, for these values alone`, async () => {
      const feeds = feedsOf(await node());
      expect(await feeds.set({ userId: 'u1' }, feed)).to.equal(true);
      expect(await feeds.get({ userId: 'u1' })).to.deep.equal(feed);
      expect(await feeds.get({ userId: 'u1', cursor: 2 })).to.equal(undefined);
      expect(await feeds.getMany([{ userId: 'u2' }, { userId: 'u1' }])).to.deep.equal([undefined, feed]);
    });

    it(`${where}: fetches what is missing once, and keeps it under the key of the template`, async () => {
      const cache = await node();
      const feeds = feedsOf(cache);
      const row = new Gate<typeof feed>();
      const calls = [1, 2, 3].map(() => feeds.getOrFetch({ userId: 'a:b', cursor: 2 }, row.load));
      await row.started;
      row.end(feed);
      expect(await Promise.all(calls)).to.deep.equal([feed, feed, feed]);
      expect(row.calls).to.equal(1);
      expect(feeds.key({ userId: 'a:b', cursor: 2 })).to.equal('feed:a%3Ab:2');
      expect(await cache.get('feed:<userId>:<cursor?>', { userId: 'a:b', cursor: 2 })).to.deep.equal(feed);
    });

    it(`${where}: invalidates one entry if all values are given`, async () => {
      const feeds = feedsOf(await node());
      for (const cursor of [undefined, 2]) await feeds.set({ userId: 'u1', cursor }, feed);
      expect(await feeds.invalidate({ userId: 'u1', cursor: undefined })).to.include({ acknowledged: true });
      const left = await feeds.getMany([{ userId: 'u1' }, { userId: 'u1', cursor: 2 }]);
      expect(left).to.deep.equal([undefined, feed]);
    });

    it(`${where}: invalidates every entry that has the given values if others are left out`, async () => {
      const feeds = feedsOf(await node());
      const pages = ['u1', 'u2'].flatMap((userId) => [undefined, 2].map((cursor) => ({ userId, cursor })));
      for (const page of pages) await feeds.set(page, feed);
      await feeds.invalidate({ userId: 'u1' });
      expect(await feeds.getMany(pages)).to.deep.equal([undefined, undefined, feed, feed]);
      await feeds.invalidate({});
      expect(await feeds.getMany(pages)).to.deep.equal([undefined, undefined, undefined, undefined]);
    });

    it(`${where}: invalidates a declared pattern without a sweep, and another one by a sweep`, async () => {
      const cache = await node({ patterns: ['feed:<userId>:*'] });
      const feeds = feedsOf(cache);
      for (const cursor of [undefined, 2]) await feeds.set({ userId: 'u1', cursor }, feed);
      expect(await feeds.invalidate({ userId: 'u1' })).to.deep.equal({ acknowledged: true, swept: 0 });
      await feeds.set({ userId: 'u1', cursor: 2 }, feed);
      const { swept } = await feeds.invalidate({ cursor: 2 });
      if (hasL2) expect(swept).to.equal(1);
      expect(await feeds.get({ userId: 'u1', cursor: 2 })).to.equal(undefined);
    });

    it(`${where}: P22: stores what a put writes, unless the key is invalidated meanwhile`, async () => {
      const feeds = feedsOf(await node());
      await feeds.put({ userId: 'u1' }, () => feed);
      expect(await feeds.get({ userId: 'u1' })).to.deep.equal(feed);
      const write = new Gate<typeof feed>();
      const putting = feeds.put({ userId: 'u1' }, write.load);
      await write.started;
      await feeds.invalidate({ userId: 'u1', cursor: undefined });
      write.end({ items: ['old'] });
      await putting;
      expect(await feeds.get({ userId: 'u1' })).to.equal(undefined);
    });

    it(`${where}: P9: tags its entries by templates of the same values`, async () => {
      const cache = await node();
      const posts = cache.strategy({ key: 'post:<userId>:<id>', tags: ['user:<userId>'] }).of<string>();
      await posts.set({ userId: 'u1', id: 1 }, 'set');
      await posts.getOrFetch({ userId: 'u1', id: 2 }, () => 'fetched');
      await posts.put({ userId: 'u2', id: 3 }, () => 'put');
      await cache.invalidate({ tags: ['user:u1'] });
      const ids = [
        { userId: 'u1', id: 1 },
        { userId: 'u1', id: 2 },
        { userId: 'u2', id: 3 },
      ];
      expect(await posts.getMany(ids)).to.deep.equal([undefined, undefined, 'put']);
    });

    it(`${where}: P9: tags its entries by a function of value and values`, async () => {
      const cache = await node();
      const posts = cache.strategy({
        key: 'post:<id>',
        tags: (author: string, { id }) => [`author:${author}`, `post:${id}`],
      });
      await posts.set({ id: 1 }, 'ada');
      await posts.getOrFetch({ id: 2 }, () => 'ada');
      await posts.getOrFetch({ id: 3 }, () => 'bob');
      await cache.invalidate({ tags: ['author:ada', 'post:9'] });
      expect(await posts.getMany([{ id: 1 }, { id: 2 }, { id: 3 }])).to.deep.equal([
        undefined,
        undefined,
        'bob',
      ]);
    });
  });

  it('P21: a fetch under way when its entry is invalidated is not kept', async () => {
    const cache = await nodes.node(await sharedRedis());
    const feeds = feedsOf(cache);
    const old = new Gate<typeof feed>();
    const fetching = feeds.getOrFetch({ userId: 'u1' }, old.load);
    await old.started;
    await feeds.invalidate({ userId: 'u1', cursor: null });
    old.end({ items: ['old'] });
    await fetching;
    await heard(cache);
    expect(await feeds.get({ userId: 'u1' })).to.equal(undefined);
  });

  it('stores with its own options: ttl, version, unless', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(undefined, { ttl: { short: 10 }, l1: { jitter: 0 } }, { clock });
    const rows = cache.strategy({
      key: 'row:<id>',
      ttl: 'short',
      version: 3,
      unless: (row: string) => row === 'bad',
    });
    await rows.getOrFetch({ id: 1 }, () => 'good');
    await rows.getOrFetch({ id: 2 }, () => 'bad');
    await rows.put({ id: 3 }, () => 'bad');
    expect([1, 2, 3].map((id) => rows.peek({ id }))).to.deep.equal(['good', undefined, undefined]);
    expect(await rows.get({ id: 1 }), 'with its version').to.equal('good');
    expect(await cache.get('row:1'), 'without its version').to.equal(undefined);
    clock.advance(11_000);
    expect(rows.peek({ id: 1 })).to.equal(undefined);
  });

  it('is counted under its name, and without one under its template', async () => {
    const cache = await nodes.node(undefined);
    const named = cache.strategy({ key: 'row:<id>', name: 'RowStrategy' });
    await named.getOrFetch({ id: 1 }, () => 'row');
    await named.get({ id: 1 });
    await feedsOf(cache).put({ userId: 'u1' }, () => feed);
    const { methods } = cache.stats();
    expect(methods['RowStrategy']?.calls).to.include({ total: 2, loaded: 1, l1: 1 });
    expect(methods['feed:<userId>:<cursor?>']).to.not.equal(undefined);
  });

  it('just fetches while the cache is off, and what it writes is still invalidated', async () => {
    const cache = await nodes.node(undefined);
    const feeds = feedsOf(cache);
    await feeds.set({ userId: 'u1' }, feed);
    cache.disable();
    expect(await feeds.get({ userId: 'u1' })).to.equal(undefined);
    const fetched = await feeds.getOrFetch({ userId: 'u1' }, () => ({ items: ['fetched'] }));
    expect(fetched.items).to.deep.equal(['fetched']);
    await feeds.put({ userId: 'u1' }, () => feed);
    cache.enable();
    expect(await feeds.get({ userId: 'u1' })).to.equal(undefined);
  });

  it('is known to the check and the map of its cache, once, and to no other cache', async () => {
    const cache = await nodes.node(undefined, { events: { traded: ['feed:<userId>:*'] } });
    const other = await nodes.node(undefined, { events: { traded: ['feed:<userId>:*'] } });
    feedsOf(cache);
    feedsOf(cache);
    const of = (one: TiercelCache) => one.map().templates.filter(({ template }) => /^feed:</.test(template));
    expect(of(cache)).to.deep.equal([
      {
        template: 'feed:<userId>:<cursor?>',
        redisKey: `${nodes.namespace}:feed:<userId>:<cursor?>`,
        ttl: { l1: 60, l2: 0 },
        readBy: ['feed:<userId>:<cursor?>'],
        writtenBy: [],
        invalidatedBy: [{ method: null, event: 'traded', pattern: 'feed:<userId>:*' }],
      },
    ]);
    expect(of(other)).to.deep.equal([]);
    const about = cache.check().filter(({ template }) => template?.startsWith('feed:<userId>:'));
    expect(about).to.deep.equal([]);
  });

  it('made twice is one strategy to the check', async () => {
    const cache = await nodes.node(undefined);
    feedsOf(cache);
    feedsOf(cache);
    const found = cache.check().filter(({ template }) => template === 'feed:<userId>:<cursor?>');
    expect(found.map(({ code }) => code)).to.deep.equal(['never-invalidated']);
  });

  it('two over one template are reported, as each is served what the other has stored', async () => {
    const cache = await nodes.node(undefined);
    cache.strategy({ key: 'shared:<id>', name: 'One' });
    cache.strategy({ key: 'shared:<other>', name: 'Other' });
    // Templates of other tests may overlap as well.
    const overlaps = cache
      .check()
      .filter(
        ({ code, method, message }) => /over/.test(code) && method === 'Other' && message.includes('One'),
      );
    expect(overlaps).to.have.length(1);
  });

  it('is what a record of an invalidation names, instead of the ids', async () => {
    const cache = await nodes.node(undefined);
    const feeds = feedsOf(cache);
    await cache.delete(feeds.key({ userId: 'u1', cursor: 2 }));
    expect(cache.invalidations.history().at(-1)?.templates).to.deep.equal(['feed:<userId>:<cursor?>']);
    await feeds.invalidate({ userId: 'u1' }, { reason: 'import' });
    const record = cache.invalidations.history().at(-1);
    expect(record).to.deep.include({ patterns: ['feed:u1:*'], reason: 'import' });
    expect(record?.templates).to.deep.equal(['feed:<userId>:*']);
  });

  for (const [values, code] of [
    [{ userId: undefined }, 'TIERCEL_MISSING_VALUE'],
    [{ user: 'u1' }, 'TIERCEL_PATTERN'],
    [{ userId: 'u1', page: 2 }, 'TIERCEL_PATTERN'],
  ] as const) {
    it(`a lost or misspelt value (${Object.keys(values)}) widens no invalidation: it is refused`, async () => {
      const feeds = feedsOf(await nodes.node(undefined));
      await feeds.set({ userId: 'u1' }, feed);
      expect(await refusal(() => feeds.invalidate(values as never))).to.equal(code);
      expect(await feeds.get({ userId: 'u1' })).to.deep.equal(feed);
    });
  }

  for (const [options, code] of [
    [{ key: 'feed:<0>' }, 'TIERCEL_UNBOUND_PLACEHOLDER'],
    [{ key: 'feed:<this.tenant>' }, 'TIERCEL_UNBOUND_PLACEHOLDER'],
    [{ key: 'feed:*' }, 'TIERCEL_TEMPLATE_SYNTAX'],
    [{ key: 'feed:<id>', tags: ['user:*'] }, 'TIERCEL_TEMPLATE_SYNTAX'],
    [{ key: 'feed:<id>', ttl: 'missing' }, 'TIERCEL_UNKNOWN_PRESET'],
  ] as const) {
    it(`is refused when it is made with ${JSON.stringify(options)}`, async () => {
      const cache = await nodes.node(undefined);
      expect(await refusal(() => cache.strategy(options as { key: string }))).to.equal(code);
      expect(cache.map().templates.map(({ template }) => template)).not.to.include(options.key);
    });
  }

  it('rejects a call without a value that the template needs, and fetches nothing', async () => {
    const feeds = feedsOf(await nodes.node(undefined));
    const row = new Gate<typeof feed>();
    expect(await refusal(() => feeds.getOrFetch({} as never, row.load))).to.equal('TIERCEL_MISSING_VALUE');
    expect(row.calls).to.equal(0);
  });
});
