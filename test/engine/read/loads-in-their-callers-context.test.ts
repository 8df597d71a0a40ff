import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { onBothTiers, useNodes } from '../../support/nodes';

const CALLERS = ['a', 'b', 'c'];

onBothTiers(({ where, redis }) => {
  describe(`the async context of a load, ${where}`, () => {
    const nodes = useNodes();
    const context = new AsyncLocalStorage<string>();
    let cache: TiercelCache;

    beforeEach(async () => {
      cache = await nodes.node(await redis());
      await cache.getOrSet('warm', async () => 1);
    });

    const seenBy = (read: (key: string) => Promise<unknown>) =>
      Promise.all(CALLERS.map((caller) => context.run(caller, () => read(`of:${caller}`))));

    const reads: Record<string, (key: string) => Promise<unknown>> = {
      getOrSet: (key) => cache.getOrSet(key, async () => context.getStore()),
      'getOrSet with tags': (key) => cache.getOrSet(key, async () => context.getStore(), { tags: ['t'] }),
      put: (key) => cache.put(key, async () => context.getStore()),
      getOrSetMany: async (key) =>
        (await cache.getOrSetMany([key], async () => ({ [key]: context.getStore() }))).get(key),
    };
    for (const [what, read] of Object.entries(reads)) {
      it(`is that of its own call, whoever shares the command that found nothing: ${what}`, async () => {
        expect(await seenBy(read)).to.deep.equal(CALLERS);
      });
    }
  });
});
