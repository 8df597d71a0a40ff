import { expect } from 'chai';
import { sharedRedis, useNodes } from '../support/nodes';
import { until } from '../support/pace';
import { RedisServer } from '../support/redis-server';

describe('the transports of the coherence channel', () => {
  const KEY = 'feed:1:a';
  const patterns = ['feed:*'];
  const nodes = useNodes();

  for (const transport of ['tracking', 'pubsub'] as const) {
    it(`P29: ${transport}: what one process deletes leaves the L1 of another`, async () => {
      const redis = await sharedRedis();
      const config = { patterns, coherence: { transport } };
      const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
      expect(await a.ready()).to.deep.equal({ l2: 'ready', coherence: 'trusted' });
      await b.set(KEY, 'row');
      await until(async () => (await a.get(KEY)) === a.peek(KEY));
      await b.delete(KEY);
      await until(() => a.peek(KEY) === undefined);
      expect(await a.getOrSet(KEY, async () => 'new row')).to.equal('new row');
    });

    it(`P5: ${transport}: so does what it invalidates by a pattern`, async () => {
      const redis = await sharedRedis();
      const config = { patterns, coherence: { transport } };
      const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
      await b.set(KEY, 'row');
      await until(async () => (await a.get(KEY)) === a.peek(KEY));
      await b.invalidate('feed:*');
      await until(() => a.peek(KEY) === undefined);
    });

    it(`P29: ${transport}: without a change it stays (control)`, async () => {
      const redis = await sharedRedis();
      const config = { patterns, coherence: { transport } };
      const [a, b] = [await nodes.node(redis, config), await nodes.node(redis, config)];
      await b.set(KEY, 'row');
      await until(async () => (await a.get(KEY)) === a.peek(KEY));
      await b.set('feed:2:a', 'another row');
      expect(a.peek(KEY)).to.equal('row');
    });
  }

  it("P29: 'auto' falls back to pub/sub if the server refuses CLIENT TRACKING, and reports it", async () => {
    // What a proxy or an access list does to a client: everything but CLIENT TRACKING.
    const redis = await RedisServer.start({
      args: ['--user', 'limited', 'on', 'nopass', '~*', '&*', '+@all', '-client|tracking'],
    });
    try {
      const l2 = { username: 'limited', password: 'any' };
      const [a, b] = [await nodes.node(redis, { l2, patterns }), await nodes.node(redis, { l2, patterns })];
      await until(async () => (await a.ready()).coherence === 'trusted');
      await until(async () => (await b.ready()).coherence === 'trusted');
      await b.set(KEY, 'row');
      await until(async () => (await a.get(KEY)) === a.peek(KEY));
      await b.delete(KEY);
      await until(() => a.peek(KEY) === undefined);
    } finally {
      await nodes.close();
      await redis.stop();
    }
  });

  it("P29: under 'auto' a process that may not track hears what those that track write, reports it, and tracks once it may", async () => {
    const mayNotTrack = ['on', 'nopass', '~*', '&*', '+@all', '-client|tracking'];
    const redis = await RedisServer.start({ args: ['--user', 'limited', ...mayNotTrack] });
    try {
      const admin = nodes.client(redis);
      const tracks = await nodes.node(redis, { patterns });
      await tracks.set(KEY, 'row');
      const l2 = { username: 'limited', password: 'any' };
      const hears = await nodes.node(redis, { l2, patterns });
      await until(async () => (await hears.ready()).coherence === 'trusted');
      expect(hears.health().faults?.map(({ code }) => code)).to.deep.equal(['TIERCEL_COHERENCE_REFUSED']);
      await until(async () => (await hears.get(KEY)) === hears.peek(KEY));
      await tracks.delete(KEY);
      await until(() => hears.peek(KEY) === undefined);
      await tracks.set(KEY, 'row');
      await until(async () => (await hears.get(KEY)) === hears.peek(KEY));
      await tracks.invalidate('feed:*');
      await until(() => hears.peek(KEY) === undefined);
      await admin.call('ACL', 'SETUSER', 'limited', '+@all');
      await admin.call('CLIENT', 'KILL', 'USER', 'limited');
      // A foreign write, of which only Redis tells.
      await until(async () => {
        await tracks.set(KEY, 'row');
        if ((await hears.get(KEY)) !== hears.peek(KEY)) return false;
        await admin.del(KEY);
        await tracks.get('nothing:here');
        return hears.peek(KEY) === undefined;
      });
    } finally {
      await nodes.close();
      await redis.stop();
    }
  });

  it('P29: processes that all track announce nothing (control)', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis, { patterns }), await nodes.node(redis, { patterns })];
    await until(async () => (await a.ready()).coherence === 'trusted');
    const monitor = await nodes.client(redis).monitor();
    const published: string[] = [];
    monitor.on('monitor', (_time, words: string[]) => {
      if (words[0]?.toLowerCase() === 'publish' && words[1] === `${nodes.namespace}:<bus`)
        published.push(words[2]!);
    });
    await a.set(KEY, 'row');
    await b.delete(KEY);
    await until(() => published.length > 2);
    monitor.disconnect();
    expect([...new Set(published)]).to.deep.equal(['[]']);
  });
});
