import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Nodes } from '../../support/nodes';
import { LoopClock, timed, until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';
import { TcpProxy } from '../../support/tcp-proxy';

const LOAD_MS = 20;
/** What a read may take on top of its load, whatever Redis does: the promise. */
const READ_MS = 150;
/** The configuration as it comes: the deadlines are what is tested. */
const DEFAULTS = { l2: { deadline: '50ms', socketTimeout: '500ms' } };

describe('the circuit breaker, with a Redis that goes away', () => {
  const nodes = new Nodes();
  let redis: RedisServer;
  let proxy: TcpProxy;

  beforeEach(async () => {
    redis = await RedisServer.start();
    proxy = await TcpProxy.start(redis.port);
  });

  afterEach(async () => {
    redis.resume();
    proxy.restore();
    await nodes.close();
    await proxy.close();
    await redis.stop();
  });

  const load = () => new Promise<string>((resolve) => setTimeout(resolve, LOAD_MS, 'row'));

  /** Ten reads at a time of keys that nobody has read before, for as long as it is said; the slowest, in ms. */
  async function slowestRead(cache: TiercelCache, forMs: number): Promise<number> {
    const clock = new LoopClock();
    let slowest = 0;
    let sequence = 0;
    const read = async (): Promise<void> => {
      while (clock.now() < forMs) {
        sequence += 1;
        const start = clock.now();
        expect(await cache.getOrSet(`key:${sequence}`, load)).to.equal('row');
        slowest = Math.max(slowest, clock.now() - start);
      }
    };
    await Promise.all(Array.from({ length: 10 }, read)).finally(() => clock.stop());
    return slowest;
  }

  /** How long it takes until a value that Redis has is read from there, in ms. */
  async function backAfter(cache: TiercelCache): Promise<number> {
    const { ms } = await timed(() =>
      until(async () => {
        await cache.getOrSet('again:1', load);
        return (await cache.get('again:1')) === 'row';
      }),
    );
    return ms;
  }

  interface Outage {
    readonly begin: () => unknown;
    readonly end: () => unknown;
  }
  const OUTAGES: Record<string, Outage> = {
    refused: { begin: () => proxy.cut(), end: () => proxy.restore() },
    'black-holed': { begin: () => proxy.blackhole(), end: () => proxy.restore() },
    'stopped (SIGSTOP)': { begin: () => redis.pause(), end: () => redis.resume() },
  };

  for (const [title, outage] of Object.entries(OUTAGES)) {
    it(`P36, P37: ${title} in mid-run: no read waits, an invalidation ends within its budget, and L2 is back within a second`, async () => {
      const cache = await nodes.node(proxy, DEFAULTS);
      await cache.getOrSet('before:1', load);
      await outage.begin();
      const deleting = timed(() => cache.delete('before:1'));
      expect(await slowestRead(cache, 700)).to.be.lessThan(READ_MS + LOAD_MS);
      const deleted = await deleting;
      expect(deleted.result).to.deep.equal({ acknowledged: false });
      expect(deleted.ms).to.be.lessThan(1_200);
      await outage.end();
      expect(await backAfter(cache)).to.be.lessThan(1_000);
      await until(() => cache.state.outbox === 0);
      expect(await cache.get('before:1')).to.equal(undefined);
    });

    it(`P36, P37: ${title} at the start: no read waits, and L2 is used within a second of its return`, async () => {
      await outage.begin();
      const cache = await nodes.node(proxy, DEFAULTS);
      expect(await slowestRead(cache, 300)).to.be.lessThan(READ_MS + LOAD_MS);
      await outage.end();
      expect(await backAfter(cache)).to.be.lessThan(1_000);
    });
  }

  it('P37: with a Redis that is well nothing of this happens: every value is stored (control)', async () => {
    const cache = await nodes.node(proxy);
    const states = heardStates(cache);
    await slowestRead(cache, 300);
    expect(states).to.deep.equal([]);
    expect(await nodes.client(redis).keys('*')).to.have.length.greaterThan(10);
  });

  it('P37: three reads have waited in vain: the next one does not wait, though the connection stands', async () => {
    const cache = await nodes.node(redis, { l2: { ...DEFAULTS.l2, socketTimeout: '5s' } });
    const states = heardStates(cache);
    await redis.pause();
    for (const key of ['key:1', 'key:2', 'key:3']) await cache.get(key);
    expect(states).to.deep.equal(['open']);
    const { ms } = await timed(() => cache.get('key:open'));
    expect(ms).to.be.lessThan(20);
  });

  it('P38: when it has been open for longer than the budget, an invalidation is unacknowledged at once', async () => {
    const cache = await nodes.node(redis, { l2: { ...DEFAULTS.l2, invalidationBudget: '500ms' } });
    const back = heardStates(cache);
    await redis.pause();
    const first = await timed(() => cache.delete('key:1'));
    expect(first.wallMs).to.be.greaterThan(450);
    expect(first.ms).to.be.lessThan(900);
    await cache.delete('key:1');
    const second = await timed(() => cache.delete('key:2'));
    expect(second.result).to.deep.equal({ acknowledged: false });
    expect(second.ms).to.be.lessThan(100);
    redis.resume();
    await until(() => back.at(-1) === 'closed' && cache.state.outbox === 0);
    expect(await cache.delete('key:3')).to.deep.equal({ acknowledged: true });
  });

  it('P37: half-open, it lets out the probe and what is outbox, and no read: a thousand callers stay away', async () => {
    const cache = await nodes.node(proxy, DEFAULTS);
    proxy.cut();
    await until(async () => (await cache.ready()).l2 === 'down');
    expect(await cache.delete('gone:1')).to.deep.equal({ acknowledged: false });
    const client = nodes.client(redis);
    const monitor = await client.monitor();
    const commands: string[] = [];
    monitor.on('monitor', (_time, words: string[]) => commands.push(words.join(' ').toLowerCase()));
    const halfOpen = new Promise<unknown>((resolve, reject) => {
      const stop = cache.on('breaker', ({ state }) => {
        if (state !== 'half-open') return;
        stop();
        Promise.all(
          Array.from({ length: 1_000 }, (_, i) => cache.getOrSet(`crowd:${i}`, async () => 'row')),
        ).then(resolve, reject);
      });
    });
    proxy.restore();
    await halfOpen;
    await until(() => cache.state.outbox === 0);
    await client.ping('the end');
    await until(() => commands.includes('ping the end'));
    monitor.disconnect();
    expect(commands.filter((command) => command.includes('crowd:'))).to.deep.equal([]);
    expect(commands.some((command) => command.includes('gone:1'))).to.equal(true);
  });

  it('P36: 80 ms of synchronous work, again and again, neither fail a command nor open it', async () => {
    const cache = await nodes.node(redis, DEFAULTS);
    const states = heardStates(cache);
    for (let i = 0; i < 6; i += 1) {
      const setting = cache.set(`key:${i}`, 'row', { tiers: 'l2' });
      await new Promise((resolve) => setImmediate(resolve));
      const start = performance.now();
      while (performance.now() - start < 80);
      expect(await setting).to.equal(true);
    }
    expect(states).to.deep.equal([]);
  });

  it('P37: the event names the node, and the metric shows it open and closed', async () => {
    const { Registry } = await import('prom-client');
    const cache = await nodes.node(proxy, DEFAULTS);
    const registry = cache.metrics(new Registry());
    const node = `127.0.0.1:${proxy.port}`;
    const sample = (value: number) =>
      `cache_breaker_open{cache="${nodes.namespace}",node="${node}"} ${value}`;
    expect(await registry.metrics()).to.include(sample(0));
    const told = new Promise((resolve) => cache.on('breaker', resolve));
    proxy.cut();
    expect(await told).to.deep.equal({ node, state: 'open' });
    expect(await registry.metrics()).to.include(sample(1));
  });
});

function heardStates(cache: TiercelCache): string[] {
  const states: string[] = [];
  cache.on('breaker', ({ state }) => states.push(state));
  return states;
}
