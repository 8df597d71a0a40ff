/** `ttl` as a function of what is stored: in decorators, calls, batches and strategies, in both tiers. */
import { expect } from 'chai';
import type { CacheEvents, TiercelCache } from '../../src';
import { ManualClock } from '../support/manual-clock';
import { inL1, onBothTiers, sharedRedis, useNodes } from '../support/nodes';
import { errorOf, loadFixture } from './both-modes';

const INVALID: readonly (readonly [ttl: unknown, code: string])[] = [
  [-1, 'TIERCEL_TTL'],
  [Number.NaN, 'TIERCEL_TTL'],
  [undefined, 'TIERCEL_TTL'],
  [null, 'TIERCEL_TTL'],
  [{ l1: 20, l2: 10 }, 'TIERCEL_TTL'],
  [() => 1, 'TIERCEL_TTL'],
  ['5 minutes', 'TIERCEL_UNKNOWN_PRESET'],
  ['none', 'TIERCEL_UNKNOWN_PRESET'],
];

for (const mode of ['legacy', 'standard'] as const) {
  describe(`ttl as a function of the result (${mode} decorators)`, () => {
    const { Rates } = loadFixture<typeof import('./fixtures/result-ttl')>('fixtures/result-ttl.ts', mode);
    const nodes = useNodes();
    let clock: ManualClock;
    let cache: TiercelCache;
    let faults: CacheEvents['error'][];

    beforeEach(async () => {
      clock = new ManualClock();
      cache = await nodes.node(
        undefined,
        { ttl: { short: 5, bad: 1 }, l1: { jitter: 0, defaultTTL: 60 } },
        { default: true, clock },
      );
      faults = [];
      cache.on('error', (fault) => faults.push(fault));
    });

    it('gives each entry the lifetime that its own result has, with the instance as this', async () => {
      const rates = new Rates();
      await rates.rate('a');
      await rates.rate('fixed');
      clock.advance(9_900);
      await rates.rate('a');
      expect(rates.loads).to.equal(2);
      clock.advance(200);
      await rates.rate('a');
      await rates.rate('fixed');
      expect(rates.loads).to.equal(3);
    });

    it('takes what a ttl may be: a preset, a duration, a time per tier; 0 stores nothing', async () => {
      const rates = new Rates();
      for (const ttl of ['short', '5s', { l1: 5 }]) {
        rates.loads = 0;
        rates.ttl = ttl;
        await cache.delete('rate:b');
        await rates.rate('b');
        clock.advance(4_900);
        await rates.rate('b');
        expect(rates.loads, JSON.stringify(ttl)).to.equal(1);
        clock.advance(200);
        await rates.rate('b');
        expect(rates.loads, JSON.stringify(ttl)).to.equal(2);
      }
      rates.ttl = 0;
      await rates.rate('c');
      expect(cache.peek('rate:c')).to.equal(undefined);
      expect(faults).to.deep.equal([]);
    });

    for (const [ttl, code] of INVALID) {
      it(`returns the value, does not store it and reports ${code} if the function returns ${String(ttl)}`, async () => {
        const rates = new Rates();
        rates.ttl = ttl;
        expect(await rates.rate('a')).to.deep.equal({ pair: 'a', load: 1 });
        expect(await rates.rate('a')).to.deep.equal({ pair: 'a', load: 2 });
        expect(
          faults.map(({ operation, error }) => [operation, (error as { code?: string }).code]),
        ).to.deep.equal([
          ['ttl', code],
          ['ttl', code],
        ]);
        expect(faults[0]?.method).to.equal('Rates.rate');
      });
    }

    it('leaves null to nullTtl', async () => {
      const rates = new Rates();
      await rates.maybe('none');
      clock.advance(49_000);
      await rates.maybe('none');
      expect(rates.loads).to.equal(1);
      clock.advance(2_000);
      await rates.maybe('none');
      expect(rates.loads).to.equal(2);
    });

    it('of @CachePut sees the result of the method; an invalid one invalidates the entry, since it is no longer true', async () => {
      const rates = new Rates();
      rates.ttl = 3;
      await rates.put('a');
      clock.advance(2_900);
      expect(cache.peek('rate:a')).to.deep.equal({ pair: 'a', load: 0 });
      clock.advance(200);
      expect(cache.peek('rate:a')).to.equal(undefined);
      rates.ttl = 10;
      await rates.rate('a');
      rates.ttl = -1;
      expect(await rates.put('a')).to.deep.equal({ pair: 'a', load: -1 });
      expect(cache.peek('rate:a')).to.equal(undefined);
      expect(faults.map(({ operation }) => operation)).to.deep.equal(['ttl']);
    });

    it('does not store a result whose key was invalidated during the load, whatever its lifetime', async () => {
      const rates = new Rates();
      rates.ttl = '1h';
      rates.onLoad = () => cache.delete('rate:a');
      await rates.rate('a');
      expect(cache.peek('rate:a')).to.equal(undefined);
    });

    it('is not known before a call: check() accepts it, and map() names no ttl', () => {
      const label = mode === 'legacy' ? 'Rates.rate' : 'rate';
      const findings = cache.check().filter(({ template }) => template === 'rate:<pair>');
      expect(findings.filter(({ level }) => level === 'error')).to.deep.equal([]);
      const entry = cache.map().templates.find(({ template }) => template === 'rate:<pair>');
      expect(entry?.readBy.some((reader) => reader.endsWith(label))).to.equal(true);
      expect(entry?.ttl).to.equal(null);
    });
  });
}

