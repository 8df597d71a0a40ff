import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { bypassed, withoutCache } from '../../../src/engine/runtime/bypass';

describe('withoutCache', () => {
  afterEach(() => expect(bypassed(), 'a scope outlived its test').to.equal(false));

  it('bypasses what runs within it, and nothing before or after', () => {
    expect(bypassed()).to.equal(false);
    expect(withoutCache(() => bypassed())).to.equal(true);
    expect(bypassed()).to.equal(false);
  });

  it('follows awaits, while others who run at the same time are not bypassed', async () => {
    const gate = new EventEmitter();
    const inside = withoutCache(async () => {
      await once(gate, 'open');
      return bypassed();
    });
    const outside = (async () => {
      await once(gate, 'open');
      return bypassed();
    })();
    expect(bypassed()).to.equal(false);
    gate.emit('open');
    expect([await inside, await outside]).to.deep.equal([true, false]);
  });

  it('is over for work that it left running once its promise has settled', async () => {
    const gate = new EventEmitter();
    let left: Promise<boolean> | undefined;
    await withoutCache(async () => {
      left = once(gate, 'open').then(() => bypassed());
    });
    const open = withoutCache(() => once(gate, 'open'));
    gate.emit('open');
    expect(await left).to.equal(false);
    await open;
  });

  it('is over for those who continue when its promise settles', async () => {
    const seen = await withoutCache(async () => 1).then(() => bypassed());
    expect(seen).to.equal(false);
  });

  it('nests: the end of the inner scope does not end the outer one', async () => {
    const seen = await withoutCache(async () => {
      const inner = await withoutCache(async () => bypassed());
      return [inner, bypassed()];
    });
    expect(seen).to.deep.equal([true, true]);
  });

  it('nests: work that the inner scope left running stays in the outer one', async () => {
    const gate = new EventEmitter();
    const seen = await withoutCache(async () => {
      let left: Promise<boolean> | undefined;
      withoutCache(() => {
        left = once(gate, 'open').then(() => bypassed());
      });
      gate.emit('open');
      return left;
    });
    expect(seen).to.equal(true);
  });

  it('ends when fn throws, and passes the error on unchanged', () => {
    const error = new Error('boom');
    expect(() =>
      withoutCache(() => {
        throw error;
      }),
    ).to.throw(error);
  });

  it('ends when the promise is rejected, and leaves the rejection to the caller', async () => {
    const error = new Error('boom');
    const caught = await withoutCache(() => Promise.reject(error)).catch((reason: unknown) => reason);
    expect(caught).to.equal(error);
  });

  it('returns what fn returns, also null and functions', () => {
    const result = () => 1;
    expect([withoutCache(() => null), withoutCache(() => result)]).to.deep.equal([null, result]);
  });
});
