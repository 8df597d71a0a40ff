/** `@CacheDefaults`: what the decorated methods of a class share, and what they keep for themselves. */
import { expect } from 'chai';
import { createCache, type TiercelCache } from '../../src/create';
import { CacheDefaults } from '../../src/decorators/cache-defaults';
import { cached } from '../../src/decorators/cached';
import { errorOf, inBothModes, loadFixture } from './both-modes';
import { FakeCache } from './fake-cache';

type Fixture = typeof import('./fixtures/class-defaults');

inBothModes<Fixture>('@CacheDefaults', 'fixtures/class-defaults.ts', (ground) => {
  const keys = () => Object.keys(ground.cache.engine.content);
  const optionsOf = (label: string) =>
    ground.cache.compiled.find((compiled) => compiled.label === label)?.options;

  it('precedes the keys of @Cacheable and @CachePut, and leaves patterns of @CacheInvalidate whole', async () => {
    const pets = new ground.fixture.Pets();
    await pets.card('1');
    await pets.byFunction('2');
    await pets.rename('3', 'Rex');
    await ground.fixture.Pets.count();
    expect(keys()).to.deep.equal(['pet:1:card', 'pet:by-function:2', 'pet:3:card', 'pet:count']);
    await pets.remove('1');
    expect(ground.cache.engine.log.at(-1)).to.equal('invalidate pet:1:*');
    expect(cached(pets, 'card').key('9')).to.equal('pet:9:card');
  });

  it('gives storing options to methods without their own; an own one wins, and undefined counts as left out', async () => {
    const pets = new ground.fixture.Pets();
    await pets.card('1');
    await pets.vet('1');
    await pets.rename('1', 'Rex');
    expect(optionsOf('Pets.card')).to.include({ ttl: '5m', tiers: 'l1', staleFor: 7 });
    expect(optionsOf('Pets.vet')).to.include({ ttl: 5, tiers: 'both', staleFor: 7 });
    expect(optionsOf('Pets.rename')).to.include({ ttl: '5m', tiers: 'l1' });
  });

  it('is inherited with its methods, and does not concern methods that a subclass adds', async () => {
    const dogs = new ground.fixture.Dogs();
    await dogs.card('1');
    await dogs.dog('1');
    expect(keys()).to.deep.equal(['pet:1:card', 'dog:1']);
  });

  it('names the cache of instances and of static methods', async () => {
    const { WithCache, Tenant, own } = ground.fixture;
    await new WithCache().one('1');
    await WithCache.two();
    expect(Object.keys(own.engine.content)).to.include.members(['own:1', 'own-static']);
    const [eu, us] = [new FakeCache(), new FakeCache()];
    await new Tenant('eu', eu).name();
    await new Tenant('us', us).name();
    expect(Object.keys(eu.engine.content)).to.deep.equal(['tenant:eu:name']);
    expect(Object.keys(us.engine.content)).to.deep.equal(['tenant:us:name']);
    expect(keys()).to.deep.equal([]);
  });
});

for (const mode of ['legacy', 'standard'] as const) {
  describe(`@CacheDefaults on a real cache (${mode} decorators)`, () => {
    const { Pets } = loadFixture<Fixture>('fixtures/class-defaults.ts', mode);
    let cache: TiercelCache;
    beforeEach(() => {
      cache = createCache({ namespace: 'defaults' });
    });
    afterEach(() => cache.close());

    it('check() and map() show the whole template, and a pattern reaches it', async () => {
      const entry = cache.map().templates.find(({ template }) => template === 'pet:<id>:card');
      expect(entry?.readBy).to.deep.equal(['Pets.card']);
      expect(entry?.writtenBy).to.deep.equal(['Pets.rename']);
      expect(entry?.invalidatedBy.map(({ pattern }) => pattern)).to.include('pet:<id>:*');
      expect(entry?.ttl?.l1).to.equal(300);
      expect(cache.map().templates.map(({ template }) => template)).not.to.include('<id>:card');
      expect(cache.check().filter(({ method }) => method === 'Pets.remove')).to.deep.equal([]);
    });

    it('invalidates by the tag of the class, and by the whole pattern', async () => {
      const pets = new Pets();
      await pets.card('1');
      await cache.invalidate({ tags: ['pets'] });
      expect(await pets.card('1')).to.equal('1 2');
      await pets.remove('1');
      expect(await pets.card('1')).to.equal('1 3');
    });

    it('does not store a value that was loaded while its pattern was invalidated', async () => {
      const pets = new Pets();
      const loading = pets.card('1');
      await pets.remove('1');
      await loading;
      expect(await pets.card('1')).to.equal('1 2');
    });
  });
}

describe('a wrong @CacheDefaults', () => {
  const apply = (options: object, subject: unknown = class {}) =>
    errorOf(() => (CacheDefaults(options) as (subject: unknown) => void)(subject));

  it('is refused with an unknown option, a malformed prefix, or on a method', async () => {
    expect((await apply({ prefx: 'pet' })).message).to.match(/@CacheDefaults.*Did you mean 'prefix'/);
    expect(await apply({ prefix: 'pet:' })).to.have.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
    expect(await apply({ prefix: 7 })).to.have.property('code', 'TIERCEL_DECORATOR_OPTION');
    expect(await apply({}, 'method')).to.have.property('code', 'TIERCEL_DECORATOR_TARGET');
  });
});
