/** `tiercel doctor` before servers that a cache can use fully, in part, or not at all. */
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { CommandResult } from '../../../src/ops/cli/command';
import { run } from '../../../src/ops/cli/run';
import { RedisCluster } from '../../support/redis-cluster';
import { RedisServer } from '../../support/redis-server';

function doctor(url: string, ...args: string[]): Promise<CommandResult> {
  return run(['doctor', url, '--namespace', 'app', ...args], {
    isInteractive: false,
    env: {},
    cwd: '/',
    ask: async () => '',
  });
}

describe('tiercel doctor', () => {
  let server: RedisServer;
  let admin: Redis;

  before(async () => {
    server = await RedisServer.start({ args: ['--maxmemory', '100mb'] });
    admin = new Redis(server.port, '127.0.0.1');
  });

  after(async () => {
    admin.disconnect();
    await server.stop();
  });

  const as = async (...rules: string[]) => {
    await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '&*', '+@all', ...rules);
    return doctor(`redis://limited:pw@127.0.0.1:${server.port}`);
  };

  it('finds a server that can be used, and says which it is', async () => {
    const { code, out } = await doctor(server.url);
    expect(out)
      .to.match(/^✓ {2}version +(Redis|Valkey) \d/m)
      .and.to.match(/^✓ {2}role +master$/m);
    expect(out).to.match(/^✓ {2}commands +all that L2 needs, as user default$/m);
    expect(out).to.match(/^✓ {2}channel +tracking: /m);
    expect(out).to.match(
      /^i {2}memory +maxmemory 100\.00M, noeviction: if it is full, nothing new is stored/m,
    );
    expect(code).to.equal(0);
  });

  it('names the one right that a user lacks', async () => {
    const { code, out } = await as('-time');
    expect(out).to.match(/^✗ {2}clock +TIME is refused$/m);
    expect(code).to.equal(1);
    expect((await as('-evalsha')).out).to.match(/^✗ {2}commands +.*EVALSHA/m);
  });

  it('says what pub/sub loses where tracking is refused, and that without both L1 is not used', async () => {
    const pubsub = await as('-client|tracking');
    expect(pubsub.out).to.match(/^i {2}channel +pub\/sub, since tracking is refused \(.*NOPERM/m);
    expect(pubsub.code).to.equal(0);
    const none = await as('-client|tracking', '-subscribe');
    expect(none.out).to.match(/^✗ {2}channel +none \(.*L1 is not used$/m);
  });

  it('says what an eviction of all keys does', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { out } = await doctor(server.url);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    expect(out).to.match(/^i {2}memory +.*allkeys-lru: generation keys can be evicted too/m);
  });

  it('refuses a replica, one node of a cluster, and a server that is not there', async () => {
    const replica = await RedisServer.start({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
    const cluster = await RedisCluster.start();
    try {
      expect((await doctor(replica.url)).out).to.match(/^✗ {2}role +a replica: nothing can be stored/m);
      expect((await doctor(cluster.masters[0]!.url)).out).to.match(
        /^✗ {2}commands +.*one node of a cluster/m,
      );
    } finally {
      await replica.stop();
      await cluster.stop();
    }
    const away = await doctor('redis://127.0.0.1:1', '--json');
    expect(away.code).to.equal(1);
    expect(JSON.parse(away.out)).to.have.length(1).and.to.have.nested.property('[0].subject', 'connection');
  });
});
