import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { CacheInvalidate } from '../../../src/decorators/cache-invalidate';
import { CachePut } from '../../../src/decorators/cache-put';
import { Cacheable } from '../../../src/decorators/cacheable';
import { UseCache } from '../../../src/decorators/use-cache';
import { onBothTiers, useNodes } from '../../support/nodes';

@UseCache((self: Providers) => self.cache)
class Providers {
  constructor(readonly cache: TiercelCache) {}

  @Cacheable('partner:<id>:stats')
  async stats(id: string): Promise<string> {
    return id;
  }

  @CachePut('partner:<id>:stats')
  async update(id: string): Promise<string> {
    return id;
  }

  @CacheInvalidate(['partner:<id>:*', 'leaderboard:top'])
  async remove(id: string): Promise<string> {
    return id;
  }

  @CacheInvalidate({ event: 'signal.created' })
  async signal(providerId: string): Promise<string> {
    return providerId;
  }

  @CacheInvalidate(['partner:<id>:*'], { when: ([id]) => id !== 'none' })
  async maybe(id: string): Promise<string> {
    return id;
  }

  @CacheInvalidate(['partner:<id>:*'])
  async fail(id: string): Promise<void> {
    throw new Error(`no database for ${id}`);
  }
}

const CONFIG = { events: { 'signal.created': ['feed:*', 'partner:<providerId>:stats'] } };

onBothTiers(({ where, hasL2, redis }) => {
  describe(`invalidations of a cache in use, ${where}`, () => {
    const nodes = useNodes(after);
    let cache: TiercelCache;
    let providers: Providers;

    before(async () => {
      cache = await nodes.node(await redis(), CONFIG);
      providers = new Providers(cache);
    });

    const last = () => {
      const { at, ...record } = cache.invalidations.history().at(-1)!;
      expect(Date.now() - at).to.be.within(0, 60_000);
      return record;
    };

    it('keeps the reason and the event of what is invalidated by hand', async () => {
      await cache.invalidate('partner:<id>:stats', { id: 7 }, { reason: 'recalculated' });
      expect(last()).to.deep.equal({
        label: 'invalidate',
        strategy: 'write-invalidate',
        event: null,
        reason: 'recalculated',
        patterns: ['partner:7:stats'],
        templates: ['partner:<id>:stats'],
        tags: [],
        sent: 1,
        entries: 1,
        acknowledged: true,
      });
      await cache.invalidate({ patterns: ['leaderboard:top'], reason: 'season over' });
      expect(last()).to.include({ reason: 'season over' });
      await cache.emit('signal.created', { providerId: '7' }, { reason: 'import' });
      expect(last()).to.deep.include({
        label: 'signal.created',
        strategy: 'pattern',
        event: 'signal.created',
        reason: 'import',
        patterns: ['feed:*', 'partner:7:stats'],
        templates: ['feed:*', 'partner:<providerId>:stats'],
        sent: 2,
        entries: null,
      });
    });

    it('shows a key that came as text by the template that declares it, so that its id stays hidden', async () => {
      await cache.delete('partner:42:stats', 'nobody:declares:42');
      expect(last()).to.deep.include({
        label: 'delete',
        patterns: ['partner:42:stats', 'nobody:declares:42'],
        templates: ['partner:<id>:stats', '<undeclared>'],
        sent: 2,
        entries: 2,
      });
      await cache.clear();
      expect(last()).to.deep.include({ label: 'clear', templates: ['*'], sent: 1, entries: null });
    });

    it('counts what a sweep has removed for a pattern that nobody declared', async () => {
      await cache.set('swept:1', 1);
      await cache.set('swept:2', 2);
      await cache.invalidate('swept:*');
      expect(last()).to.deep.include({
        strategy: 'pattern',
        templates: ['<undeclared>'],
        sent: 0,
        entries: hasL2 ? 2 : 0,
      });
    });

    it('has one record for each decorated write, under the label of the method', async () => {
      await providers.update('9');
      expect(last()).to.deep.include({
        label: 'Providers.update',
        strategy: 'write-through',
        patterns: ['partner:9:stats'],
        templates: ['partner:<id>:stats'],
        sent: 1,
        entries: 1,
      });
      await providers.remove('9');
      expect(last()).to.deep.include({
        label: 'Providers.remove',
        strategy: 'pattern',
        patterns: ['partner:9:*', 'leaderboard:top'],
        templates: ['partner:<id>:*', 'leaderboard:top'],
        entries: null,
      });
      await providers.signal('9');
      expect(last()).to.deep.include({ label: 'Providers.signal', event: 'signal.created' });
    });

    it('has none for a method that failed, or that had nothing to invalidate', async () => {
      const before = cache.invalidations.history().length;
      await providers.maybe('none');
      await providers.fail('9').catch(() => undefined);
      await cache.delete();
      expect(cache.invalidations.history()).to.have.length(before);
    });
  });
});
