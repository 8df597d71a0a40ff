import { expect } from 'chai';
import { Cluster, Redis } from 'ioredis';
import type { TiercelCache } from '../../src/create';
import { slotOf } from '../../src/redis/slots';
import { sharedRedis, useNodes } from '../support/nodes';
import { until } from '../support/pace';
import { RedisCluster } from '../support/redis-cluster';

/** Another copy of ioredis: its classes are not ours. */
function otherCopy(): typeof import('ioredis') {
  const ours = Object.keys(require.cache).filter((path) => path.includes('/ioredis/'));
  const kept = ours.map((path) => [path, require.cache[path]] as const);
  for (const path of ours) delete require.cache[path];
  const copy = require('ioredis') as typeof import('ioredis');
  for (const [path, module] of kept) require.cache[path] = module;
  return copy;
}

describe("a cache over the application's client", function () {
  this.timeout(30_000);
  const nodes = useNodes();
  const clients: (Redis | Cluster)[] = [];

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  const over = async (client: Redis | Cluster, config: object = {}): Promise<TiercelCache> => {
    clients.push(client);
    const cache = await nodes.node(
      { port: 0 },
      { ...config, l2: { host: undefined, port: undefined, client } },
    );
    await until(async () => (await cache.ready()).coherence === 'trusted');
    return cache;
  };

  for (const transport of ['tracking', 'pubsub'] as const) {
    it(`P1: ${transport}: two keyPrefixes are two caches, and each hears of its own changes`, async () => {
      const { port } = await sharedRedis();
      const withPrefix = (keyPrefix: string) =>
        over(new Redis({ port, keyPrefix }), { coherence: { transport } });
      const [staging, other, production] = [
        await withPrefix('stag*ing:'),
        await withPrefix('stag*ing:'),
        await withPrefix('production:'),
      ];
      await staging.getOrSet('price:1', async () => 'test price');
      expect(await production.getOrSet('price:1', async () => 'real price')).to.equal('real price');
      const admin = new Redis(port, '127.0.0.1');
      clients.push(admin);
      expect(await admin.keys(`*${nodes.namespace}:price:1`)).to.have.members([
        `stag*ing:${nodes.namespace}:price:1`,
        `production:${nodes.namespace}:price:1`,
      ]);
      await until(async () => (await other.get('price:1')) === other.peek('price:1'));
      await staging.set('price:1', 'new price');
      await until(() => other.peek('price:1') === undefined);
      await production.invalidate('price:*');
      await production.clear();
      expect(await staging.get('price:1')).to.equal('new price');
    });
  }

  describe('that is a Cluster', () => {
    let cluster: RedisCluster;
    const KEYS = Array.from({ length: 30 }, (_, i) => `feed:${i}`);

    before(async () => {
      cluster = await RedisCluster.start();
    });

    after(() => cluster.stop());

    const inL1 = (cache: TiercelCache) =>
      until(async () => {
        await cache.getOrSetMany(KEYS, async (keys) => Object.fromEntries(keys.map((key) => [key, 'row'])));
        return KEYS.every((key) => cache.peek(key) !== undefined);
      });

    it('P41: of another copy of ioredis, it is recognized, and every master is heard', async () => {
      const Other = otherCopy().Cluster;
      expect(Other).to.not.equal(Cluster);
      const [a, b] = [
        await over(new Other([...cluster.nodes]) as unknown as Cluster),
        await over(new Cluster([...cluster.nodes])),
      ];
      await inL1(a);
      await b.delete(...KEYS);
      await until(() => KEYS.every((key) => a.peek(key) === undefined));
    });

    for (const keyPrefix of ['app:', '{app}:']) {
      it(`P1: its keyPrefix ${keyPrefix} is part of every name`, async () => {
        const withPrefix = (prefix: string) =>
          over(new Cluster([...cluster.nodes], { keyPrefix: prefix }) as Cluster);
        const [a, b, other] = [
          await withPrefix(keyPrefix),
          await withPrefix(keyPrefix),
          await withPrefix('else:'),
        ];
        await inL1(a);
        expect(await other.get(KEYS[0]!)).to.equal(undefined);
        await b.delete(...KEYS);
        await until(() => KEYS.every((key) => a.peek(key) === undefined));
      });
    }
  });

  it('P41: a hash tag alone decides the slot, as the specification has it', () => {
    expect(slotOf('{user1000}.following')).to.equal(slotOf('user1000'));
    expect(slotOf('foo{}{bar}')).to.equal(8363);
    expect(slotOf('foo{{bar}}zap')).to.equal(slotOf('{bar'));
    expect(slotOf('foo{bar}{zap}')).to.equal(slotOf('bar'));
  });
});
