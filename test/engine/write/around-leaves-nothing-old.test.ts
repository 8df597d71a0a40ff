import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { CacheInvalidate } from '../../../src/index';
import { Gate, heard, inL1, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';
import { TcpProxy } from '../../support/tcp-proxy';

describe('a write that is leased around', () => {
  const nodes = useNodes();

  const patterns = ['feed:*'];
  const key = 'feed:7';
  const tags = ['author:7'];
  const told = () => tags;

  const ways = [
    ['a key', [key]],
    ['a declared pattern', ['feed:*']],
    ['a tag', { tags }],
  ] as const;

  for (const [what, target] of ways) {
    for (const [where, others] of [
      ['in the same process', 0],
      ['in another process', 1],
    ] as const) {
      it(`P24: ${what}: what is read ${where} while it runs is not served after it`, async () => {
        const server = await sharedRedis();
        const writer = await nodes.node(server, { patterns });
        const reader = others === 0 ? writer : await nodes.node(server, { patterns });
        const garbled: string[] = [];
        reader.on('garbled-value', (event) => garbled.push(event.key));
        let row = 'old';
        const read = () => reader.getOrSet(key, async () => row, { tags: told });
        await inL1(reader, key, read);
        const writing = new Gate<string>();
        const written = writer.around(target, writing.load);
        await writing.started;
        await heard(reader);
        expect(await reader.get(key), 'while it runs').to.equal(undefined);
        // Uncommitted: read from the database as it was.
        expect(await read()).to.equal('old');
        expect(await reader.get(key), 'not stored').to.equal(undefined);
        row = 'new';
        writing.end('written');
        expect(await written).to.equal('written');
        expect(await read()).to.equal('new');
        await inL1(reader, key, read);
        expect(garbled).to.deep.equal([]);
      });
    }

    it(`P24: ${what}: without an L2, what is read while it runs is not served after it`, async () => {
      const cache = await nodes.node(undefined, { patterns });
      let row = 'old';
      const read = () => cache.getOrSet(key, async () => row, { tags: told });
      await read();
      const writing = new Gate<void>();
      const written = cache.around(target, writing.load);
      await writing.started;
      expect(await read()).to.equal('old');
      row = 'new';
      writing.end();
      await written;
      expect(await read()).to.equal('new');
    });

    it(`P24: ${what}: a writer that dies leaves nothing that its readers have loaded before its commit`, async () => {
      const server = await sharedRedis();
      const proxy = await TcpProxy.start(server.port);
      const times = { patterns, l2: { deadline: '50ms' }, load: { lease: '500ms' } } as const;
      const writer = await nodes.node(proxy, times);
      const reader = await nodes.node(server, times);
      let row = 'old';
      const read = () => reader.getOrSet(key, async () => row, { tags: told });
      await read();
      const writing = new Gate<void>();
      const written = writer.around(target, writing.load);
      await writing.started;
      await heard(reader);
      expect(await read()).to.equal('old');
      // From now on Redis hears nothing of the writer, which commits all the same.
      proxy.blackhole();
      row = 'new';
      await until(async () => {
        await read();
        return (await reader.get(key)) !== undefined;
      });
      expect(await reader.get(key)).to.equal('new');
      writing.end();
      await written;
      await nodes.close();
      await proxy.close();
    });

    it(`P24: ${what}: one that fails leaves nothing, and its names can be stored again`, async () => {
      const cache = await nodes.node(await sharedRedis(), { patterns });
      const read = () => cache.getOrSet(key, async () => 'row', { tags: told });
      await read();
      const fault = new Error('constraint violated');
      const failed = await cache.around(target, () => Promise.reject(fault)).catch((error: unknown) => error);
      expect(failed).to.equal(fault);
      expect(await cache.get(key)).to.equal(undefined);
      await read();
      expect(await cache.get(key)).to.equal('row');
    });

    it(`P24: ${what}: of two at once, the first to end does not lift the lease of the other`, async () => {
      const server = await sharedRedis();
      const [first, second] = [
        await nodes.node(server, { patterns }),
        await nodes.node(server, { patterns }),
      ];
      const [one, two] = [new Gate<void>(), new Gate<void>()];
      const ends = [first.around(target, one.load), second.around(target, two.load)];
      await Promise.all([one.started, two.started]);
      one.end();
      await ends[0];
      await first.getOrSet(key, async () => 'uncommitted', { tags: told });
      expect(await first.get(key)).to.equal(undefined);
      two.end();
      await ends[1];
      await first.getOrSet(key, async () => 'row', { tags: told });
      expect(await first.get(key)).to.equal('row');
    });

    it(`P24: ${what}: an invalidation by somebody else meanwhile does not lift its lease`, async () => {
      const server = await sharedRedis();
      const [writer, other] = [
        await nodes.node(server, { patterns }),
        await nodes.node(server, { patterns }),
      ];
      const writing = new Gate<void>();
      const written = writer.around(target, writing.load);
      await writing.started;
      if ('tags' in target) await other.invalidate(target);
      else await other.invalidate({ patterns: target });
      await other.getOrSet(key, async () => 'uncommitted', { tags: told });
      expect(await other.get(key)).to.equal(undefined);
      writing.end();
      await written;
    });
  }

  it('P24: that takes longer than its lease renews it', async () => {
    const server = await sharedRedis();
    const cache = await nodes.node(server, {
      patterns,
      l2: { deadline: '50ms' },
      load: { lease: '500ms' },
    });
    const writing = new Gate<void>();
    const written = cache.around([key, 'feed:*'], writing.load);
    await writing.started;
    const redis = nodes.client(server);
    for (const name of [key, '<p:feed:*']) {
      let lowest = await redis.pttl(name);
      await until(async () => {
        const left = await redis.pttl(name);
        const isRenewed = left > lowest;
        lowest = Math.min(lowest, left);
        return isRenewed;
      });
    }
    writing.end();
    await written;
  });

  it('P24: a load that learns its tag only after the writer of the tag has died is not stored', async () => {
    const server = await sharedRedis();
    const proxy = await TcpProxy.start(server.port);
    const times = { l2: { deadline: '50ms' }, load: { lease: '500ms' } } as const;
    const [writer, reader] = [await nodes.node(proxy, times), await nodes.node(server, times)];
    const [writing, loading] = [new Gate<void>(), new Gate<string>()];
    const written = writer.around({ tags }, writing.load);
    await writing.started;
    const loaded = reader.getOrSet(key, loading.load, { tags: told });
    await loading.started;
    proxy.blackhole();
    const redis = nodes.client(server);
    await until(async () => (await redis.exists('<t:author:7')) === 0);
    loading.end('read before the commit');
    await loaded;
    expect(await reader.get(key)).to.equal(undefined);
    writing.end();
    await written;
    await nodes.close();
    await proxy.close();
  });

  it('P24: a fill of its group does not make its lease outlive a dead writer', async () => {
    const server = await sharedRedis();
    const [writer, reader] = [await nodes.node(server, { patterns }), await nodes.node(server, { patterns })];
    const [writing, loading] = [new Gate<void>(), new Gate<string>()];
    const loaded = reader.getOrSet(key, loading.load);
    await loading.started;
    const written = writer.around(['feed:*'], writing.load);
    await writing.started;
    loading.end('row');
    await loaded;
    await heard(reader);
    expect(await nodes.client(server).pttl('<p:feed:*')).to.be.within(1, 3_000);
    writing.end();
    await written;
  });

  it('P24: an undeclared pattern is refused before anything is written', async () => {
    const cache = await nodes.node(await sharedRedis(), { patterns });
    const writing = new Gate<void>();
    const refused = await cache.around(['price:*'], writing.load).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'TIERCEL_PATTERN' });
    expect(writing.calls).to.equal(0);
  });

  it("P24: is what timing: 'around' makes of a method", async () => {
    const server = await sharedRedis();
    const [writer, reader] = [await nodes.node(server), await nodes.node(server)];
    const writing = new Gate<string>();
    class Rows {
      @CacheInvalidate(['row:<0>', 'rows:*'], { cache: writer, timing: 'around' })
      async change(_id: string): Promise<string> {
        return writing.load();
      }
    }
    const rows = new Rows();
    const read = async (name: string, value: string) => {
      await reader.getOrSet(name, async () => value);
      return reader.get(name);
    };
    const changed = rows.change('1');
    await writing.started;
    expect(await read('row:1', 'old')).to.equal(undefined);
    expect(await read('rows:all', 'old')).to.equal(undefined);
    expect(await read('row:2', 'old')).to.equal('old');
    writing.end('done');
    expect(await changed).to.equal('done');
    expect(await read('row:1', 'new')).to.equal('new');
    expect(await read('rows:all', 'new')).to.equal('new');
  });
});

