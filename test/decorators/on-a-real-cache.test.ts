import { expect } from 'chai';
import { createCache, type TiercelCache } from '../../src/create';
import { cached } from '../../src/decorators/cached';
import { withoutCache } from '../../src/engine/runtime/bypass';
import { errorOf, loadFixture } from './both-modes';

for (const mode of ['legacy', 'standard'] as const) {
  describe(`decorated methods on a cache in memory (${mode} decorators)`, () => {
    const { Providers } = loadFixture<typeof import('./fixtures/reading')>('fixtures/reading.ts', mode);
    const { Users } = loadFixture<typeof import('./fixtures/writing')>('fixtures/writing.ts', mode);
    const { Middle } = loadFixture<typeof import('./fixtures/overriding')>('fixtures/overriding.ts', mode);
    let cache: TiercelCache;

    beforeEach(() => {
      cache = createCache({ namespace: 'decorated' });
    });
    afterEach(async () => {
      expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
      await cache.close();
    });

    it('run once for simultaneous callers and for later ones', async () => {
      const providers = new Providers();
      const calls = await Promise.all(Array.from({ length: 20 }, () => providers.page('1')));
      expect(new Set([...calls, await providers.page('1')])).to.deep.equal(new Set(['1 from the start']));
      expect(providers.runs).to.equal(1);
      expect(cache.peek(cached(providers, 'page').key('1'))).to.equal('1 from the start');
    });

    it('share the error of `unless` with all callers that wait, and store nothing', async () => {
      const providers = new Providers();
      const errors = await Promise.all([1, 2].map(() => errorOf(() => providers.brokenUnless())));
      expect(errors.map(({ message }) => message)).to.deep.equal(['broken unless', 'broken unless']);
      expect(providers.runs).to.equal(1);
    });

    it('reject the call when the ttl names an unknown preset', async () => {
      const providers = new Providers();
      expect(await errorOf(() => providers.misspeltPreset())).to.have.property(
        'code',
        'TIERCEL_UNKNOWN_PRESET',
      );
      expect(providers.runs).to.equal(0);
    });

    it('P19: do not wait for themselves when an override calls its super method', async () => {
      expect(await new Middle().stats('1')).to.deep.equal(['base 1', 'middle']);
    });

    it('P22: put what the next reader finds, and invalidate what it must load', async () => {
      const users = new Users();
      users.result = { id: '7', name: 'Grace' };
      await users.rename('7', 'Grace');
      expect(cache.peek('user:7')).to.deep.equal(users.result);
      await users.removeAlways('7');
      expect(cache.peek('user:7')).to.equal(undefined);
    });

    it('P22: do not put over an invalidation that came while the method ran', async () => {
      const users = new Users();
      let removed: Promise<unknown> | undefined;
      users.onRun = () => {
        removed ??= cache.delete('user:7');
      };
      await users.rename('7', 'Grace');
      await removed;
      expect(cache.peek('user:7')).to.equal(undefined);
    });

    it('refresh: a reader after the refresh finds the fresh value', async () => {
      const providers = new Providers();
      await providers.stats('1');
      const fresh = await cached(providers, 'stats').refresh('1');
      expect(fresh.run).to.equal(2);
      expect((await providers.stats('1')).run).to.equal(2);
    });

    it('just run within withoutCache and while the cache is disabled', async () => {
      const providers = new Providers();
      await providers.page('1');
      await withoutCache(() => providers.page('1'));
      expect(providers.runs).to.equal(2);
      cache.disable();
      await providers.page('1');
      cache.enable();
      await providers.page('1');
      expect(providers.runs).to.equal(3);
    });
  });
}
