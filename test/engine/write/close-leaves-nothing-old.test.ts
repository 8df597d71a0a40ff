import { expect } from 'chai';
import { Gate, Nodes } from '../../support/nodes';
import { RedisServer } from '../../support/redis-server';

describe('close() during a write', () => {
  const nodes = new Nodes();
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start();
  });

  afterEach(() => nodes.close());
  after(() => server.stop());

  const l2 = { invalidationBudget: '500ms' };

  for (const what of ['an entry', 'nothing'] as const) {
    it(`P42: a put over ${what} that does not end leaves neither the old row nor a write lease`, async () => {
      const cache = await nodes.node(server, { l2 });
      const client = nodes.client(server);
      if (what === 'an entry') await cache.set('k', 'old row');
      const write = new Gate<string>();
      const written = cache.put('k', write.load);
      await write.started;
      await cache.close();
      expect(await client.get('k')).to.equal(null);
      write.end('new row');
      expect(await written).to.equal('new row');
    });
  }

  it('P42: a write with a lease of its own that does not end releases it', async () => {
    const cache = await nodes.node(server, { l2 });
    const client = nodes.client(server);
    const write = new Gate<string>();
    const written = cache.around(['k'], write.load);
    await write.started;
    expect(await client.get('k')).to.not.equal(null);
    await cache.close();
    expect(await client.get('k')).to.equal(null);
    write.end('done');
    await written;
  });

  it('P42: a put that ends meanwhile is stored: the control', async () => {
    const cache = await nodes.node(server, { l2: { invalidationBudget: '10s' } });
    const client = nodes.client(server);
    const write = new Gate<string>();
    const written = cache.put('k', write.load);
    await write.started;
    const closed = cache.close();
    write.end('new row');
    await Promise.all([written, closed]);
    expect(await client.get('k')).to.match(/new row/);
  });

  it('P42: after clear(), the pass over the keyspace ends with close(), however many keys others have', async () => {
    const cache = await nodes.node(server);
    const client = nodes.client(server);
    const fill = "for i = 1, 50000 do redis.call('SET', 'foreign:' .. i, 'x') end";
    await client.eval(fill, 0);
    await client.config('RESETSTAT');
    await cache.set('k', 'row');
    await cache.clear();
    await cache.close();
    const scans = /cmdstat_scan:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? '0';
    expect(Number(scans)).to.be.lessThan(20);
  });
});
