import { expect } from 'chai';
import { clearDefaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { loadFixture } from './both-modes';
import { FakeCache } from './fake-cache';

/** The fixture cannot be imported as a type: this project is compiled for legacy decorators, which refuse it. */
interface Fixture {
  readonly Vault: new () => {
    readonly runs: number;
    read(id: string): Promise<string>;
    forget(id: string): Promise<void>;
  };
}

describe('a #private method (standard decorators)', () => {
  const { Vault } = loadFixture<Fixture>('../types/standard/private-methods.ts', 'standard');

  it('is cached and invalidated like any other, under the name of the class of its instance', async () => {
    const cache = new FakeCache();
    setDefaultCache(cache);
    const vault = new Vault();
    await vault.read('1');
    await vault.read('1');
    expect(vault.runs).to.equal(1);
    await vault.forget('1');
    expect(await vault.read('1')).to.equal('secret 1');
    expect(vault.runs).to.equal(2);
    expect(cache.compiled.map(({ label }) => label)).to.deep.equal(['Vault.#secret']);
    clearDefaultCache(cache);
  });
});
