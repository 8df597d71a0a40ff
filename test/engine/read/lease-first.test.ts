import { expect } from 'chai';
import { MissForecast } from '../../../src/engine/entry/miss-forecast';
import { inL1, type Nodes, useNodes } from '../../support/nodes';
import { RedisServer } from '../../support/redis-server';

describe('a request for the lease as the first command', () => {
  const nodes = useNodes();
  let redis: RedisServer;
  let client: ReturnType<Nodes['client']>;

  before(async () => {
    redis = await RedisServer.start();
  });

  beforeEach(() => {
    client = nodes.client(redis);
  });

  after(() => redis.stop());

  const none = async (): Promise<never> => {
    throw new Error('a load too many');
  };

  /** How often the server was asked for a lease of `key` since the last call. */
  async function refused(): Promise<number> {
    const stats = await client.info('commandstats');
    return Number(/cmdstat_set:.*rejected_calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }

  for (const [name, on, off] of [
    ['NOREPLICAS', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
    ['OOM', ['maxmemory', '1'], ['maxmemory', '0']],
  ] as const) {
    it(`P12: a server that refuses writes (${name}) loses no hit: the key is read in the same call, and first from then on`, async () => {
      const writer = await nodes.node(redis);
      await writer.setMany(['a', 'b', 'c'].map((key) => [key, key]));
      const reader = await nodes.node(redis);
      // The generations are known under trust.
      await inL1(reader, 'a', () => reader.get('a'));
      await client.config('RESETSTAT');
      await client.config('SET', ...on);
      try {
        for (const key of ['b', 'c']) {
          expect(await reader.getOrSet(`${key}`, none, { ttl: 60 })).to.equal(key);
        }
        expect(await refused()).to.be.at.most(1);
      } finally {
        await client.config('SET', ...off);
      }
    });
  }

  it('P12: a user who may not write loses no hit either', async () => {
    const writer = await nodes.node(redis);
    await writer.set('a', 'a');
    const reader = await nodes.node(redis);
    await reader.get('b');
    await client.call('ACL', 'SETUSER', 'default', '-set');
    try {
      expect(await reader.getOrSet('a', none, { ttl: 60 })).to.equal('a');
    } finally {
      await client.call('ACL', 'SETUSER', 'default', '+set');
    }
  });

  it('P12: two processes that ask at once load once, and both get it', async () => {
    const [one, other] = [await nodes.node(redis), await nodes.node(redis)];
    let loads = 0;
    const load = async () => {
      loads += 1;
      return 'row';
    };
    const values = await Promise.all([one.getOrSet('k', load), other.getOrSet('k', load)]);
    expect(values).to.deep.equal(['row', 'row']);
    expect(loads).to.equal(1);
  });
});

describe('MissForecast', () => {
  const forecastAfter = (misses: number, hits: number): MissForecast => {
    const forecast = new MissForecast();
    for (let i = 0; i < misses; i += 1) forecast.note(true);
    for (let i = 0; i < hits; i += 1) forecast.note(false);
    return forecast;
  };

  it('expects a miss at first, and hits after many of them', () => {
    expect(forecastAfter(0, 0).expectsMiss(false)).to.equal(true);
    expect(forecastAfter(0, 50).expectsMiss(false)).to.equal(false);
  });

  it('does not waver: between its two thresholds it stays as it is', () => {
    const falling = forecastAfter(0, 30);
    expect(falling.expectsMiss(false)).to.equal(true);
    const rising = forecastAfter(0, 50);
    rising.note(true);
    rising.note(true);
    expect(rising.expectsMiss(false)).to.equal(false);
  });

  it('is sooner on the side of reads that share a command', () => {
    expect(forecastAfter(0, 5).expectsMiss(true)).to.equal(true);
    expect(forecastAfter(0, 10).expectsMiss(true)).to.equal(false);
    expect(forecastAfter(0, 10).expectsMiss(false)).to.equal(true);
  });
});
