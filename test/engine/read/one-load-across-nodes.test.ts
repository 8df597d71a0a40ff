import { expect } from 'chai';
import { Gate, sharedRedis, useNodes } from '../../support/nodes';
import { longerThan, until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';
import { TcpProxy } from '../../support/tcp-proxy';

describe('leases between processes', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();

  it('P12, P17: while one node loads, the other waits and takes its value: one load', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    const row = new Gate<string>();
    const first = a.getOrSet(KEY, row.load);
    await row.started;
    const second = b.getOrSet(KEY, row.load);
    await until(() => (b.stats().methods['getOrSet']?.leaseWaits ?? 0) === 1);
    row.end('row');
    expect(await Promise.all([first, second])).to.deep.equal(['row', 'row']);
    expect(row.calls).to.equal(1);
    expect(b.stats().calls).to.include({ total: 1, waited: 1 });
  });

  it('P15: the lease of a failed load is released at once, so the other node loads without waiting for its expiry', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    await a.getOrSet(KEY, () => Promise.reject(new Error('away'))).catch(() => undefined);
    await b.getOrSet(KEY, async () => 'row');
    expect(b.stats().methods['getOrSet']?.leaseWaits).to.equal(0);
  });

  for (const [how, end] of [
    ['fails', (load: Gate<string>) => load.fail(new Error('away'))],
    ['is not to be stored', (load: Gate<string>) => load.end('draft')],
  ] as const) {
    it(`P15: a load that ${how} after its lease was voided releases nothing that others have stored since`, async () => {
      const redis = await sharedRedis();
      const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
      const load = new Gate<string>();
      const reading = a.getOrSet(KEY, load.load, { unless: (value) => value === 'draft' });
      await load.started;
      await b.delete(KEY);
      await b.getOrSet(KEY, async () => 'new row');
      end(load);
      await reading.catch(() => undefined);
      await a.close();
      expect(await nodes.client(redis).get(KEY)).to.match(/"new row"$/);
    });
  }

  it('P16: a load longer than its lease keeps it by renewal, so nobody loads beside it', async () => {
    const redis = await sharedRedis();
    const config = { l2: { deadline: '30ms' }, load: { lease: '500ms' } } as const;
    const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
    const row = new Gate<string>();
    const first = a.getOrSet(KEY, row.load);
    await row.started;
    const second = b.getOrSet(KEY, row.load);
    const client = nodes.client(redis);
    let renewed = 0;
    let before = await client.pttl(KEY);
    await until(async () => {
      const left = await client.pttl(KEY);
      if (left > before) renewed += 1;
      before = left;
      return renewed === 4;
    });
    row.end('row');
    expect(await Promise.all([first, second])).to.deep.equal(['row', 'row']);
    expect(row.calls).to.equal(1);
  });

  it('P16: a lease whose holder died expires, and the waiting node loads', async () => {
    const redis = await sharedRedis();
    const config = { l2: { deadline: '30ms' }, load: { lease: '500ms' } } as const;
    const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
    const dead = new Gate<string>();
    const first = a.getOrSet(KEY, dead.load);
    await dead.started;
    // As if the holder were gone: nothing renews the lease any more.
    const client = nodes.client(redis);
    await client.pexpire(KEY, 60);
    expect(await b.getOrSet(KEY, async () => 'row')).to.equal('row');
    expect(await b.get(KEY)).to.equal('row');
    dead.end('late row');
    await first;
    expect(await b.get(KEY)).to.equal('row');
  });

  it('P16: a node waits for a lease as long as its holder renews it, many times load.wait: one load', async () => {
    const redis = await sharedRedis();
    const config = { l2: { deadline: '100ms' }, load: { lease: '700ms', wait: '20ms' } } as const;
    const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
    const [slow, own] = [new Gate<string>(), new Gate<string>()];
    const first = a.getOrSet(KEY, slow.load);
    await slow.started;
    const waiting = Array.from({ length: 100 }, () => b.getOrSet(KEY, own.load));
    await longerThan(1_200);
    slow.end('row');
    expect(await first).to.equal('row');
    expect(new Set(await Promise.all(waiting))).to.deep.equal(new Set(['row']));
    expect(own.calls).to.equal(0);
  });

  it('P16: one late reply of Redis while a node waits for a lease does not make it load as well', async () => {
    const redis = await RedisServer.start();
    try {
      const l2 = { deadline: '400ms', socketTimeout: '5s' };
      const config = { l2, load: { lease: '5s' } } as const;
      const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
      const [slow, own] = [new Gate<string>(), new Gate<string>()];
      const first = a.getOrSet(KEY, slow.load);
      await slow.started;
      const waiting = b.getOrSet(KEY, own.load);
      await until(() => b.stats().methods['getOrSet']?.leaseWaits === 1);
      await redis.pause();
      // Longer than the deadline and a pause between two looks, shorter than two deadlines.
      await longerThan(600);
      redis.resume();
      await longerThan(100);
      slow.end('row');
      own.end('own row');
      expect(await Promise.all([first, waiting])).to.deep.equal(['row', 'row']);
      expect(own.calls).to.equal(0);
    } finally {
      await nodes.close();
      await redis.stop();
    }
  });

  it('P16: a call inside a load waits for the lease of another node for load.wait, then loads and stores nothing', async () => {
    const redis = await sharedRedis();
    const config = { load: { wait: '50ms' } } as const;
    const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
    const hung = new Gate<string>();
    const first = a.getOrSet(KEY, hung.load);
    await hung.started;
    const nested = b.getOrSet('outer', async () => {
      await Promise.resolve();
      return b.getOrSet(KEY, async () => 'row');
    });
    expect(await nested).to.equal('row');
    expect(await b.get(KEY)).to.equal(undefined);
    expect(await nodes.client(redis).get(KEY)).to.match(/^L/);
    hung.end('late row');
    await first;
  });

  it('P16: a load longer than load.max is abandoned: its lease is freed, its result not stored, its caller still served', async () => {
    const redis = await sharedRedis();
    const config = {
      l2: { deadline: '30ms' },
      load: { lease: '500ms', wait: '500ms', max: '510ms' },
    } as const;
    const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
    const hung = new Gate<string>();
    const first = a.getOrSet(KEY, hung.load);
    await hung.started;
    await until(async () => (await nodes.client(redis).exists(KEY)) === 0);
    expect(await b.getOrSet(KEY, async () => 'row')).to.equal('row');
    hung.end('late row');
    expect(await first).to.equal('late row');
    expect(await b.get(KEY)).to.equal('row');
    expect(a.peek(KEY)).to.equal(undefined);
  });

  for (const [how, end] of [
    ['fails', (load: Gate<string>) => load.fail(new Error('away'))],
    ['succeeds', (load: Gate<string>) => load.end('row')],
  ] as const) {
    it(`P15: the lease of a load that ${how} while Redis is away is released on the next contact, so nobody waits for its expiry`, async () => {
      const redis = await RedisServer.start();
      const proxy = await TcpProxy.start(redis.port);
      try {
        const a = await nodes.node(proxy, { load: { lease: '30s', max: '40s' } });
        const client = nodes.client(redis);
        const loading = new Gate<string>();
        const reading = a.getOrSet(KEY, loading.load);
        await loading.started;
        expect(await client.get(KEY)).to.match(/^L/);
        let away = false;
        a.on('l2', ({ state }) => {
          away = state === 'down';
        });
        proxy.cut();
        await until(() => away);
        end(loading);
        await reading.catch(() => undefined);
        expect(await client.get(KEY)).to.match(/^L/);
        proxy.restore();
        await until(async () => (await client.exists(KEY)) === 0);
      } finally {
        await nodes.close();
        await proxy.close();
        await redis.stop();
      }
    });
  }

  it('P20: a node that waits for the lease of a load that hangs beyond timeout.hard loads itself, and stores that', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    const hung = new Gate<string>();
    const first = a.getOrSet(KEY, hung.load);
    await hung.started;
    const hard = { timeout: { hard: '50ms' } } as const;
    await b.getOrSet(KEY, async () => 'row', hard).catch(() => undefined);
    await until(() => b.state.flights === 0);
    expect(await b.get(KEY)).to.equal('row');
    hung.end('late row');
    await first;
    expect(await b.get(KEY), 'what the first load brings late').to.equal('row');
  });

  for (const turns of [0, 1, 2, 3]) {
    it(`P42: close after ${turns} turns of the event loop leaves no lease behind, not even one whose command is under way`, async () => {
      const redis = await sharedRedis();
      const a = await nodes.node(redis);
      const client = nodes.client(redis);
      const row = new Gate<string>();
      const keys = Array.from({ length: 200 }, (_, index) => `provider:${index}:stats`);
      const reads = keys.map((key) => a.getOrSet(key, row.load));
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await a.close();
      expect((await client.mget(keys)).filter((value) => value !== null)).to.deep.equal([]);
      row.end('row');
      expect(new Set(await Promise.all(reads))).to.deep.equal(new Set(['row']));
    });
  }

  it('P42: close releases the leases of loads under way, and their callers are served', async () => {
    const redis = await sharedRedis();
    const a = await nodes.node(redis);
    const row = new Gate<string>();
    const reading = a.getOrSet(KEY, row.load);
    await row.started;
    await a.close();
    expect(await nodes.client(redis).exists(KEY)).to.equal(0);
    row.end('row');
    expect(await reading).to.equal('row');
  });
});
