import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { type Nodes, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

describe('what a process has stored in L2', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let client: ReturnType<Nodes['client']>;

  beforeEach(async () => {
    cache = await nodes.node(await sharedRedis());
    client = nodes.client(await sharedRedis());
  });

  const held = (key: string) => until(() => cache.peek(key) !== undefined);
  const none = async (): Promise<never> => {
    throw new Error('a load too many');
  };

  const writes: Record<string, (key: string) => Promise<unknown>> = {
    'a load': (key) => cache.getOrSet(key, async () => 'row'),
    'a load with tags': (key) => cache.getOrSet(key, async () => 'row', { tags: () => ['tag'] }),
    set: (key) => cache.set(key, 'row'),
    put: (key) => cache.put(key, async () => 'row'),
  };
  for (const [name, write] of Object.entries(writes)) {
    it(`P28: ${name}: enters its L1 without a call, so three later reads are three hits that send Redis nothing`, async () => {
      // A stall of the event loop ends trust for a moment: then this is tried again, with another key.
      let tries = 0;
      await until(async () => {
        tries += 1;
        const key = `own:${tries}`;
        await write(key);
        await held(key);
        await client.config('RESETSTAT');
        const before = cache.stats().calls.l1;
        for (let read = 0; read < 3; read += 1) expect(await cache.getOrSet(key, none)).to.equal('row');
        const reads = /cmdstat_m?get:/.test(await client.info('commandstats'));
        return cache.stats().calls.l1 === before + 3 && !reads;
      });
    });
  }

  it('P28: what enters is what L2 holds: an entry that was removed meanwhile does not', async () => {
    await cache.set('own', 'row');
    await client.del(`own`);
    await cache.set('later', 'row');
    await held('later');
    expect(cache.peek('own')).to.equal(undefined);
    expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
  });

  it('P28: an entry above 16 KB is left to the first read', async () => {
    await cache.set('large', 'x'.repeat(17_000));
    await cache.set('small', 'x'.repeat(15_000));
    await held('small');
    expect(cache.peek('large')).to.equal(undefined);
  });

  it('P42: close ends what waits for a message or its turn', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => cache.set(`own:${i}`, i)));
    await cache.close();
    expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
  });
});
