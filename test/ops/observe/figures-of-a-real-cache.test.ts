import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createCache, type TiercelCache } from '../../../src/create';
import { ManualClock } from '../../support/manual-clock';
import { heard, inL1 } from '../../support/nodes';
import { RedisServer } from '../../support/redis-server';

describe('a cache in use', () => {
  let server: RedisServer;
  let cache: TiercelCache;
  let neighbour: TiercelCache;
  /** Moved by tests alone: nothing is late, and the channel stays trusted, however busy the machine is. */
  let clock: ManualClock;

  before(async () => {
    server = await RedisServer.start();
  });

  after(() => server.stop());

  beforeEach(async () => {
    const config = { namespace: 'observed', l2: { host: server.host, port: server.port } };
    clock = new ManualClock();
    cache = createCache(config, { default: false, clock });
    neighbour = createCache(config, { default: false, clock });
    await Promise.all([cache.ready(), neighbour.ready()]);
  });

  afterEach(async () => {
    await cache.delete('feed:1', 'feed:2', 'feed:3');
    await Promise.all([cache.close(), neighbour.close()]);
  });

  it('counts a load, a hit of L2, a hit of L1, a joined load and a failure, each once', async () => {
    const options = { name: 'feed' };
    const load = async () => 'value';
    const fail = () => Promise.reject(new Error('no database'));
    await Promise.all([cache.getOrSet('feed:1', load, options), cache.getOrSet('feed:1', load, options)]);
    await neighbour.getOrSet('feed:2', load, options);
    await heard(neighbour);
    const hitOfL2 = cache.getOrSet('feed:2', load, options);
    clock.advance(1);
    await hitOfL2;
    await cache.getOrSet('feed:2', load, options);
    await cache.getOrSet('feed:3', fail, options).catch(() => {});

    const { calls, methods, l1, l2, overall } = cache.stats();
    expect(calls).to.deep.equal({
      total: 5,
      l1: 1,
      l2: 1,
      loaded: 1,
      coalesced: 1,
      waited: 0,
      stale: 0,
      uncached: 0,
      failed: 1,
    });
    expect(methods['feed']).to.deep.include({ calls, loads: 1, stampedes: 1 });
    expect(l1).to.include({ hits: 1, misses: 4, hitRate: 20 });
    expect(l2).to.include({ hits: 1, misses: 2, hitRate: 33.3 });
    expect(overall).to.include({ hits: 2, misses: 6, hitRate: 25 });
    expect(overall.avgResponseTime).to.equal(0.5);
  });

  it('shows the same figures to Prometheus, and leaves the registry when it is closed', async () => {
    const registry = new Registry();
    cache.metrics(registry);
    await inL1(cache, 'feed:1', () => cache.getOrSet('feed:1', async () => 'value', { name: 'feed' }));
    const text = await registry.metrics();
    expect(text).to.include('cache_calls_total{cache="observed",method="feed",outcome="loaded"} 1\n');
    expect(text).to.include('cache_size{cache="observed",tier="l1"} 1\n');
    expect(text).to.include('cache_latency_ms_count{cache="observed",method="feed",tier="load"} 1\n');
    await cache.close();
    expect(registry.getMetricsAsArray()).to.deep.equal([]);
  });
});
