import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { sharedRedis, useNodes } from '../support/nodes';
import { timed, until } from '../support/pace';
import { RedisServer } from '../support/redis-server';
import { WatchedRedis } from '../support/watched-redis';

const BOUND_MS = 500;

describe('a Redis that is watched by a sentinel', () => {
  const KEYS = Array.from({ length: 20 }, (_, i) => `feed:${i}`);
  let redis: WatchedRedis;
  const nodes = useNodes();

  beforeEach(async () => {
    redis = await WatchedRedis.start();
  });

  afterEach(() => redis.stop());

  const newNode = async () => {
    const l2 = { host: undefined, port: undefined, sentinels: redis.sentinels, name: redis.name };
    const cache = await nodes.node(redis.master, { l2 });
    await trusting(cache);
    return cache;
  };
  const trusting = (cache: TiercelCache) => until(async () => (await cache.ready()).coherence === 'trusted');
  const load = async (missing: readonly string[]) =>
    Object.fromEntries(missing.map((key) => [key, `new row of ${key}`]));
  async function inL1(cache: TiercelCache, row: string): Promise<void> {
    await until(async () => {
      await Promise.all(KEYS.map((key) => cache.getOrSet(key, async () => row)));
      return KEYS.every((key) => cache.peek(key) !== undefined);
    });
  }
  const inStep = () =>
    until(async () => {
      const sizes = [redis.master, redis.replica].map((server) => redis.admin(server).dbsize());
      const [master, replica] = await Promise.all(sizes);
      return master === replica;
    });

  it('P40: dies, and its replica, which has missed the last invalidations, takes over: nobody gets an old row', async () => {
    const [reader, writer] = [await newNode(), await newNode()];
    await inL1(reader, 'old row');
    await inStep();
    await redis.cutReplication();
    expect(await writer.delete(...KEYS)).to.deep.equal({ acknowledged: true });
    const left = await redis
      .admin(redis.replica)
      .call('EXISTS', ...KEYS.map((key) => `${nodes.namespace}:${key}`));
    expect(left, 'old entries on the replica').to.equal(KEYS.length);
    await redis.master.kill();
    await redis.promoted();
    const trust = await timed(() => Promise.all([reader, writer].map(trusting)));
    expect(trust.ms).to.be.lessThan(2_000);
    for (const cache of [reader, writer, await newNode()]) {
      const values = await cache.getOrSetMany(KEYS, load);
      expect([...values.values()]).to.deep.equal(KEYS.map((key) => `new row of ${key}`));
    }
  });

  it('P35, P40: is demoted in order: the caches follow to the new master, and within the bound nobody gets an old row', async () => {
    const [reader, writer] = [await newNode(), await newNode()];
    await inL1(reader, 'old row');
    // The former master goes on for seconds as if it still were one: the sentinel's word is what they follow.
    const moved = [reader, writer].map(
      (cache) =>
        new Promise<void>((resolve) => cache.on('l2', ({ state }) => state === 'ready' && resolve())),
    );
    await redis.admin(redis.sentinel).call('SENTINEL', 'FAILOVER', redis.name);
    await Promise.all([redis.promoted(), ...moved]);
    await until(async () => (await writer.delete(...KEYS)).acknowledged);
    const stale = await timed(() => until(() => KEYS.every((key) => reader.peek(key) === undefined)));
    expect(stale.ms).to.be.lessThan(BOUND_MS);
    await trusting(reader);
    await inL1(reader, 'new row');
    expect(await redis.admin(redis.replica).call('EXISTS', `${nodes.namespace}:${KEYS[0]}`)).to.equal(1);
    await writer.delete(...KEYS);
    await until(() => KEYS.every((key) => reader.peek(key) === undefined));
  });
});

describe('a server that becomes a replica under a cache', () => {
  const nodes = useNodes();
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(() => redis.stop());

  it('P36, P40: READONLY reconnects, a replica is not L2, and a master is again', async () => {
    const cache = await nodes.node(redis);
    const client = nodes.client(redis);
    await cache.set('feed:1', 'row');
    const { host, port } = await sharedRedis();
    await client.call('REPLICAOF', host, port);
    expect(await cache.delete('feed:1')).to.deep.equal({ acknowledged: false });
    expect((await cache.ready()).l2).to.equal('down');
    expect(await cache.getOrSet('feed:1', async () => 'loaded')).to.equal('loaded');
    await client.call('REPLICAOF', 'NO', 'ONE');
    await until(async () => (await cache.ready()).l2 === 'ready' && cache.state.outbox === 0);
    expect(await cache.set('feed:1', 'row')).to.equal(true);
  });
});
