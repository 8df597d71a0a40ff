import { expect } from 'chai';
import { Redis } from 'ioredis';
import { resolveConfig } from '../../src/config/define';
import type { TiercelCache } from '../../src/create';
import { clientsOf } from '../../src/redis/connection';
import { useNodes } from '../support/nodes';
import { longerThan, until } from '../support/pace';
import { RedisCluster } from '../support/redis-cluster';
import { RedisServer } from '../support/redis-server';

describe('a Redis that refuses what the cache needs', () => {
  let server: RedisServer;
  let admin: Redis;
  const nodes = useNodes();

  before(async () => {
    server = await RedisServer.start({ args: ['--databases', '4'] });
    admin = new Redis(server.port, '127.0.0.1');
  });

  after(async () => {
    admin.disconnect();
    await server.stop();
  });

  beforeEach(() => admin.flushall());

  const user = (...rules: string[]) =>
    admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '&*', '+@all', ...rules);

  async function limited(config: object = {}): Promise<{ cache: TiercelCache; told: string[] }> {
    const told: string[] = [];
    const l2 = { username: 'limited', password: 'pw', ...config };
    const cache = await nodes.node(server, { l2 });
    cache.on('error', ({ error }) => told.push(String(error)));
    return { cache, told };
  }

  it('P35: SELECT: neither connection is used, no other database is written to, and the reason is reported', async () => {
    const { cache } = await limited({ username: undefined, password: undefined, db: 9 });
    const ready = await cache.ready();
    expect(ready).to.include({ l2: 'down', coherence: 'suspect' });
    expect(ready.reason).to.match(/SELECT.*out of range/);
    expect(await cache.getOrSet('k', async () => 'row')).to.equal('row');
    expect(await admin.dbsize()).to.equal(0);
    expect(cache.report().redis.state).to.equal('down');
  });

  it('P35: SELECT for lack of a permission: the same, and once it is allowed the database is used', async () => {
    await user('-select');
    const { cache } = await limited({ db: 2 });
    expect((await cache.ready()).reason).to.match(/SELECT.*NOPERM/);
    await cache.getOrSet('k', async () => 'row');
    expect(await admin.dbsize()).to.equal(0);
    await user();
    await until(async () => (await cache.ready()).l2 === 'ready');
    await cache.getOrSet('k', async () => 'row');
    expect(await admin.dbsize()).to.equal(0);
    const other = new Redis(server.port, '127.0.0.1', { db: 2 });
    expect(await other.dbsize()).to.be.greaterThan(0);
    other.disconnect();
  });

  it('P35: another database that is allowed is used (control)', async () => {
    await user();
    const { cache } = await limited({ db: 2 });
    expect(await cache.ready()).to.deep.equal({ l2: 'ready', coherence: 'trusted' });
  });

  for (const [rule, name] of [
    ['-@scripting', /EVALSHA/],
    ['-evalsha', /EVALSHA/],
    ['-unlink', /UNLINK/],
    ['-getrange', /GETRANGE/],
    ['-sadd', /SADD/],
    ['-scan', /SCAN/],
    ['-time', /TIME/],
    ['-info', /INFO/],
  ] as const) {
    it(`P35: ${rule}: it is reported by name, once, and the cache connects when it is allowed`, async () => {
      await user(rule);
      const told: string[] = [];
      const { cache } = await limited();
      expect((await cache.ready()).reason).to.match(name);
      cache.on('error', ({ operation, error }) => told.push(`${operation} ${error}`));
      await longerThan(600);
      expect(told, 'reported again').to.deep.equal([]);
      expect(cache.report().health.message).to.match(name);
      await user();
      await until(async () => (await cache.ready()).l2 === 'ready');
      expect(await cache.getOrSet('k', async () => 'row')).to.equal('row');
      expect(cache.report().redis.state).to.equal('ready');
    });
  }

  it('P35: no connection sends CLIENT SETINFO, which would fill the ACL log of a restricted user', () => {
    const config = resolveConfig({ l2: { host: '127.0.0.1', port: server.port } });
    if (config.l2 === false) throw new Error('no Redis in the configuration');
    const clients = clientsOf(config.l2.connection);
    if (clients.kind !== 'one') throw new Error('more than one Redis in the configuration');
    expect(clients.newClient().options.disableClientInfo).to.equal(true);
  });

  it('P35: one node of a cluster, given as the host, is refused by name instead of missing for ever', async () => {
    const cluster = await RedisCluster.start();
    try {
      const cache = await nodes.node(cluster.nodes[0]);
      const ready = await cache.ready();
      expect(ready.l2).to.equal('down');
      expect(ready.reason).to.match(/node of a cluster.*l2\.cluster/);
    } finally {
      await nodes.close();
      await cluster.stop();
    }
  });
});
