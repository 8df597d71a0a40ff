/** A value that cannot be part of a key makes a call uncached; it never makes it fail, and nothing is lost silently. */
import { expect } from 'chai';
import type { CacheEvents, TiercelCache } from '../../src';
import { createCache } from '../../src/create';
import { errorOf, loadFixture } from './both-modes';

for (const mode of ['legacy', 'standard'] as const) {
  describe(`a value that cannot be part of a key (${mode} decorators)`, () => {
    const { Search } = loadFixture<typeof import('./fixtures/unrenderable')>(
      'fixtures/unrenderable.ts',
      mode,
    );
    let cache: TiercelCache;
    let faults: CacheEvents['error'][];
    const codes = () => faults.map(({ error }) => (error as { code?: string }).code);

    beforeEach(() => {
      cache = createCache({ namespace: 'unrenderable', events: { changed: ['search:<q>', 'top:list'] } });
      faults = [];
      cache.on('error', (fault) => faults.push(fault));
    });
    afterEach(() => cache.close());

    it('runs the method uncached when a client sends an array for a string, counts each call and reports the method once', async () => {
      const search = new Search();
      expect(await search.find(['a', 'b'])).to.equal('found a,b');
      expect(await search.find(['a', 'b'])).to.equal('found a,b');
      expect(search.runs).to.equal(2);
      expect(codes()).to.deep.equal(['TIERCEL_UNRENDERABLE_VALUE']);
      expect(faults[0]).to.include({ operation: 'render', method: 'Search.find' });
      expect(cache.stats().methods['Search.find']?.calls.uncached).to.equal(2);
    });

    it('is shown by health() and report(), without the value, and leaves the cache healthy', async () => {
      await new Search().find({ secret: 'x' });
      const [fault] = cache.report().health.faults ?? [];
      expect(fault).to.include({
        operation: 'render',
        method: 'Search.find',
        code: 'TIERCEL_UNRENDERABLE_VALUE',
        count: 1,
      });
      expect(cache.health().healthy).to.equal(true);
      expect(JSON.stringify(cache.report())).not.to.include('secret');
    });

    it('runs the method uncached when |hash cannot see into the value', async () => {
      expect(await new Search().hashed(() => 1)).to.equal('found function');
      expect(codes()).to.deep.equal(['TIERCEL_UNHASHABLE_VALUE']);
    });

    it('does not store an entry whose tag it is, since no invalidation of the tag would reach it', async () => {
      const search = new Search();
      await search.tagged('1', ['x']);
      await search.tagged('1', ['x']);
      expect(search.runs).to.equal(2);
      search.author = ['ann'];
      await search.authored('1');
      await search.authored('1');
      expect(search.runs).to.equal(4);
      expect(codes()).to.deep.equal(['TIERCEL_UNRENDERABLE_VALUE', 'TIERCEL_UNRENDERABLE_VALUE']);
      search.author = 'ann';
      await search.authored('1');
      await search.authored('1');
      expect(search.runs).to.equal(5);
    });

    for (const change of ['change', 'changeEvent', 'changeResult'] as const) {
      it(`${change}: lets the method run, invalidates everything else, and reports each lost pattern`, async () => {
        const search = new Search();
        await cache.set('top:list', 'old');
        await search.find('a');
        await search[change](['a']);
        expect(await cache.get('top:list')).to.equal(undefined);
        expect(await cache.get('search:a')).to.equal('found a');
        await search[change](['a']);
        expect(codes()).to.deep.equal(['TIERCEL_UNRENDERABLE_VALUE', 'TIERCEL_UNRENDERABLE_VALUE']);
        expect(faults[0]).to.include({ operation: 'render', method: `Search.${change}` });
      });
    }

    it('invalidates the other tags of a method that has one of it', async () => {
      await cache.set('k', 'old', { tags: ['all'] });
      await new Search().changeTags(['a']);
      expect(await cache.get('k')).to.equal(undefined);
      expect(codes()).to.deep.equal(['TIERCEL_UNRENDERABLE_VALUE']);
    });

    it('makes a put run its method without storing; a put with such a tag invalidates its entry', async () => {
      const search = new Search();
      expect(await search.put(['a'])).to.equal('put a');
      await search.authored('1');
      await search.putTagged('1', ['x']);
      expect(await cache.get('authored:1')).to.equal(undefined);
      expect(codes()).to.deep.equal(['TIERCEL_UNRENDERABLE_VALUE', 'TIERCEL_UNRENDERABLE_VALUE']);
    });

    it('runs the loader of getOrSet and of a strategy uncached', async () => {
      const load = () => 'loaded';
      const key = ['search:<q>', { q: ['a'] }] as const;
      expect(await cache.getOrSet(key, load)).to.equal('loaded');
      expect(await cache.getOrSet(key, load)).to.equal('loaded');
      const strategy = cache.strategy({ key: 'found:<q>' });
      expect(await strategy.getOrFetch({ q: ['a'] as unknown as string }, load)).to.equal('loaded');
      expect(faults.map(({ method }) => method)).to.deep.equal(['getOrSet', 'found:<q>']);
    });

    it('control: a missing value is still the error of the caller, before the method runs', async () => {
      const search = new Search();
      for (const run of [search.find, search.change, search.put]) {
        expect(await errorOf(() => run.call(search, undefined))).to.have.property(
          'code',
          'TIERCEL_MISSING_VALUE',
        );
      }
      expect(search.runs).to.equal(0);
      expect(faults).to.deep.equal([]);
    });
  });
}