onBothTiers(({ where, hasL2, redis }) => {
  describe(`ttl as a function in calls (${where})`, () => {
    const nodes = useNodes();
    /** What is left of the key's lifetime in Redis, in whole seconds. */
    const leftOf = async (key: string): Promise<number> =>
      Math.round((await nodes.client(await sharedRedis()).pttl(key)) / 1_000);

    it('getOrSet, put, set and strategies give the value, batch forms the key as well', async () => {
      const cache = await nodes.node(await redis());
      const value = { ttl: 100 };
      const byValue = { ttl: ({ ttl }: typeof value) => ttl };
      await cache.getOrSet('a', async () => value, byValue);
      await cache.put('b', async () => value, byValue);
      await cache.set('c', value, byValue);
      const strategy = cache.strategy({ key: 's:<id>', ttl: (stored: typeof value) => stored.ttl + 1 });
      await strategy.getOrFetch({ id: 1 }, async () => value);
      await strategy.set({ id: 2 }, value);
      await cache.setMany([['d', value]], { ttl: (key, { ttl }) => (key === 'd' ? ttl + 2 : 1) });
      const many = await cache.getOrSetMany(
        ['e', 'f'],
        async (keys) => new Map(keys.map((key) => [key, value])),
        {
          ttl: (key, { ttl }) => (key === 'e' ? ttl + 3 : 0),
        },
      );
      expect([...many.keys()]).to.deep.equal(['e', 'f']);
      expect(await cache.get('f')).to.equal(undefined);
      for (const key of ['a', 'b', 'c', 's:1', 's:2', 'd', 'e']) {
        expect(await cache.get(key), key).to.deep.equal(value);
      }
      if (!hasL2) return;
      const left = await Promise.all(['a', 'b', 'c', 's:1', 's:2', 'd', 'e'].map(leftOf));
      expect(left).to.deep.equal([100, 100, 100, 101, 101, 102, 103]);
    });

    it("tiers: 'l1' keeps the value as long as the function says, up to an hour", async () => {
      const cache = await nodes.node(await redis(), { l1: { defaultTTL: 1 } });
      // A stall of the machine keeps a value out of L1, and the next read loads again.
      await inL1(cache, 'a', () => cache.getOrSet('a', async () => 'x', { tiers: 'l1', ttl: () => 500 }));
      expect(cache.peek('a')).to.equal('x');
      if (hasL2) expect(await leftOf('a')).to.equal(3_600);
    });

    it('calls that make a new function each time share one policy, so that nothing is compiled per call', async () => {
      const cache = await nodes.node(await redis());
      await cache.getOrSet('a', async () => 'x', { ttl: () => 0 });
      await cache.getOrSet('a', async () => 'y', { ttl: () => 100 });
      expect(await cache.getOrSet('a', async () => 'z', { ttl: () => 100 })).to.equal('y');
    });

    it('a fraction as refreshAhead is refused, since the ttl it is a fraction of is not known', async () => {
      const cache = await nodes.node(await redis());
      const call = () => cache.getOrSet('a', async () => 'x', { ttl: () => 100, refreshAhead: 0.8 });
      expect(await errorOf(call)).to.have.property('code', 'TIERCEL_REFRESH');
    });
  });
});