describe('a write that is leased around, while Redis is away', () => {
  const nodes = useNodes();
  let server: RedisServer;

  beforeEach(async () => {
    server = await RedisServer.start();
  });

  afterEach(() => server.stop());

  const budget = { deadline: '50ms', invalidationBudget: '500ms' };
  const withoutRedis = async (l2: object): Promise<TiercelCache> => {
    const cache = await nodes.node(server, { l2: { ...budget, ...l2 }, load: { lease: '500ms' } });
    await server.stop();
    await until(async () => (await cache.ready()).l2 === 'down');
    return cache;
  };

  it('P24: runs, and ends unacknowledged', async () => {
    const cache = await withoutRedis({});
    const names: string[] = [];
    cache.on('unacknowledged', (event) => names.push(...event.names));
    expect(await cache.around(['row:1'], async () => 'written')).to.equal('written');
    expect(names).to.deep.equal(['row:1']);
  });

  it('P24: strict: is refused before it runs', async () => {
    const cache = await withoutRedis({ strict: true });
    const writing = new Gate<void>();
    const refused = await cache.around(['row:1'], writing.load).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'TIERCEL_UNACKNOWLEDGED' });
    expect(writing.calls).to.equal(0);
  });

  it('P38: strict: imperative invalidations reject, decorated methods do not', async () => {
    const cache = await withoutRedis({ strict: true });
    class Rows {
      @CacheInvalidate(['row:<id>'], { cache })
      async change(id: string): Promise<string> {
        return id;
      }
    }
    for (const call of [
      () => cache.delete('row:1'),
      () => cache.invalidate('row:*'),
      () => cache.invalidate({ tags: ['author:7'] }),
      () => cache.clear(),
    ]) {
      expect(await call().catch((error: unknown) => error)).to.include({ code: 'TIERCEL_UNACKNOWLEDGED' });
    }
    expect(await new Rows().change('1')).to.equal('1');
  });

  it('P38: strict: while Redis answers they resolve (control)', async () => {
    const cache = await nodes.node(server, { l2: { strict: true } });
    expect(await cache.delete('row:1')).to.deep.equal({ acknowledged: true });
    expect(await cache.clear()).to.deep.equal({ acknowledged: true });
  });
});
