import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { useNodes } from '../../support/nodes';

describe('the preview of an invalidation', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let read: (userId: number, page: number) => Promise<unknown>;

  beforeEach(async () => {
    cache = await nodes.node(undefined, { events: { 'signal.created': ['billboard:<userId>:*'] } });
    const feed = cache.strategy({
      key: 'billboard:<userId>:<page>',
      name: 'Feed.page',
      tags: ['billed:<userId>'],
    });
    cache.strategy({ key: 'quotation:<pair>', name: 'Price.current' });
    read = (userId, page) => feed.getOrFetch({ userId, page }, async () => 'page');
  });

  it('says which templates, how many entries and how many loads, and changes nothing', async () => {
    for (const userId of [1, 2]) for (const page of [1, 2, 3]) await read(userId, page);
    for (let call = 0; call < 10; call += 1) await read(1, 1);
    expect(cache.preview({ event: 'signal.created', data: { userId: 1 } })).to.deep.equal({
      templates: [
        { template: 'billboard:<userId>:<page>', readBy: ['Feed.page'], entries: 3, expectedLoads: 3 },
      ],
      entries: 3,
      expectedLoads: 3,
      unreached: [],
    });
    expect(cache.preview({ patterns: ['*'] })).to.include({ entries: 6, expectedLoads: 6 });
    const { calls } = cache.stats();
    await read(1, 1);
    expect(cache.stats().calls.l1, 'still there').to.equal(calls.l1 + 1);
  });

  it('expects no more loads than there were calls', async () => {
    for (let page = 0; page < 5; page += 1) await read(1, page);
    await read(1, 1);
    expect(cache.preview({ patterns: ['billboard:1:*'] })).to.include({ entries: 5, expectedLoads: 1 });
  });

  it('does not know the entries of a tag, and says so', async () => {
    await read(1, 1);
    expect(cache.preview({ tags: ['billed:1'] })).to.deep.include({ entries: null, unreached: [] });
    expect(cache.preview({ tags: ['billed:1'] }).templates.map(({ template }) => template)).to.deep.equal([
      'billboard:<userId>:<page>',
    ]);
  });

  it('finds names that no template can give, with the nearest that can', async () => {
    await read(1, 1);
    const { unreached } = cache.preview({
      patterns: ['bilboard:1:*', 'billboard:1:*', 'billboard:1', 'quotaton:BTC', 'zzz'],
    });
    expect(unreached).to.deep.equal([
      { name: 'bilboard:1:*', nearest: 'billboard:1:*' },
      { name: 'billboard:1', nearest: 'billboard:1:*' },
      { name: 'quotaton:BTC', nearest: 'quotation:BTC' },
      { name: 'zzz', nearest: null },
    ]);
  });

  it('finds none if keys are used by hand as well, or before a cached method was called: it cannot know', async () => {
    expect(cache.preview({ patterns: ['bilboard:*'] }).unreached).to.deep.equal([]);
    await read(1, 1);
    await cache.getOrSet('by:hand', async () => 1);
    expect(cache.preview({ patterns: ['bilboard:*'] }).unreached).to.deep.equal([]);
  });
});
