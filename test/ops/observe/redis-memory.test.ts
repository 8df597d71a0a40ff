import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { ManualClock } from '../../support/manual-clock';
import { elapse, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { RedisServer } from '../../support/redis-server';

describe('the memory of Redis', () => {
  const nodes = useNodes(after);
  let limited: RedisServer;
  let unlimited: RedisServer;

  before(async () => {
    limited = await RedisServer.start({ args: ['--maxmemory', '256mb'] });
    unlimited = await RedisServer.start();
  });

  after(async () => {
    await Promise.all([limited.stop(), unlimited.stop()]);
  });

  async function memoryOf(server: RedisServer) {
    const clock = new ManualClock();
    const cache: TiercelCache = await nodes.node(
      server,
      { namespace: `memory${server.port}`, monitoring: { evaluateEvery: '1s', alertWindow: '1s' } },
      { clock },
    );
    expect(cache.report().memory.redis).to.equal(null);
    await elapse(clock, 1_000, cache);
    await until(() => cache.report().memory.redis !== null);
    return cache.report().memory.redis!;
  }

  it('is read from Redis itself, and held against its maxmemory', async () => {
    const { bytes, limitBytes, percent, ageSeconds } = await memoryOf(limited);
    expect(bytes).to.be.greaterThan(100_000);
    expect(limitBytes).to.equal(256 * 1024 * 1024);
    expect(percent).to.be.within(0.1, 50);
    expect(ageSeconds).to.equal(0);
  });

  it('has no limit if Redis has none', async () => {
    const { bytes, limitBytes, percent } = await memoryOf(unlimited);
    expect(bytes).to.be.greaterThan(100_000);
    expect([limitBytes, percent]).to.deep.equal([null, null]);
  });
});
