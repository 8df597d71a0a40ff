import { expect } from 'chai';
import { errorOf, inBothModes } from './both-modes';

inBothModes<typeof import('./fixtures/reading')>('@Cacheable', 'fixtures/reading.ts', (ground) => {
  const service = () => new ground.fixture.Providers();

  it('answers a second call with the same arguments from the cache, without running the method', async () => {
    const providers = service();
    const first = await providers.stats('42');
    const second = await providers.stats('42');
    expect(providers.runs).to.equal(1);
    expect(second).to.equal(first);
    expect(ground.cache.engine.log).to.deep.equal(['load provider:42:stats', 'hit provider:42:stats']);
  });

  it('runs the method again for other arguments', async () => {
    const providers = service();
    await providers.stats('42');
    expect((await providers.stats('43')).id).to.equal('43');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal([
      'provider:42:stats',
      'provider:43:stats',
    ]);
  });

  it('passes all arguments and the instance to the method on a miss, defaults left to the method', async () => {
    expect(await service().stats('42', 'x')).to.deep.equal({ id: '42', run: 1, note: 'x' });
    expect(await service().stats('43')).to.deep.equal({ id: '43', run: 1, note: 'none' });
  });

  it('gives an optional placeholder without a value a key of its own', async () => {
    const providers = service();
    await providers.page('1');
    await providers.page('1', '');
    await providers.page('1', '_');
    expect(providers.runs).to.equal(3);
    expect(Object.keys(ground.cache.engine.content)).to.have.length(3);
  });

  it('reads a placeholder on this from the instance of the call', async () => {
    const { Providers } = ground.fixture;
    expect(await new Providers('eu').name()).to.equal('name in eu');
    expect(await new Providers('us').name()).to.equal('name in us');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['tenant:eu:name', 'tenant:us:name']);
  });

  it('calls a key function with the instance and the arguments', async () => {
    await service().pair('a', 7);
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['pair:eu:a:7']);
  });

  it('escapes the reserved characters of what a key function returns', async () => {
    await service().keyedByFirst('user:<1> *');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['user:%3C1%3E%20%2A']);
  });

  for (const key of [undefined, 42, '']) {
    it(`rejects the call when a key function returns ${JSON.stringify(key) ?? 'undefined'}`, async () => {
      const providers = service();
      expect(await errorOf(() => providers.keyedByFirst(key))).to.have.property(
        'code',
        'TIERCEL_KEY_FUNCTION',
      );
      expect(providers.runs).to.equal(0);
    });
  }

  it('takes the values of named placeholders from vars', async () => {
    const providers = service();
    await providers.filtered({ kind: 'new', noise: 1 });
    await providers.filtered({ kind: 'new', noise: 2 });
    expect(providers.runs).to.equal(1);
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['filtered:new']);
  });

  it('takes the names of parameters from params', async () => {
    await service().renamed('a', 'b');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['renamed:a:b']);
  });

  it('rejects the call, without throwing or running the method, when a required value is missing', async () => {
    const providers = service();
    let call: Promise<unknown> | undefined;
    expect(() => {
      call = providers.stats(undefined as unknown as string);
    }).not.to.throw();
    expect(await errorOf(() => call)).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    expect(providers.runs).to.equal(0);
  });

  it('rejects the call when the cache refuses the options, at every call', async () => {
    const providers = service();
    for (let call = 0; call < 2; call++) {
      expect((await errorOf(() => providers.misspeltPreset())).message).to.equal('unknown preset: misspelt');
    }
    expect(providers.runs).to.equal(0);
  });

  for (const value of [null, false, 0, '']) {
    it(`serves a cached ${JSON.stringify(value)} as a value, not as a miss`, async () => {
      ground.cache.engine.store('empty:1', value);
      const providers = service();
      expect(await providers.empty('1')).to.equal(value);
      expect(providers.runs).to.equal(0);
    });
  }

  it('passes the error of the method to the caller unchanged, and runs it once', async () => {
    const providers = service();
    expect(await errorOf(() => providers.failing())).to.equal(ground.fixture.brokenLoad);
    expect(providers.runs).to.equal(1);
  });

  it('runs the method past the cache if `when` returns false, with the instance as this', async () => {
    const providers = service();
    await providers.conditional('hidden');
    await providers.conditional('hidden');
    expect(providers.runs).to.equal(2);
    expect(ground.cache.engine.log).to.deep.equal([]);
    await new ground.fixture.Providers('us').conditional('1');
    expect(ground.cache.engine.log).to.deep.equal([]);
    await providers.conditional('1');
    expect(ground.cache.engine.log).to.deep.equal(['load conditional:1']);
  });

  it('returns, but does not store, a result that unless refuses', async () => {
    const providers = service();
    expect(await providers.conditional('new')).to.equal('draft of new');
    expect(ground.cache.engine.content).to.deep.equal({});
    await providers.conditional('old');
    expect(ground.cache.engine.content).to.deep.equal({ 'conditional:old': 'old' });
  });

  it('rejects with the error of `when` or `unless`, and stores nothing', async () => {
    const providers = service();
    expect((await errorOf(() => providers.brokenWhen())).message).to.equal('broken when');
    expect(providers.runs).to.equal(0);
    expect((await errorOf(() => providers.brokenUnless())).message).to.equal('broken unless');
    expect(ground.cache.engine.content).to.deep.equal({});
  });

  it('compiles its storing options once per cache, under the name of the class that has the method', async () => {
    const providers = new ground.fixture.PremiumProviders();
    await providers.stats('1');
    await providers.stats('2');
    expect(ground.cache.compiled.map(({ label }) => label)).to.deep.equal(['Providers.stats']);
    const options = Object.entries(ground.cache.compiled[0]?.options ?? {});
    expect(Object.fromEntries(options.filter(([, value]) => value !== undefined))).to.deep.equal({
      ttl: '5m',
      nullTtl: 10,
      version: 2,
      tiers: 'l1',
    });
  });

  it('uses the option name as the label', async () => {
    await service().name();
    expect(ground.cache.compiled.map(({ label }) => label)).to.deep.equal(['names']);
  });

  it('caches static methods, under the name of the class', async () => {
    const { Providers } = ground.fixture;
    Providers.runs = 0;
    await Providers.find('7');
    await Providers.find('7');
    expect(Providers.runs).to.equal(1);
    expect(ground.cache.compiled.map(({ label }) => label)).to.deep.equal(['Providers.find']);
  });

  it('just runs the method while the engine is not active', async () => {
    const providers = service();
    ground.cache.engine.active = false;
    await providers.stats('42');
    await providers.stats('42');
    expect(providers.runs).to.equal(2);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });

  it('keeps the name, length and own properties of the method', () => {
    const { stats } = ground.fixture.Providers.prototype;
    expect(stats.name).to.equal('stats');
    expect(stats).to.have.length(1);
  });
});
