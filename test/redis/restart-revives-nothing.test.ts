import { expect } from 'chai';
import { useNodes } from '../support/nodes';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';

/** A restart may bring back what was there before invalidations that were acknowledged. */
describe('a server that comes back as another run', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(() => redis.stop());

  /** What an old snapshot brings back: every name as it was when it was taken. */
  async function snapshot(): Promise<() => Promise<void>> {
    const client = nodes.client(redis);
    const names = (await client.call('KEYS', `${nodes.namespace}:*`)) as string[];
    const bare = names.map((name) => name.slice(nodes.namespace.length + 1));
    const values = await Promise.all(
      bare
        .filter((name) => name !== '<patterns')
        .map(async (name) => [name, await client.getBuffer(name)] as const),
    );
    client.disconnect();
    return async () => {
      const again = nodes.client(redis);
      for (const [name, value] of values) await again.set(name, value as Buffer);
    };
  }

  it('P40: restarted from a snapshot older than an invalidation, it gives nobody the old row', async () => {
    const cache = await nodes.node(redis);
    await cache.set(KEY, 'old row');
    const restore = await snapshot();
    expect(await cache.delete(KEY)).to.deep.equal({ acknowledged: true });
    await redis.restart();
    await restore();
    const newcomer = await nodes.node(redis);
    expect(await newcomer.get(KEY)).to.equal(undefined);
    await until(async () => (await cache.ready()).l2 === 'ready');
    expect(await cache.getOrSet(KEY, async () => 'new row')).to.equal('new row');
  });

  it('P40: the same run keeps what it holds (control)', async () => {
    const cache = await nodes.node(redis);
    await cache.set(KEY, 'row');
    const restore = await snapshot();
    await cache.delete(KEY);
    await restore();
    const newcomer = await nodes.node(redis);
    expect(await newcomer.get(KEY)).to.equal('row');
  });
});
