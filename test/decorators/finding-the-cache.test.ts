import { expect } from 'chai';
import sinon from 'sinon';
import { UseCache } from '../../src/decorators/use-cache';
import { clearDefaultCache, defaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { inBothModes } from './both-modes';
import { FakeCache } from './fake-cache';

inBothModes<typeof import('./fixtures/caches')>('the cache of a call', 'fixtures/caches.ts', (ground) => {
  const keys = (cache: FakeCache) => Object.keys(cache.engine.content);

  afterEach(() => sinon.restore());

  it('is that of the option, given as a cache or found from the instance', async () => {
    const { WithOption, fixed } = ground.fixture;
    const own = new FakeCache();
    const service = new WithOption(own);
    await service.fixed('1');
    await service.own_('1');
    expect([keys(fixed), keys(own), keys(ground.cache)]).to.deep.equal([['fixed:1'], ['own:1'], []]);
  });

  it('is the same for all decorators of a method when one of them has the option', async () => {
    const { WithOption } = ground.fixture;
    const own = new FakeCache();
    await new WithOption(own).shared('1');
    expect(own.engine.log).to.deep.equal(['load shared:1', 'invalidate other:1']);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });

  it('is that of @UseCache rather than the default, per instance', async () => {
    const { WithClass } = ground.fixture;
    const [a, b] = [new FakeCache(), new FakeCache()];
    const [one, two] = [new WithClass(a), new WithClass(b)];
    for (const service of [one, two, one, two]) await service.read('1');
    expect([one.runs, two.runs]).to.deep.equal([1, 1]);
    expect([a.compiled.length, b.compiled.length]).to.deep.equal([1, 1]);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });

  it('is inherited from the class, unless the subclass has its own @UseCache', async () => {
    const { Inheriting, Redecorated } = ground.fixture;
    const [a, b] = [new FakeCache(), new FakeCache()];
    await new Inheriting(a).read('1');
    await new Redecorated(a, b).read('2');
    expect([keys(a), keys(b)]).to.deep.equal([['class:1'], ['class:2']]);
  });

  it('is the default for static methods of a class with @UseCache', async () => {
    await ground.fixture.WithClass.find('1');
    expect(keys(ground.cache)).to.deep.equal(['class-static:1']);
  });

  it('is looked up at each call: a later default replaces an earlier one', async () => {
    const service = new ground.fixture.Ambient();
    await service.read('1');
    const later = new FakeCache();
    setDefaultCache(later);
    await service.read('1');
    clearDefaultCache(later);
    expect([keys(ground.cache), keys(later)]).to.deep.equal([['ambient:1'], ['ambient:1']]);
  });

  it('is that of a class that is decorated by hand after its first call', async () => {
    const { Ambient, WithClass } = ground.fixture;
    class Late extends Ambient {}
    await new WithClass(new FakeCache()).read('1');
    await new Late().read('1');
    const late = new FakeCache();
    UseCache<Late>(() => late)(Late);
    await new Late().read('1');
    expect([keys(ground.cache), keys(late)]).to.deep.equal([['ambient:1'], ['ambient:1']]);
  });

  it('may be missing: the methods just run, and each warns once', async () => {
    clearDefaultCache(ground.cache);
    const emit = sinon.stub(process, 'emitWarning');
    const { Ambient } = ground.fixture;
    const service = new Ambient();
    for (let call = 0; call < 2; call++) {
      await service.read('1');
      await new Ambient().remove('1');
    }
    expect(service.runs).to.equal(2);
    const warnings = emit.args as unknown as [string, { code: string }][];
    expect(warnings.map(([message]) => message.split(' ')[0])).to.deep.equal([
      'Ambient.read',
      'Ambient.remove',
    ]);
    expect(warnings.map(([, { code }]) => code)).to.deep.equal(['TIERCEL_NO_CACHE', 'TIERCEL_NO_CACHE']);
  });

  it('is not missed under NODE_ENV=test, which test runners set: nothing is warned of', async () => {
    clearDefaultCache(ground.cache);
    const emit = sinon.stub(process, 'emitWarning');
    sinon.stub(process, 'env').value({ ...process.env, NODE_ENV: 'test' });
    expect(await new ground.fixture.Ambient().read('1')).to.be.a('string');
    expect(emit.callCount).to.equal(0);
  });

  it('is there twice if another copy of the package has the default cache: the warning says so', async () => {
    clearDefaultCache(ground.cache);
    const emit = sinon.stub(process, 'emitWarning');
    const copies = (globalThis as unknown as Record<symbol, Set<object>>)[Symbol.for('tiercel.copies')]!;
    const other = {};
    copies.add(other);
    try {
      await new ground.fixture.InLibrary().read('1');
    } finally {
      copies.delete(other);
    }
    expect(emit.args[0]?.[0]).to.match(/the package is loaded twice/);
  });

  it('does not fall back to the default if @UseCache returns undefined', async () => {
    sinon.stub(process, 'emitWarning');
    const service = new ground.fixture.WithClass(undefined);
    await service.read('1');
    expect(service.runs).to.equal(1);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });

  it('rejects the call, without running the method, when finding it throws', async () => {
    const { read } = ground.fixture.WithClass.prototype;
    const service = Object.create(ground.fixture.WithClass.prototype, {
      cache: {
        get: () => {
          throw new Error('not yet constructed');
        },
      },
    });
    let rejection: unknown;
    await read.call(service, '1').catch((error: unknown) => {
      rejection = error;
    });
    expect(rejection).to.have.property('message', 'not yet constructed');
  });
});

describe('the default cache', () => {
  it('stays when a cache is cleared that is no longer the default', () => {
    const [older, newer] = [new FakeCache(), new FakeCache()];
    setDefaultCache(older);
    setDefaultCache(newer);
    clearDefaultCache(older);
    expect(defaultCache()).to.equal(newer);
    clearDefaultCache(newer);
    expect(defaultCache()).to.equal(undefined);
  });
});
