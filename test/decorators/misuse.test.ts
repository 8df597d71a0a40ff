import { expect } from 'chai';
import { errorOf, inBothModes } from './both-modes';

inBothModes<typeof import('./fixtures/misuse')>('a wrong declaration', 'fixtures/misuse.ts', (ground) => {
  const decorate = (...args: Parameters<typeof ground.fixture.decorate>) =>
    errorOf(() => ground.fixture.decorate(...args));

  for (const place of ['a getter', 'a setter', 'a field', 'a class']) {
    it(`on ${place} is refused when the class is defined`, async () => {
      expect(await errorOf(ground.fixture.places[place]!)).to.have.property(
        'code',
        'TIERCEL_DECORATOR_TARGET',
      );
    });
  }

  it('of @UseCache on a method is refused, and so is a cache instead of a function', async () => {
    const { useCacheOnMethod, useCacheWithoutFunction } = ground.fixture;
    expect(await errorOf(useCacheOnMethod)).to.have.property('code', 'TIERCEL_DECORATOR_TARGET');
    expect(await errorOf(useCacheWithoutFunction)).to.have.property('code', 'TIERCEL_DECORATOR_OPTION');
  });

  it('with a placeholder that the method cannot fill is refused, naming method and parameters', async () => {
    for (const kind of ['cacheable', 'put'] as const) {
      const error = await decorate(kind, 'stats:<guild>');
      expect(error).to.have.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
      expect(error.message).to.include('stats').and.to.include('<guild>').and.to.include('id');
    }
    expect(await decorate('invalidate', ['x:*', 'stats:<page>'])).to.have.property(
      'code',
      'TIERCEL_UNBOUND_PLACEHOLDER',
    );
  });

  it('with a malformed template or pattern is refused', async () => {
    expect(await decorate('cacheable', 'stats:*')).to.have.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
    expect(await decorate('put', 'stats:{id}')).to.have.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
    expect(await decorate('invalidate', ['st*ts'])).to.have.property('code', 'TIERCEL_TEMPLATE_SYNTAX');
  });

  it('with the result in the key of @Cacheable, or before there is one, is refused', async () => {
    const early = [
      decorate('cacheable', 'stats:<result.id>'),
      decorate('invalidate', ['stats:<result.id>'], { timing: 'before' }),
      decorate('invalidate', ['stats:<result.id>'], { on: 'always' }),
    ];
    for (const error of await Promise.all(early)) {
      expect(error).to.have.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
    }
    const functions = [
      decorate('invalidate', (_args: unknown, _result: unknown) => [], { timing: 'before' }),
      decorate('invalidate', (_args: unknown, _result: unknown) => [], { on: 'always' }),
    ];
    for (const error of await Promise.all(functions)) {
      expect(error).to.have.property('code', 'TIERCEL_DECORATOR_OPTION');
    }
  });

  it('that creates under a key known before the method runs is refused', async () => {
    expect(await decorate('put', 'stats:<id>', { created: true })).to.have.property(
      'code',
      'TIERCEL_DECORATOR_OPTION',
    );
  });

  const wrongKeys: readonly [kind: 'cacheable' | 'put' | 'invalidate', key: unknown][] = [
    ['cacheable', undefined],
    ['cacheable', ['a']],
    ['put', 7],
    ['invalidate', 'a'],
    ['invalidate', []],
    ['invalidate', ['a', 7]],
    ['invalidate', ['']],
  ];
  for (const [kind, key] of wrongKeys) {
    it(`of ${kind} for ${JSON.stringify(key) ?? 'undefined'} is refused`, async () => {
      expect(await decorate(kind, key)).to.have.property('code', 'TIERCEL_DECORATOR_OPTION');
    });
  }

  const wrongOptions: readonly [kind: 'cacheable' | 'put' | 'invalidate', options: unknown, says: string][] =
    [
      ['cacheable', { tll: 60 }, "Did you mean 'ttl'?"],
      ['cacheable', { value: () => 1 }, "got 'value'"],
      ['put', { unles: () => true }, "Did you mean 'unless'?"],
      ['invalidate', { ttl: 60 }, "got 'ttl'"],
      ['invalidate', { constructor: 1 }, "got 'constructor'"],
      ['invalidate', { timing: 'beside' }, "expected 'before' or 'after' or 'around'"],
      ['invalidate', { on: 'failure' }, "expected 'success' or 'always'"],
      ['cacheable', { tiers: 'l3' }, "expected 'l1' or 'l2' or 'both'"],
      ['cacheable', { when: true }, 'expected a function, got true'],
      ['cacheable', { params: 'id' }, 'expected an array of parameter names'],
      ['cacheable', { name: '' }, 'expected a non-empty string'],
      ['cacheable', { version: {} }, 'expected a string or a number'],
      ['cacheable', { cache: 'main' }, 'expected a cache or a function'],
      ['cacheable', null, 'expected an object of options, got null'],
    ];
  for (const [kind, options, says] of wrongOptions) {
    it(`of ${kind} with the options ${JSON.stringify(options)} is refused, and says what is expected`, async () => {
      const error = await decorate(kind, kind === 'invalidate' ? ['a'] : 'a', options);
      expect(error).to.have.property('code', 'TIERCEL_DECORATOR_OPTION');
      expect(error.message).to.include(says);
    });
  }

  it('accepts an option that is undefined as one left out', () => {
    expect(() =>
      ground.fixture.decorate('cacheable', 'a:<id>', { ttl: undefined, when: undefined }),
    ).not.to.throw();
  });

  it('with two @Cacheable on one method is refused', async () => {
    expect(await errorOf(ground.fixture.twoCacheables)).to.have.property(
      'code',
      'TIERCEL_CONFLICTING_DECORATORS',
    );
  });

  it('with two caches on one method is refused', async () => {
    expect(await errorOf(ground.fixture.twoCaches)).to.have.property(
      'code',
      'TIERCEL_CONFLICTING_DECORATORS',
    );
  });

  it('on a synchronous method is refused at the first result', async () => {
    const service = new ground.fixture.Undeclared();
    for (const call of [() => service.read('1'), () => service.write('1')]) {
      const error = await errorOf(call);
      expect(error).to.have.property('code', 'TIERCEL_SYNC_METHOD');
      expect(error.message).to.include('Undeclared.');
    }
    expect(ground.cache.engine.content).to.deep.equal({});
  });

  it('on a synchronous method is refused when the class is defined, if emitted metadata tells', async () => {
    if (ground.mode === 'legacy') {
      const error = await errorOf(ground.fixture.declaredSync);
      expect(error).to.have.property('code', 'TIERCEL_SYNC_METHOD');
      expect(error.message).to.include('Service.read').and.to.include('String');
    } else expect(ground.fixture.declaredSync).not.to.throw();
  });

  it('is not seen in any return type that can be waited for', () => {
    expect(ground.fixture.declaredAsync).not.to.throw();
  });
});
