import { expect } from 'chai';
import { Batch } from '../../../src/engine/read/batch';
import { Gate, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

describe('getMany, setMany and getOrSetMany', () => {
  const nodes = useNodes();

  it('P18: loadMany gets the keys in the order of the call, whichever was decided first', async () => {
    const asked: string[][] = [];
    const batch = new Batch(['a', 'b', 'c'], (missing) => {
      asked.push(missing);
      return new Map(missing.map((key) => [key, key]));
    });
    const loading = ['c', 'a', 'b'].map((key) => batch.load(key));
    // Each key is stored, or not, before the batch goes on.
    for (const key of ['a', 'b', 'c']) batch.done(key);
    await Promise.all(loading);
    expect(asked).to.deep.equal([['a', 'b', 'c']]);
  });

  it('read what is there and load the rest with one call; what the loader leaves out is released, not stored', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    expect(await cache.setMany([['signal:1', 'one']])).to.equal(1);
    const asked: string[][] = [];
    const values = await cache.getOrSetMany(
      ['signal:1', 'signal:2', 'signal:3', 'signal:2'],
      async (missing) => {
        asked.push(missing);
        return { 'signal:2': 'two' };
      },
    );
    expect(asked).to.deep.equal([['signal:2', 'signal:3']]);
    expect([...values]).to.have.deep.members([
      ['signal:1', 'one'],
      ['signal:2', 'two'],
    ]);
    expect(await nodes.client(redis).exists('signal:3')).to.equal(0);
    expect([...(await cache.getMany(['signal:1', 'signal:2', 'signal:3'])).keys()]).to.deep.equal([
      'signal:1',
      'signal:2',
    ]);
  });

  it('P18: keys that another process is loading are waited for after the own ones are loaded and stored', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    const row = new Gate<string>();
    const other = a.getOrSet('signal:2', row.load);
    await row.started;
    const asked: string[][] = [];
    const batch = b.getOrSetMany(['signal:1', 'signal:2'], async (missing) => {
      asked.push(missing);
      return new Map(missing.map((key) => [key, 'own']));
    });
    await until(async () => (await b.get('signal:1')) === 'own');
    row.end('theirs');
    await other;
    expect(await batch).to.deep.equal(
      new Map([
        ['signal:1', 'own'],
        ['signal:2', 'theirs'],
      ]),
    );
    expect(asked).to.deep.equal([['signal:1']]);
  });

  it('P18: two batches that hold what the other wants do not wait for each other for ever', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    const load = async (missing: string[]) => new Map(missing.map((key) => [key, `row ${key}`]));
    const [first, second] = await Promise.all([
      a.getOrSetMany(['x', 'y', 'z'], load),
      b.getOrSetMany(['z', 'y', 'x'], load),
    ]);
    for (const values of [first, second]) expect(values.get('y')).to.equal('row y');
  });

  it('P18: keys that stay leased elsewhere are loaded together in the end by a batch inside a load, and not stored', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { load: { wait: '50ms' } });
    const other = await nodes.node(redis, { load: { wait: '50ms' } });
    const hung = new Gate<Map<string, string>>();
    const theirs = other.getOrSetMany(['x', 'y'], hung.load);
    await hung.started;
    const asked: string[][] = [];
    const batch = () =>
      cache.getOrSetMany(['w', 'x', 'y'], async (missing) => {
        asked.push(missing);
        return new Map(missing.map((key) => [key, 'row']));
      });
    const values = await cache.getOrSet('outer', batch, { unless: () => true });
    expect([...values.keys()]).to.have.members(['w', 'x', 'y']);
    expect(asked[0]).to.deep.equal(['w']);
    expect(asked.slice(1).flat()).to.have.members(['x', 'y']);
    expect([...(await cache.getMany(['w', 'x', 'y']))]).to.deep.equal([['w', 'row']]);
    hung.end(new Map());
    await theirs;
  });

  it('P15: a loader that fails releases all leases of its batch, and every caller of those keys gets the error', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    const failing = new Gate<Map<string, string>>();
    const batch = cache.getOrSetMany(['x', 'y'], failing.load);
    await failing.started;
    const joined = cache.getOrSet('y', async () => 'never loaded');
    const error = new Error('away');
    failing.fail(error);
    const reasons = (await Promise.allSettled([batch, joined])).map(
      (call) => (call as PromiseRejectedResult).reason,
    );
    expect(reasons).to.deep.equal([error, error]);
    expect(await nodes.client(redis).exists('x', 'y')).to.equal(0);
  });

  it('works the same without an L2', async () => {
    const cache = await nodes.node(undefined);
    let loads = 0;
    const load = async (missing: string[]) => {
      loads += 1;
      return Object.fromEntries(missing.map((key) => [key, 'row']));
    };
    await Promise.all([cache.getOrSetMany(['x', 'y'], load), cache.getOrSetMany(['x', 'y'], load)]);
    expect(loads).to.equal(1);
    expect([...(await cache.getMany(['x', 'y', 'z'])).keys()]).to.deep.equal(['x', 'y']);
  });
});
