import { expect } from 'chai';
import sinon from 'sinon';
import { cached } from '../../src/decorators/cached';
import { clearDefaultCache } from '../../src/registry/default-cache';
import { errorOf, inBothModes } from './both-modes';

inBothModes<typeof import('./fixtures/reading')>('cached()', 'fixtures/reading.ts', (ground) => {
  const service = () => new ground.fixture.Providers();

  afterEach(() => sinon.restore());

  it('gives the key of a call', () => {
    expect(cached(service(), 'stats').key('4:2')).to.equal('provider:4%3A2:stats');
    expect(cached(service(), 'pair').key('a', 7)).to.equal('pair:eu:a:7');
  });

  it('gives the value in L1 without loading or counting it', async () => {
    const providers = service();
    const stats = cached(providers, 'stats');
    expect(stats.peek('42')).to.equal(undefined);
    const value = await providers.stats('42');
    expect(stats.peek('42')).to.equal(value);
    expect(ground.cache.engine.log).to.deep.equal(['load provider:42:stats']);
    expect(ground.cache.compiled).to.have.length(1);
  });

  it('invalidates the entry of a call, and of no other', async () => {
    const providers = service();
    await providers.stats('1');
    await providers.stats('2');
    await cached(providers, 'stats').invalidate('1');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['provider:2:stats']);
  });

  it('refreshes: the old entry is removed, the method runs, and its value is returned and stored', async () => {
    const providers = service();
    await providers.stats('1');
    const fresh = await cached(providers, 'stats').refresh('1');
    expect(fresh.run).to.equal(2);
    expect(await providers.stats('1')).to.equal(fresh);
  });

  it('calls the method past the cache, with the instance as this', async () => {
    const providers = service();
    await providers.stats('1');
    expect((await cached(providers, 'stats').uncached('1')).run).to.equal(2);
    expect((await providers.stats('1')).run).to.equal(1);
  });

  it('serves static methods through their class', async () => {
    const { Providers } = ground.fixture;
    await Providers.find('1');
    expect(cached(Providers, 'find').peek('1')).to.equal('1');
  });

  it('reports what is wrong if an argument that the key needs is missing', async () => {
    const stats = cached(service(), 'stats') as any;
    expect(() => stats.key())
      .to.throw()
      .with.property('code', 'TIERCEL_MISSING_VALUE');
    expect(await errorOf(() => stats.invalidate())).to.have.property('code', 'TIERCEL_MISSING_VALUE');
  });

  it('finds nothing and invalidates nothing without a cache', async () => {
    sinon.stub(process, 'emitWarning');
    const providers = service();
    await providers.stats('1');
    clearDefaultCache(ground.cache);
    const stats = cached(providers, 'stats');
    expect(stats.peek('1')).to.equal(undefined);
    await stats.invalidate('1');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['provider:1:stats']);
  });

  for (const name of ['toString', 'runs', 'absent']) {
    it(`refuses '${name}', which is not a method with @Cacheable`, () => {
      expect(() => cached(service(), name as never))
        .to.throw(`Providers.${name}`)
        .with.property('code', 'TIERCEL_NOT_CACHEABLE');
    });
  }
});

inBothModes<typeof import('./fixtures/writing')>('cached()', 'fixtures/writing.ts', (ground) => {
  it('serves a @Cacheable method under other decorators of ours', () => {
    expect(cached(new ground.fixture.Users(), 'read').key('7')).to.equal('user:7');
  });

  it('refuses a method that only puts', () => {
    expect(() => cached(new ground.fixture.Users(), 'rename'))
      .to.throw()
      .with.property('code', 'TIERCEL_NOT_CACHEABLE');
  });
});
