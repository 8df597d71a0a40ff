import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { CountingProxy } from '../../support/counting-proxy';
import { ManualClock } from '../../support/manual-clock';
import { Gate, type Nodes, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';

/** How often the server ran each command, those inside scripts included, as `INFO commandstats` has it. */
type Counts = Record<string, number>;

/** Too large to be read back in the background, which would count as well. */
const LARGE = 'x'.repeat(17_000);

describe('what calls cost in Redis', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let redis: RedisServer;
  let proxy: CountingProxy;
  let cache: TiercelCache;
  let client: ReturnType<Nodes['client']>;

  beforeEach(async () => {
    redis = await RedisServer.start();
    proxy = await CountingProxy.start(redis.port);
    // With a clock that stands still there is no heartbeat to count, and nothing is late, however busy the machine is.
    cache = await nodes.node(proxy, {}, { clock: new ManualClock() });
    client = nodes.client(redis);
    // Once, so that the server knows the scripts: the first use of each costs a second attempt.
    await cache.getOrSet('warm', async () => 'row');
    await cache.delete('warm');
    await cache.getOrSet('warm', () => Promise.reject(new Error('away'))).catch(() => undefined);
    await cache.set('warm', 'row');
    await cache.put('warm', async () => 'row');
  });

  afterEach(async () => {
    await proxy.close();
    await redis.stop();
  });

  async function cost(run: () => Promise<unknown>): Promise<{ commands: Counts; roundTrips: number }> {
    await client.config('RESETSTAT');
    const before = proxy.roundTrips;
    await run();
    const roundTrips = proxy.roundTrips - before;
    const info = await client.info('commandstats');
    const commands: Counts = {};
    for (const [, name, calls] of info.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)) {
      if (name !== 'config|resetstat' && name !== 'info') commands[name as string] = Number(calls);
    }
    return { commands, roundTrips };
  }

  /** Until the forecast of `getOrSet` is that L2 has what is asked for. */
  const manyHits = async () => {
    for (let i = 0; i < 50; i += 1) {
      await client.del('hit');
      await cache.set('hit', LARGE);
      await cache.getOrSet('hit', async () => 'never loaded');
    }
  };

  it('P11: a hit of L2 is exactly one GET where L1 is used: the generation keys are known', async () => {
    await manyHits();
    await cache.set(KEY, LARGE);
    expect(await cost(() => cache.getOrSet(KEY, async () => 'never loaded'))).to.deep.equal({
      commands: { get: 1 },
      roundTrips: 1,
    });
  });

  it('P11: a hit that bypasses L1 is exact: the generation key is read again, in the same command', async () => {
    await cache.set(KEY, 'row');
    const exact = () => cache.getOrSet(KEY, async () => 'never loaded', { tiers: 'l2' });
    expect(await cost(exact)).to.deep.equal({ commands: { mget: 1 }, roundTrips: 1 });
  });

  it('P12: where a miss is expected, a hit is one command too: the request for the lease tells what is there', async () => {
    await cache.set(KEY, LARGE);
    const hit = await cost(() => cache.getOrSet(KEY, async () => 'never loaded'));
    expect(hit).to.deep.equal({ commands: { set: 1 }, roundTrips: 1 });
  });

  it('P12, P13: an expected miss is exactly two commands in two round trips: lease and fill', async () => {
    const { commands, roundTrips } = await cost(() => cache.getOrSet(KEY, async () => LARGE));
    expect(roundTrips).to.equal(2);
    expect(commands).to.deep.equal({ set: 2, evalsha: 1, getrange: 1 });
  });

  it('P12, P13: any other miss is exactly three commands in three round trips: read, lease, fill', async () => {
    await manyHits();
    const { commands, roundTrips } = await cost(() => cache.getOrSet(KEY, async () => LARGE));
    expect(roundTrips).to.equal(3);
    // GETRANGE and the second SET are what the script of the fill does inside the server.
    expect(commands).to.deep.equal({ get: 1, set: 2, evalsha: 1, getrange: 1 });
  });

  it('P18: ten keys that miss cost two round trips, and ten that hit one', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `signal:${i}`);
    const load = async (missing: string[]) => new Map(missing.map((key) => [key, LARGE]));
    // The size of the last turn foretells that a turn is worth one write.
    await cache.getMany(keys);
    const missed = await cost(() => cache.getOrSetMany(keys, load));
    expect(missed).to.deep.equal({
      commands: { set: 20, evalsha: 10, getrange: 10 },
      roundTrips: 2,
    });
    // What is expected now is a miss.
    const found = await cost(() => cache.getOrSetMany(keys, load));
    expect(found).to.deep.equal({ commands: { set: 10 }, roundTrips: 1 });
  });

  it('P3: delete, set and setMany are one round trip, a put is two', async () => {
    const steps: [string, () => Promise<unknown>, number][] = [
      ['set', () => cache.set(KEY, 'row'), 1],
      ['setMany', () => cache.setMany([...Array(100).keys()].map((i) => [`k:${i}`, i])), 1],
      ['delete', () => cache.delete(KEY), 1],
      ['delete of many', () => cache.delete(...[...Array(100).keys()].map((i) => `k:${i}`)), 1],
      ['put', () => cache.put(KEY, async () => 'row'), 2],
    ];
    for (const [name, run, roundTrips] of steps)
      expect((await cost(run)).roundTrips, name).to.equal(roundTrips);
  });

  it('a thousand callers of one key cost what one does', async () => {
    const row = new Gate<string>();
    const { roundTrips } = await cost(async () => {
      const calls = Array.from({ length: 1_000 }, () => cache.getOrSet(KEY, row.load));
      await row.started;
      row.end('row');
      await Promise.all(calls);
    });
    expect(roundTrips).to.equal(2);
  });

  it('an L1 hit costs nothing', async () => {
    await cache.set(KEY, 'row');
    await until(async () => (await cache.get(KEY)) === cache.peek(KEY));
    const spent = await cost(async () => {
      for (let i = 0; i < 100; i += 1) await cache.getOrSet(KEY, async () => 'never loaded');
    });
    expect(spent).to.deep.equal({ commands: {}, roundTrips: 0 });
  });
});
