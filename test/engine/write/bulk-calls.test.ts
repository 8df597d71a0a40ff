import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { sharedRedis, useNodes } from '../../support/nodes';

const COUNT = 20_000;
const KEYS = Array.from({ length: COUNT }, (_, i) => `bulk:${i}`);

describe('bulk calls of thousands of keys', function () {
  this.timeout(60_000);
  const nodes = useNodes();

  async function two(): Promise<readonly [TiercelCache, TiercelCache]> {
    const redis = await sharedRedis();
    // On a busy machine the load of thousands takes longer than a lease.
    const config = { l1: { maxSize: 50_000 }, load: { lease: '30s' } } as const;
    const caches = [await nodes.node(redis, config), await nodes.node(redis, config)] as const;
    await caches[0].set('other', 'row');
    return caches;
  }

  it('B6: setMany stores every entry, and getMany of another node finds each: no deadline is shared by all', async () => {
    const [a, b] = await two();
    expect(await a.setMany(KEYS.map((key) => [key, key]))).to.equal(COUNT);
    const found = await b.getMany(KEYS);
    expect([...found.keys()]).to.deep.equal(KEYS);
    expect(found.get('bulk:19999')).to.equal('bulk:19999');
  });

  it('B6: delete and invalidate take exactly their keys: none is queued, and the namespace is not given up for them', async () => {
    const [a, b] = await two();
    await a.setMany(KEYS.map((key) => [key, key]));
    expect(await a.delete(...KEYS)).to.deep.equal({ acknowledged: true });
    expect((await b.getMany(KEYS)).size).to.equal(0);
    expect(await b.get('other')).to.equal('row');
    expect(await a.invalidate({ patterns: KEYS })).to.deep.equal({ acknowledged: true, swept: 0 });
    expect(a.state.outbox).to.equal(0);
    expect(await b.get('other')).to.equal('row');
  });

  it('B6: getOrSetMany loads the missing keys in groups of at most 5,000, each key once, and stores them', async () => {
    const [a, b] = await two();
    const asked: string[][] = [];
    const load = async (missing: string[]) => {
      asked.push(missing);
      return new Map(missing.map((key) => [key, `row of ${key}`]));
    };
    const keys = KEYS.slice(0, 6_000);
    const values = await a.getOrSetMany(keys, load);
    expect([...values.keys()]).to.deep.equal(keys);
    expect(asked.map(({ length }) => length)).to.deep.equal([5_000, 1_000]);
    expect(asked.flat()).to.deep.equal(keys);
    expect((await b.getMany(keys)).size).to.equal(6_000);
  });

  it('returns no key that nobody asked for while the cache is off, whatever loadMany returns', async () => {
    const cache = await nodes.node(undefined);
    const load = async () => ({ a: 1, b: 2, stray: 3 });
    expect([...(await cache.getOrSetMany(['b', 'a'], load))]).to.deep.equal([
      ['b', 2],
      ['a', 1],
    ]);
    cache.disable();
    expect([...(await cache.getOrSetMany(['b', 'a'], load))]).to.deep.equal([
      ['b', 2],
      ['a', 1],
    ]);
  });
});
