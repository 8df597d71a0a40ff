import { expect } from 'chai';
import { ManualClock } from '../../support/manual-clock';
import { heard, inL1, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';
import { TcpProxy } from '../../support/tcp-proxy';

const KEY = 'provider:42:stats';

describe('why L1 did not answer', () => {
  const nodes = useNodes();
  const load = async () => 'row';
  const reasons = (cache: Awaited<ReturnType<typeof nodes.node>>) =>
    cache.stats().methods['getOrSet']!.l1Misses;

  it('absent, expired and version are counted apart, and a hit counts none', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(undefined, { l1: { jitter: 0 } }, { clock });
    await cache.getOrSet(KEY, load, { ttl: 1 });
    await cache.getOrSet(KEY, load, { ttl: 1 });
    const none = { absent: 0, expired: 0, version: 0, untrusted: 0, invalidated: 0 };
    expect(reasons(cache)).to.deep.equal({ ...none, absent: 1 });
    clock.advance(1_000);
    await cache.getOrSet(KEY, load, { ttl: 1 });
    await cache.getOrSet(KEY, load, { ttl: 1, version: 2 });
    expect(reasons(cache)).to.deep.equal({ ...none, absent: 1, expired: 1, version: 1 });
    const { l1 } = cache.stats().methods['getOrSet']!;
    expect(l1.misses).to.equal(3);
  });

  it('invalidated: a generation of the copy is not known any more', async () => {
    const cache = await nodes.node(await sharedRedis(), { patterns: ['provider:<id>:*'] });
    await inL1(cache, KEY, () => cache.getOrSet(KEY, load));
    const before = reasons(cache).invalidated;
    await cache.invalidate({ patterns: ['provider:42:*'] });
    await heard(cache);
    await cache.getOrSet(KEY, load);
    expect(reasons(cache).invalidated - before).to.equal(1);
  });

  it('untrusted: the channel is silent, so changes may have been missed', async () => {
    const proxy = await TcpProxy.start((await sharedRedis()).port);
    try {
      const cache = await nodes.node(proxy);
      await inL1(cache, KEY, () => cache.getOrSet(KEY, load));
      proxy.cut();
      await until(async () => (await cache.ready()).coherence !== 'trusted');
      await cache.getOrSet(KEY, load);
      expect(reasons(cache).untrusted).to.equal(1);
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });
});
