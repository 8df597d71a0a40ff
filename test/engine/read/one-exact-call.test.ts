import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Cacheable } from '../../../src/decorators/cacheable';
import { CacheableMany } from '../../../src/decorators/cacheable-many';
import { cached } from '../../../src/decorators/cached';
import { onBothTiers, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

class Rows {
  loads = 0;

  constructor(readonly cache: TiercelCache) {}

  @Cacheable('exact-row:<id>', { ttl: 60, cache: (self: Rows) => self.cache })
  async row(id: string): Promise<string> {
    this.loads += 1;
    return `${id} ${this.loads}`;
  }

  @CacheableMany('exact-many:<ids[]>', { ttl: 60, cache: (self: Rows) => self.cache })
  async rows(ids: readonly string[]): Promise<string[]> {
    this.loads += 1;
    return ids.map((id) => `${id} ${this.loads}`);
  }
}

onBothTiers(({ where, hasL2, redis }) => {
  describe(`one exact call, ${where}`, () => {
    const nodes = useNodes();
    let cache: TiercelCache;
    let rows: Rows;

    beforeEach(async () => {
      cache = await nodes.node(await redis());
      rows = new Rows(cache);
    });

    // Without an L2 there is nobody else to ask: the value is loaded again.
    const second = hasL2 ? 1 : 2;

    it('is not answered by L1: L2 answers, or the loader', async () => {
      let loads = 0;
      const load = async () => {
        loads += 1;
        return loads;
      };
      await cache.getOrSet('k', load);
      await until(() => cache.peek('k') !== undefined || cache.get('k').then(() => false));
      const before = cache.stats().calls.l1;
      expect(await cache.getOrSet('k', load, { exact: true })).to.equal(second);
      expect(cache.stats().calls.l1).to.equal(before);
      expect(await cache.getOrSet('k', load)).to.equal(second);
    });

    it('is made of a method, and of a bulk method', async () => {
      await rows.row('a');
      expect(await cached(rows, 'row').exact('a')).to.equal(`a ${second}`);
      expect(await rows.row('a')).to.equal(`a ${second}`);
      rows.loads = 0;
      await rows.rows(['a', 'b']);
      expect(await cached(rows, 'rows').exact(['b', 'a'])).to.deep.equal([`b ${second}`, `a ${second}`]);
    });
  });
});
