import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Gate, heard, Nodes } from '../../support/nodes';
import { timed, until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';
import { TcpProxy } from '../../support/tcp-proxy';

describe('when Redis does not answer', () => {
  const KEY = 'provider:42:stats';
  const nodes = new Nodes();
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(async () => {
    if (redis.running) redis.resume();
    await nodes.close();
    await redis.stop();
  });

  const state = (cache: TiercelCache, wanted: 'ready' | 'down') =>
    new Promise<void>((resolve) => {
      const stop = cache.on('l2', (event) => {
        if (event.state !== wanted) return;
        stop();
        resolve();
      });
    });

  it('P39: refused at start: ready says down, reads load without storing, and L2 is used once it is there', async () => {
    await redis.kill();
    const cache = await nodes.node(redis);
    expect(await cache.ready()).to.include({ l2: 'down' });
    expect(await cache.getOrSet(KEY, async () => 'row')).to.equal('row');
    expect(cache.peek(KEY)).to.equal(undefined);
    const back = state(cache, 'ready');
    await redis.restart();
    await back;
    await cache.getOrSet(KEY, async () => 'row');
    expect(await cache.get(KEY)).to.equal('row');
  });

  it('a Redis that wants a password: the start is reported as down with the reason, and the cache serves', async () => {
    const locked = await RedisServer.start({ password: 'secret' });
    try {
      const cache = await nodes.node(locked);
      const reason = new Promise<string | undefined>((resolve) => {
        cache.on('l2', (event) => resolve(event.reason));
      });
      expect(await cache.ready()).to.include({ l2: 'down' });
      expect(await cache.getOrSet(KEY, async () => 'row')).to.equal('row');
      void reason;
      const open = await new Nodes().node(locked, { l2: { password: 'secret' } });
      expect(await open.ready()).to.include({ l2: 'ready' });
      await open.close();
      await nodes.close();
    } finally {
      await locked.stop();
    }
  });

  it('P39: one load runs and one is queued per key, whatever the number of callers', async () => {
    const cache = await nodes.node(redis);
    const down = state(cache, 'down');
    await redis.kill();
    await down;
    const [running, queued] = [new Gate<string>(), new Gate<string>()];
    const first = cache.getOrSet(KEY, running.load);
    await running.started;
    const others = Array.from({ length: 50 }, () => cache.getOrSet(KEY, queued.load));
    running.end('first');
    await queued.started;
    queued.end('second');
    expect(await first).to.equal('first');
    expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['second']));
    expect([running.calls, queued.calls]).to.deep.equal([1, 1]);
  });

  it('P36: a hung Redis costs a read one deadline and its load, not a hang', async () => {
    const cache = await nodes.node(redis, { l2: { deadline: '50ms' } });
    await redis.pause();
    const { result, ms, wallMs } = await timed(() => cache.getOrSet(KEY, async () => 'row'));
    expect(result).to.equal('row');
    expect(wallMs).to.be.greaterThan(45);
    expect(ms).to.be.lessThan(1_000);
    expect(cache.peek(KEY)).to.equal(undefined);
  });

  it('P36: synchronous work longer than the deadline fails no command, for the replies are already here', async () => {
    const cache = await nodes.node(redis, { l2: { deadline: '50ms' } });
    await cache.set(KEY, 'row', { tiers: 'l2' });
    const reading = cache.get(KEY);
    await new Promise((resolve) => setImmediate(resolve));
    const start = performance.now();
    while (performance.now() - start < 80);
    expect(await reading).to.equal('row');
  });

  for (const [title, degradedTtl, expected] of [
    ['P34: a short outage is bridged by L1, though it is no longer trusted', '1m', 'row'],
    ['P34: with degradedTtl 0 it is not: the row is loaded (control)', 0, 'loaded'],
  ] as const) {
    it(title, async () => {
      const cache = await nodes.node(redis, { coherence: { degradedTtl } });
      await cache.set(KEY, 'row');
      await until(async () => (await cache.get(KEY)) === cache.peek(KEY));
      let isDown = false;
      void state(cache, 'down').then(() => {
        isDown = true;
      });
      await redis.pause();
      // Unanswered until the breaker opens: later than any proof that was on its way.
      while (!isDown) await cache.getOrSet('another', async () => 'loaded');
      expect(cache.peek(KEY)).to.equal(undefined);
      expect(await cache.get(KEY)).to.equal(expected === 'row' ? 'row' : undefined);
      expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal(expected);
    });
  }

  it('P34: what this process has invalidated itself is not served, however short the outage', async () => {
    const cache = await nodes.node(redis, { l2: { invalidationBudget: '500ms' } });
    await cache.set(KEY, 'row');
    await until(async () => (await cache.get(KEY)) === cache.peek(KEY));
    await redis.pause();
    expect(await cache.delete(KEY)).to.deep.equal({ acknowledged: false });
    expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
  });

  it('P38: an invalidation that cannot be delivered is told as such, and delivered before L2 is read again', async () => {
    const proxy = await TcpProxy.start(redis.port);
    try {
      const [cut, other] = [
        await nodes.node(proxy, { l2: { invalidationBudget: '500ms' } }),
        await nodes.node(redis, { l2: { invalidationBudget: '500ms' } }),
      ];
      await other.set(KEY, 'old row');
      expect(await cut.get(KEY)).to.equal('old row');
      const down = state(cut, 'down');
      proxy.cut();
      await down;
      const told: string[] = [];
      cut.on('unacknowledged', ({ names }) => told.push(...names));
      expect(await cut.delete(KEY)).to.deep.equal({ acknowledged: false });
      expect(told).to.deep.equal([KEY]);
      expect(await cut.getOrSet(KEY, async () => 'new row')).to.equal('new row');
      const back = state(cut, 'ready');
      proxy.restore();
      await back;
      expect(await cut.getOrSet(KEY, async () => 'new row')).to.equal('new row');
      await until(() => cut.state.outbox === 0);
      expect(await nodes.client(redis).get(KEY)).to.not.match(/old row/);
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it('P37, P38: until an invalidation is delivered, its key is not read from L2, though Redis is back', async () => {
    const proxy = await TcpProxy.start(redis.port);
    try {
      const cut = await nodes.node(proxy, { l2: { invalidationBudget: '500ms' } });
      const client = nodes.client(redis);
      const down = state(cut, 'down');
      proxy.cut();
      await down;
      await cut.delete(KEY);
      const monitor = await client.monitor();
      const commands: string[] = [];
      monitor.on('monitor', (_time, words: string[]) => commands.push(words.join(' ')));
      const first = new Promise((resolve, reject) => {
        cut.on('breaker', (event) => {
          if (event.state !== 'half-open') return;
          expect(cut.state.outbox).to.equal(1);
          Promise.all([cut.get(KEY), cut.getOrSet(KEY, async () => 'row')]).then(resolve, reject);
        });
      });
      proxy.restore();
      expect(await first).to.deep.equal([undefined, 'row']);
      await client.ping('everything before has been told');
      await until(() => commands.some((command) => command.startsWith('ping')));
      monitor.disconnect();
      expect(commands.filter((command) => command === `get ${nodes.namespace}:${KEY}`)).to.deep.equal([]);
      expect(await client.exists(KEY)).to.equal(0);
      expect(cut.peek(KEY)).to.equal(undefined);
      await until(() => cut.state.outbox === 0);
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it('P38: an invalidation that is delivered within its budget is acknowledged, though it was queued first', async () => {
    const proxy = await TcpProxy.start(redis.port);
    try {
      const cache = await nodes.node(proxy);
      const down = state(cache, 'down');
      proxy.cut();
      await down;
      const deleting = cache.delete(KEY);
      proxy.restore();
      expect(await deleting).to.deep.equal({ acknowledged: true });
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it('P22: a put that could not be begun stores nothing, and its key is invalidated when Redis is back', async () => {
    const cache = await nodes.node(redis, { l2: { invalidationBudget: '500ms' } });
    const down = state(cache, 'down');
    await redis.kill();
    await down;
    expect(await cache.put(KEY, async () => 'written')).to.equal('written');
    expect(cache.peek(KEY)).to.equal(undefined);
    expect(cache.state.outbox).to.equal(1);
    await redis.restart();
    await until(() => cache.state.outbox === 0);
  });

  for (const write of ['set', 'put'] as const) {
    it(`P22, P23: a ${write} whose reply is lost may have stored: its key is queued, and gone when Redis is back`, async () => {
      const cache = await nodes.node(redis, {
        l2: { deadline: '50ms', invalidationBudget: '500ms' },
      });
      const client = nodes.client(redis);
      // So that the generation keys are known, and the writing command is the first to be sent.
      await cache.set(KEY, 'before');
      await heard(cache);
      await cache.get(KEY);
      expect(cache.peek(KEY)).to.equal('before');
      if (write === 'set') {
        await redis.pause();
        expect(await cache.set(KEY, 'row')).to.equal(false);
      } else {
        await cache.put(KEY, async () => {
          await redis.pause();
          return 'row';
        });
      }
      expect(cache.peek(KEY)).to.equal(undefined);
      expect(cache.state.outbox).to.equal(1);
      redis.resume();
      await until(() => cache.state.outbox === 0);
      expect(await client.exists(KEY)).to.equal(0);
    });
  }

  it('P42: close ends in bounded time while Redis hangs, and leaves no rejection behind', async () => {
    const cache = await nodes.node(redis);
    await redis.pause();
    const reading = cache.getOrSet(KEY, async () => 'row');
    const { ms } = await timed(() => cache.close());
    expect(ms).to.be.lessThan(2_000);
    expect(await reading).to.equal('row');
  });
});
