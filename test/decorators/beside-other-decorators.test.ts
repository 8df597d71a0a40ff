import { expect } from 'chai';
import sinon from 'sinon';
import { CacheInvalidate } from '../../src/decorators/cache-invalidate';
import { Cacheable } from '../../src/decorators/cacheable';
import { cached } from '../../src/decorators/cached';
import { clearDefaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { inBothModes, loadFixture } from './both-modes';
import { FakeCache } from './fake-cache';

inBothModes<typeof import('./fixtures/frameworks')>(
  'other decorators',
  'fixtures/frameworks.ts',
  (ground) => {
    const method = (name: 'above' | 'below' | 'between' | 'computed'): any =>
      ground.fixture.Controller.prototype[name];

    afterEach(() => sinon.restore());

    for (const name of ['above', 'below', 'between'] as const) {
      it(`find their metadata and properties on the method when ours is ${name} them`, () => {
        expect(Reflect.getOwnMetadata('route:path', method(name))).to.equal(`/${name}`);
        expect(method(name).route).to.equal(`/${name}`);
      });
    }

    it('find the name and length of the method, and its own properties as they were', () => {
      expect(Object.getOwnPropertyDescriptors(method('above'))).to.deep.include({
        name: { value: 'above', writable: false, enumerable: false, configurable: true },
        length: { value: 2, writable: false, enumerable: false, configurable: true },
        route: { value: '/above', writable: true, enumerable: true, configurable: true },
      });
    });

    it('can read the declarations, the outermost first', () => {
      const owner = ground.mode === 'legacy' ? 'Controller.' : '';
      const declared = (name: Parameters<typeof method>[0]) =>
        Reflect.getOwnMetadata('tiercel:declarations', method(name));
      expect(declared('above')).to.deep.equal([
        { kind: 'cacheable', templates: ['above:<id>'], ttl: '5m', name: `${owner}above` },
      ]);
      expect(declared('below')).to.deep.equal([
        { kind: 'cacheable', templates: ['below:<id>'], ttl: 30, name: 'short' },
      ]);
      expect(declared('between')).to.deep.equal([
        { kind: 'invalidate', templates: ['a:*', 'b'], ttl: undefined, name: `${owner}between` },
        { kind: 'cacheable', templates: ['between:<id>'], ttl: undefined, name: `${owner}between` },
      ]);
      expect(declared('computed')).to.deep.include.members([
        { kind: 'invalidate', templates: [], ttl: undefined, name: `${owner}computed` },
      ]);
    });

    it('that wrap the method between two of ours leave both working, one inside the other', async () => {
      const controller = new ground.fixture.Controller();
      ground.fixture.log.length = 0;
      await controller.nested('1');
      await controller.nested('1');
      expect(controller.runs).to.equal(1);
      expect(ground.fixture.log).to.have.length(2);
      expect(ground.cache.engine.log).to.deep.equal([
        'load inside:1',
        'invalidate outside',
        'hit inside:1',
        'invalidate outside',
      ]);
    });

    it('may be absent, and the metadata polyfill with them', async () => {
      const { getOwnMetadataKeys } = Reflect;
      Reflect.getOwnMetadataKeys = undefined as never;
      try {
        const { Controller } = loadFixture<typeof ground.fixture>('fixtures/frameworks.ts', ground.mode);
        expect(await new Controller().above('1', 2)).to.equal('1');
        expect(Controller.prototype.above.name).to.equal('above');
      } finally {
        Reflect.getOwnMetadataKeys = getOwnMetadataKeys;
      }
    });
  },
);

describe('legacy decorators and a foreign wrapper', () => {
  it('read the parameter names of the method as written, although the wrapper is below', async () => {
    const { NamesBelow } = loadFixture<typeof import('./fixtures/names-below-wrapper')>(
      'fixtures/names-below-wrapper.ts',
      'legacy',
    );
    expect(await new NamesBelow().read('7')).to.equal('7');
  });

  it('read them also if decorators are applied by hand, one after the other', async () => {
    class ByHand {
      async read(id: string): Promise<string> {
        return id;
      }
    }
    const { prototype } = ByHand;
    for (const decorator of [CacheInvalidate(['list:<id>']), Cacheable('item:<id>')] as MethodDecorator[]) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, 'read')!;
      Object.defineProperty(
        prototype,
        'read',
        decorator(prototype, 'read', descriptor) as PropertyDescriptor,
      );
    }
    expect(cached(new ByHand(), 'read').key('7')).to.equal('item:7');
  });

  it('do not wait for themselves if both sides of the wrapper declare one key', async () => {
    const { Twice } = loadFixture<typeof import('./fixtures/names-below-wrapper')>(
      'fixtures/names-below-wrapper.ts',
      'legacy',
    );
    const cache = new FakeCache();
    setDefaultCache(cache);
    expect(await new Twice().read('7')).to.equal('7');
    expect(cache.engine.log).to.deep.equal(['load twice:7']);
    clearDefaultCache(cache);
  });

  it('leave the method to be found by cached()', () => {
    const { Hidden } = loadFixture<typeof import('./fixtures/overriding')>(
      'fixtures/overriding.ts',
      'legacy',
    );
    expect(cached(new (class extends Hidden {})(), 'read').key('7')).to.equal('hidden:7');
  });

  it('cannot under standard decorators, which never show the method: the error names the remedies', () => {
    expect(() => loadFixture('fixtures/names-below-wrapper.ts', 'standard'))
      .to.throw(/params/)
      .with.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
  });
});
