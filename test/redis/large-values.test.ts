import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { Nodes } from '../support/nodes';
import { RedisServer } from '../support/redis-server';
import { TcpProxy } from '../support/tcp-proxy';

/** The configuration as it comes: the deadline is what is tested. */
const DEFAULTS = { l1: false, l2: { deadline: '50ms', socketTimeout: '500ms' } } as const;

describe('a large value', () => {
  const nodes = new Nodes();
  let redis: RedisServer;
  let proxy: TcpProxy;

  beforeEach(async () => {
    redis = await RedisServer.start();
    proxy = await TcpProxy.start(redis.port);
  });

  afterEach(async () => {
    await nodes.close();
    await proxy.close();
    await redis.stop();
  });

  /** Reads it and a small one, in turn and at once; how often each was loaded, and what was told. */
  async function readBoth(cache: TiercelCache, bytes: number, rounds: number) {
    const loads = { large: 0, small: 0 };
    const told: string[] = [];
    cache.on('breaker', ({ state }) => told.push(`breaker ${state}`));
    cache.on('error', ({ key, error }) => told.push(`${key}: ${(error as Error).message}`));
    const value = 'x'.repeat(bytes);
    const large = () => cache.getOrSet('large', () => count('large', value));
    const small = () => cache.getOrSet('small', () => count('small', 'row'));
    const count = (name: keyof typeof loads, row: string): string => {
      loads[name] += 1;
      return row;
    };
    for (let round = 0; round < rounds; round += 1) {
      expect((await large()).length).to.equal(bytes);
      expect(await small()).to.equal('row');
      await Promise.all([large(), small()]);
    }
    return { loads, told };
  }

  it('P36: of 3 MB over 100 Mbit/s is stored and read, and takes no small one with it: the breaker stays closed', async () => {
    const cache = await nodes.node(proxy, DEFAULTS);
    proxy.throttle(12_500);
    const { loads, told } = await readBoth(cache, 3_000_000, 3);
    expect(loads).to.deep.equal({ large: 1, small: 1 });
    expect(told.filter((line) => line.startsWith('breaker'))).to.deep.equal([]);
  });

  it('P36: of 20 MB is stored and read, though the event loop stalls, and reported once with its key and size', async () => {
    // Redis takes some 20 ms to begin its reply, and a busy machine takes seconds to store the value.
    const l2 = { deadline: '400ms', socketTimeout: '500ms' };
    const cache = await nodes.node(redis, { l1: false, l2, load: { lease: '30s' } });
    const { loads, told } = await readBoth(cache, 20_000_000, 1);
    expect(loads).to.deep.equal({ large: 1, small: 1 });
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^large: Large value \(getOrSet\): .* got 20\.0 MB under 'large'/);
    expect(cache.health().faults?.map(({ code }) => code)).to.deep.equal(['TIERCEL_LARGE_VALUE']);
  });

  it('P36: a server that hangs in the middle of one does not hold its readers', async () => {
    const cache = await nodes.node(proxy, DEFAULTS);
    await cache.set('large', 'x'.repeat(3_000_000));
    proxy.throttle(12_500);
    const reading = cache.get('large');
    await redis.pause();
    proxy.blackhole();
    expect(await reading).to.equal(undefined);
    redis.resume();
  });
});
