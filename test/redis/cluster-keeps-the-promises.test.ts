import { expect } from 'chai';
import { Cluster } from 'ioredis';
import { Registry } from 'prom-client';
import type { TiercelCache } from '../../src/create';
import { useNodes } from '../support/nodes';
import { timed, until } from '../support/pace';
import { RedisCluster } from '../support/redis-cluster';
import type { RedisServer } from '../support/redis-server';

/** Keys, and groups, enough for every master to have some. */
const USERS = Array.from({ length: 24 }, (_, user) => `${user}`);
const KEYS = USERS.flatMap((user) => ['a', 'b', 'c', 'd'].map((item) => `feed:${user}:${item}`));
const PATTERNS = ['feed:<user>:*', 'feed:*'];

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  const nodes = useNodes();

  before(async () => {
    cluster = await RedisCluster.start({ replicas: true });
  });

  after(() => cluster.stop());

  const newNode = (config = {}) => nodes.clusterNode(cluster, { patterns: PATTERNS, ...config });
  const loadAll = (row: string) => async (missing: readonly string[]) =>
    Object.fromEntries(missing.map((key) => [key, `${row} of ${key}`]));
  const rows = (row: string) => KEYS.map((key) => `${row} of ${key}`);
  const readAll = async (cache: TiercelCache, row: string) => [
    ...(await cache.getOrSetMany(KEYS, loadAll(row))).values(),
  ];
  /** Reads until L1 has them all: one's own fills are heard, and the next read fills L1. */
  async function allInL1(cache: TiercelCache, row: string): Promise<void> {
    await until(async () => {
      await readAll(cache, row);
      return KEYS.every((key) => cache.peek(key) !== undefined);
    });
  }

  it('P41: batches work over all slots, and every master has its share', async () => {
    const [a, b] = [await newNode(), await newNode()];
    let loads = 0;
    const values = await a.getOrSetMany(KEYS, async (missing) => {
      loads += 1;
      return loadAll('row')(missing);
    });
    expect([...values.values()]).to.deep.equal(rows('row'));
    expect(loads).to.equal(1);
    expect([...(await b.getMany(KEYS)).values()]).to.deep.equal(rows('row'));
    const counts = await Promise.all(
      cluster.masters.map((master) => cluster.admin(master).keys(`${nodes.namespace}:feed:*`)),
    );
    for (const names of counts) expect(names.length).to.be.greaterThan(5);
    expect(await b.setMany(KEYS.map((key) => [key, 'set'] as const))).to.equal(KEYS.length);
    expect(new Set((await a.getMany(KEYS)).values())).to.deep.equal(new Set(['set']));
  });

  it('P29, P41: what one process deletes leaves the L1 of another, on every master', async () => {
    const [a, b] = [await newNode(), await newNode()];
    await allInL1(a, 'old row');
    expect(await b.delete(...KEYS)).to.deep.equal({ acknowledged: true });
    await until(() => KEYS.every((key) => a.peek(key) === undefined));
    expect(await readAll(a, 'new row')).to.deep.equal(rows('new row'));
  });

  it('P29, P41: what is not deleted stays in L1 (control)', async () => {
    const [a, b] = [await newNode(), await newNode()];
    await allInL1(a, 'row');
    await b.delete('feed:other:1');
    expect(KEYS.map((key) => a.peek(key))).to.deep.equal(rows('row'));
  });

  it('P21, P41: a foreign DEL on a master is heard, too', async () => {
    const a = await newNode();
    await allInL1(a, 'row');
    const [key] = KEYS as [string];
    const name = `${nodes.namespace}:${key}`;
    await cluster.admin(await cluster.masterOf(name)).del(name);
    await until(() => a.peek(key) === undefined);
  });

  it('P5, P41: a declared pattern is one command, and takes its keys from all masters', async () => {
    const [a, b] = [await newNode(), await newNode()];
    await allInL1(a, 'old row');
    expect(await b.invalidate('feed:3:*')).to.deep.equal({ acknowledged: true, swept: 0 });
    await until(() => KEYS.every((key) => (a.peek(key) === undefined) === key.startsWith('feed:3:')));
    expect(await b.invalidate('feed:*')).to.deep.equal({ acknowledged: true, swept: 0 });
    await until(() => KEYS.every((key) => a.peek(key) === undefined));
    expect(await readAll(b, 'new row')).to.deep.equal(rows('new row'));
  });

  it('P27, P41: clear takes everything', async () => {
    const [a, b] = [await newNode(), await newNode()];
    await allInL1(a, 'old row');
    expect(await b.clear()).to.deep.equal({ acknowledged: true });
    await until(() => KEYS.every((key) => a.peek(key) === undefined));
    expect((await b.getMany(KEYS)).size).to.equal(0);
  });

  it('P10, P41: a sweep for a pattern that nobody declared goes through all masters', async () => {
    const a = await newNode({ patterns: [] });
    // No decorator of another test declares a pattern for these: that would hold for every cache of the process.
    const keys = KEYS.map((key) => `swept:${key}`);
    await a.setMany(keys.map((key) => [key, 'row']));
    const { acknowledged, swept } = await a.invalidate('swept:*');
    expect([acknowledged, swept]).to.deep.equal([true, keys.length]);
    expect((await a.getMany(keys)).size).to.equal(0);
  });

  it('P12, P41: processes that miss together load once', async () => {
    const caches = [await newNode(), await newNode()];
    let loads = 0;
    const load = async () => {
      loads += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'row';
    };
    await Promise.all(KEYS.flatMap((key) => caches.map((cache) => cache.getOrSet(key, load))));
    expect(loads).to.equal(KEYS.length);
  });

  it('P22, P41: a put stores what its method returned', async () => {
    const [a, b] = [await newNode(), await newNode()];
    for (const key of KEYS.slice(0, 12)) {
      await a.put(key, async () => `written ${key}`);
      expect(await b.get(key)).to.equal(`written ${key}`);
    }
  });

  it("P41: an application's Cluster client is followed, with its map of addresses, and not used", async () => {
    const [first] = cluster.nodes as [{ host: string; port: number }];
    // To this process the masters have another name, as behind a gateway.
    const natMap = Object.fromEntries(
      cluster.nodes.map(({ host, port }) => [`${host}:${port}`, { host: 'localhost', port }]),
    );
    const client = new Cluster([first], { natMap, lazyConnect: true });
    const other = await newNode();
    const cache = await nodes.clusterNode(cluster, {
      patterns: PATTERNS,
      l2: { client, cluster: undefined },
    });
    const told: string[] = [];
    cache.on('breaker', ({ node }) => told.push(node));
    await allInL1(cache, 'row');
    await other.delete(...KEYS);
    await until(() => KEYS.every((key) => cache.peek(key) === undefined));
    expect([client.status, told]).to.deep.equal(['wait', []]);
    const registry = cache.metrics(new Registry());
    expect(await registry.metrics()).to.match(/cache_breaker_open\{[^}]*node="localhost:\d+"\} 0/);
  });

  it('P29, P41: over pub/sub, too, what one process deletes leaves the L1 of another', async () => {
    const coherence = { transport: 'pubsub' as const };
    const [a, b] = [await newNode({ coherence }), await newNode({ coherence })];
    await allInL1(a, 'row');
    await b.delete(...KEYS);
    await until(() => KEYS.every((key) => a.peek(key) === undefined));
  });

  it('P35, P41: a cache has two connections to each master, and none to replicas', async () => {
    const connections = async (server: RedisServer) => {
      const list = String(await cluster.admin(server).call('CLIENT', 'LIST', 'TYPE', 'normal'))
        .trim()
        .split('\n');
      const channels = String(await cluster.admin(server).call('CLIENT', 'LIST', 'TYPE', 'pubsub')).trim();
      return list.length + (channels === '' ? 0 : channels.split('\n').length);
    };
    const count = () => Promise.all([...cluster.masters, ...cluster.replicas].map(connections));
    const before = await count();
    const cache = await newNode();
    await allInL1(cache, 'row');
    await until(async () => {
      const more = (await count()).map((number, i) => number - before[i]!);
      return String(more) === '2,2,2,0,0,0';
    });
  });

  /** What changes the cluster for good; each test takes a master that is still as it was. */
  describe('whose masters change', () => {
    const BOUND_MS = 500;

    /** For how long after an acknowledged deletion a process that only reads L1 goes on to serve the old row, in ms. */
    async function staleFor(reader: TiercelCache, writer: TiercelCache): Promise<number> {
      await until(async () => (await writer.delete(...KEYS)).acknowledged);
      const { ms } = await timed(() => until(() => KEYS.every((key) => reader.peek(key) === undefined)));
      return ms;
    }

    async function usersWhoseMarkersLieOn(master: RedisServer): Promise<string[]> {
      const owners = await Promise.all(
        USERS.map((user) => cluster.masterOf(`${nodes.namespace}:<p:feed:${user}:*`)),
      );
      return USERS.filter((_, i) => owners[i] === master);
    }

    it('P41: one that was demoted in order, and hears nothing any more, is not believed beyond the bound', async () => {
      const [reader, writer] = [await newNode(), await newNode()];
      await allInL1(reader, 'old row');
      const [replica] = cluster.replicas as [RedisServer];
      await cluster.failOver(replica, 'in order');
      // The old master still answers PING, as a replica that does not get a word of what happens.
      await cluster.cutReplication(replica);
      expect(await staleFor(reader, writer)).to.be.lessThan(BOUND_MS + 100);
      await until(async () => (await reader.ready()).coherence === 'trusted');
      expect(await readAll(reader, 'new row')).to.deep.equal(rows('new row'));
      await allInL1(reader, 'new row');
      expect(await staleFor(reader, writer)).to.be.lessThan(BOUND_MS);
    });

    it('P40, P41: a replica that has missed the last invalidations takes over: nobody gets an old row', async () => {
      const [master, replica] = [cluster.masters[1]!, cluster.replicas[1]!];
      // Generation keys on which every key relies lie elsewhere: theirs would make everything invalid.
      const liesOn = async (name: string) =>
        (await cluster.masterOf(`${nodes.namespace}:${name}`)) === master;
      while ((await liesOn('<all')) || (await liesOn('<p:feed:*'))) await nodes.close();
      const [reader, writer] = [await newNode(), await newNode()];
      await allInL1(reader, 'old row');
      const size = (server: RedisServer) => cluster.admin(server).dbsize();
      await until(async () => (await size(replica)) === (await size(master)));
      await cluster.cutReplication(master);
      // Half of what is lost are removals of entries, half are removals of generation keys, whose entries are on all masters.
      const lost = await usersWhoseMarkersLieOn(master);
      for (const user of USERS) {
        const { acknowledged } = lost.includes(user)
          ? await writer.invalidate(`feed:${user}:*`)
          : await writer.delete(...KEYS.filter((key) => key.startsWith(`feed:${user}:`)));
        expect(acknowledged).to.equal(true);
      }
      await master.kill();
      await cluster.failOver(replica, 'TAKEOVER');
      for (const cache of [reader, writer]) {
        await until(async () => (await cache.ready()).l2 === 'ready' && cache.state.outbox === 0);
      }
      const newcomer = await newNode();
      for (const cache of [reader, writer, newcomer]) expect((await cache.getMany(KEYS)).size).to.equal(0);
      expect(await readAll(newcomer, 'new row')).to.deep.equal(rows('new row'));
      expect(await readAll(reader, 'newer row')).to.deep.equal(rows('new row'));
    });

    it('P36, P37: while one is dead, reads of its keys do not wait; when its replica has taken over, L1 is used again', async () => {
      const cache = await newNode({ l2: { deadline: '50ms', socketTimeout: '500ms' } });
      await readAll(cache, 'row');
      await cluster.masters[2]!.kill();
      expect((await timed(() => readAll(cache, 'loaded'))).ms).to.be.lessThan(300);
      await cluster.failOver(cluster.replicas[2]!, 'TAKEOVER');
      const back = await timed(() => until(async () => (await cache.ready()).coherence === 'trusted'));
      expect(back.ms).to.be.lessThan(1_500);
      await allInL1(cache, 'row');
    });

    it('P41: a slot that moves takes its keys with it: what happens to them there is heard', async () => {
      const [reader, writer] = [await newNode(), await newNode()];
      await allInL1(reader, 'old row');
      const [key] = KEYS as [string];
      const name = `${nodes.namespace}:${key}`;
      const from = await cluster.masterOf(name);
      const to = cluster.replicas.find((server) => server !== from)!;
      const slot = Number(await cluster.admin(from).call('CLUSTER', 'KEYSLOT', name));
      await cluster.moveSlot(slot, from, to);
      expect(await staleFor(reader, writer)).to.be.lessThan(BOUND_MS);
      expect(await readAll(reader, 'new row')).to.deep.equal(rows('new row'));
      await until(async () => (await reader.ready()).coherence === 'trusted');
      await allInL1(reader, 'new row');
      await writer.delete(key);
      await until(() => reader.peek(key) === undefined);
    });
  });
});
