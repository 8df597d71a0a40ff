import { expect } from 'chai';
import { CacheInvalidate } from '../../src/decorators/cache-invalidate';
import { Cacheable } from '../../src/decorators/cacheable';
import { declarations, decoratedMethod } from '../../src/registry/declarations';
import { classNameOf, MethodIdentity } from '../../src/registry/method-identity';

describe('the declarations of the program', () => {
  it('grow by one for each decorator, the inner one first, and know their method', () => {
    const before = declarations().length;
    class Service {
      @CacheInvalidate(['list:*', 'item:<id>'], { on: 'always' })
      @Cacheable('item:<id>', { ttl: '5m', version: 3 })
      async item(id: string): Promise<string> {
        return id;
      }
    }
    const added = declarations().slice(before);
    expect(added.map(({ kind, templates, method }) => [kind, templates, method.label])).to.deep.equal([
      ['cacheable', ['item:<id>'], 'Service.item'],
      ['invalidate', ['list:*', 'item:<id>'], 'Service.item'],
    ]);
    expect(added[0]).to.have.property('storing').that.includes({ ttl: '5m', version: 3 });
    expect(added[1]).to.include({ timing: 'after', on: 'always' });
    expect(decoratedMethod(Service.prototype.item)?.declarations).to.deep.equal([added[1], added[0]]);
  });

  it('do not grow by a decorator that was refused', () => {
    const before = declarations().length;
    expect(() => {
      class Service {
        @Cacheable('item:<missing>')
        async item(id: string): Promise<string> {
          return id;
        }
      }
      return Service;
    }).to.throw();
    expect(declarations()).to.have.length(before);
  });

  it('are not found on functions that are no wrapper of ours', () => {
    for (const value of [undefined, null, 'item', {}, async () => 1]) {
      expect(decoratedMethod(value)).to.equal(undefined);
    }
  });
});

describe('the identity of a method', () => {
  it('is its name alone until its class is known', () => {
    const identity = new MethodIdentity('item');
    expect(identity.label).to.equal('item');
    identity.learn('Service');
    expect(identity.label).to.equal('Service.item');
  });

  it('gives methods named by a symbol a label', () => {
    expect(new MethodIdentity(Symbol('item'), { owner: 'Service' }).label).to.equal('Service.Symbol(item)');
  });

  it('takes the name of the class from the class, its prototype or an instance', () => {
    class Service {}
    expect([Service, Service.prototype, new Service()].map(classNameOf)).to.deep.equal(
      Array(3).fill('Service'),
    );
    expect([Object.create(null), new (class {})()].map(classNameOf)).to.deep.equal(
      Array(2).fill('anonymous class'),
    );
  });
});
