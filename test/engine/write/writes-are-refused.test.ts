import { expect } from 'chai';
import { Gate, useNodes } from '../../support/nodes';
import { timed, until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';

describe('a server that answers reads and refuses writes', () => {
  const nodes = useNodes();
  let server: RedisServer;

  beforeEach(async () => {
    server = await RedisServer.start();
  });

  afterEach(() => server.stop());

  it('P38: NOREPLICAS: after one call has waited for the budget no other does, and all is delivered when it accepts writes', async () => {
    const cache = await nodes.node(server, { l2: { invalidationBudget: '500ms' } });
    const client = nodes.client(server);
    await cache.set('a', 'old');
    await client.config('SET', 'min-replicas-to-write', '1');
    expect(await cache.delete('a')).to.deep.equal({ acknowledged: false });
    const startedAt = performance.now();
    for (let i = 0; i < 20; i += 1) {
      expect(await cache.delete(`k${i}`)).to.deep.equal({ acknowledged: false });
    }
    expect(performance.now() - startedAt, 'twenty budgets').to.be.lessThan(20 * 500);
    expect(cache.state.outbox).to.equal(21);
    await client.config('SET', 'min-replicas-to-write', '0');
    await until(() => cache.state.outbox === 0);
    expect(await client.get('a')).to.equal(null);
    expect(await cache.delete('a')).to.deep.equal({ acknowledged: true });
  });

  for (const [what, minReplicas, answer] of [
    ['NOREPLICAS: a lease that cannot be released holds those who wait for it until it ends', '1', 'own row'],
    ['with writes accepted, those who wait have the value (control)', '0', 'row'],
  ] as const) {
    it(`P15: ${what}`, async () => {
      const config = { l2: { deadline: '50ms' }, load: { lease: '1s' } } as const;
      const [holder, other] = [await nodes.node(server, config), await nodes.node(server, config)];
      const client = nodes.client(server);
      const load = new Gate<string>();
      const loading = holder.getOrSet('a', load.load);
      await load.started;
      const waiting = other.getOrSet('a', async () => 'own row');
      await until(() => other.stats().methods['getOrSet']?.leaseWaits === 1);
      await client.config('SET', 'min-replicas-to-write', minReplicas);
      load.end('row');
      expect(await loading).to.equal('row');
      const { result, ms } = await timed(() => waiting);
      expect(result).to.equal(answer);
      expect(ms, 'the lease, and a read').to.be.lessThan(1_000 + 150);
      await client.config('SET', 'min-replicas-to-write', '0');
    });
  }

  it('OOM: removals are accepted, so an invalidation is acknowledged: the control', async () => {
    const cache = await nodes.node(server);
    const client = nodes.client(server);
    await cache.set('a', 'old');
    await client.config('SET', 'maxmemory', '1');
    expect(await client.set('x', 'y').catch((error: Error) => error.message)).to.match(/OOM/);
    expect(await cache.delete('a')).to.deep.equal({ acknowledged: true });
    expect(await client.get('a')).to.equal(null);
  });
});
