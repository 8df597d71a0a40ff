import { expect } from 'chai';
import { ManualClock } from '../../support/manual-clock';
import { Gate, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';

describe('callers of one key at the same time', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();

  onBothTiers(({ where, redis }) => {
    const node = async () => nodes.node(await redis());

    it(`P14: ${where}: a thousand callers of a cold key cost one load and share its value`, async () => {
      const cache = await node();
      const row = new Gate<object>();
      const calls = Array.from({ length: 1000 }, () => cache.getOrSet(KEY, row.load));
      await row.started;
      row.end({ id: 42 });
      const values = await Promise.all(calls);
      expect(row.calls).to.equal(1);
      expect(new Set(values).size).to.equal(1);
      expect(cache.stats().calls).to.include({ total: 1000, loaded: 1, coalesced: 999 });
    });

    for (const [result, unless] of [
      ['is stored', () => false],
      ['may not be stored (unless)', () => true],
    ] as const) {
      it(`P14: ${where}: who calls while the load runs takes its result, which ${result}, if nothing was invalidated`, async () => {
        const cache = await node();
        const [row, other] = [new Gate<string>(), new Gate<string>()];
        const first = cache.getOrSet(KEY, row.load, { unless });
        await row.started;
        const second = cache.getOrSet(KEY, other.load, { unless });
        row.end('row');
        expect(await Promise.all([first, second])).to.deep.equal(['row', 'row']);
        expect(other.calls).to.equal(0);
        expect(cache.stats().calls).to.include({ loaded: 1, coalesced: 1 });
      });
    }

    it(`P14: ${where}: a hundred callers whose result may not be stored (unless) cost at most two loads`, async () => {
      const cache = await node();
      let loads = 0;
      const call = () =>
        cache.getOrSet(
          KEY,
          async () => {
            loads += 1;
            await new Promise((resolve) => setImmediate(resolve));
            return loads;
          },
          { unless: () => true },
        );
      const first = Array.from({ length: 50 }, call);
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([...first, ...Array.from({ length: 50 }, call)]);
      expect(loads).to.be.within(1, 2);
      expect(cache.peek(KEY)).to.equal(undefined);
    });

    it(`P14: ${where}: a hundred callers whose fill is rejected cost at most two loads`, async () => {
      const cache = await node();
      const old = new Gate<string>();
      let fresh = 0;
      const calls = [cache.getOrSet(KEY, old.load)];
      await old.started;
      for (let i = 0; i < 99; i += 1) {
        calls.push(
          cache.getOrSet(KEY, async () => {
            fresh += 1;
            return 'new row';
          }),
        );
      }
      await cache.delete(KEY);
      old.end('old row');
      const values = await Promise.all(calls);
      expect(values[0]).to.equal('old row');
      expect(new Set(values.slice(1))).to.deep.equal(new Set(['new row']));
      expect(fresh).to.equal(1);
    });

    it(`P15: ${where}: a loader that fails with 20 waiters is called once, and all get the same error`, async () => {
      const cache = await node();
      const row = new Gate<string>();
      const calls = Array.from({ length: 20 }, () => cache.getOrSet(KEY, row.load));
      await row.started;
      const error = new Error('database is away');
      row.fail(error);
      const reasons = (await Promise.allSettled(calls)).map((call) => (call as PromiseRejectedResult).reason);
      expect(row.calls).to.equal(1);
      expect(reasons.every((reason) => reason === error)).to.equal(true);
      expect(cache.stats().calls).to.include({ total: 20, failed: 20 });
    });

    it(`P15: ${where}: a failure is not remembered: the next caller loads`, async () => {
      const cache = await node();
      const failing = cache.getOrSet(KEY, () => Promise.reject(new Error('away')));
      expect(await failing.catch((error: Error) => error.message)).to.equal('away');
      expect(await cache.getOrSet(KEY, async () => 'row')).to.equal('row');
      expect(await cache.getOrSet(KEY, async () => 'other')).to.equal('row');
    });

    it(`P4: ${where}: undefined is handed out and never stored; null, false, 0 and '' are values`, async () => {
      const cache = await node();
      expect(await cache.getOrSet(KEY, async () => undefined)).to.equal(undefined);
      for (const value of [null, false, 0, '']) {
        await cache.delete(KEY);
        expect(await cache.getOrSet<unknown>(KEY, async () => value)).to.equal(value);
        expect(await cache.getOrSet<unknown>(KEY, async () => 'loaded again')).to.equal(value);
      }
    });
  });

  it('P16: without an L2: a load longer than maxLoad is neither waited for nor stored, and harms no newer value', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(undefined, {}, { clock });
    const hung = new Gate<string>();
    const first = cache.getOrSet(KEY, hung.load);
    await hung.started;
    clock.advance(30_000);
    expect(await cache.getOrSet(KEY, async () => 'row')).to.equal('row');
    hung.end('late row');
    expect(await first).to.equal('late row');
    expect(cache.peek(KEY)).to.equal('row');
  });

  it('P16: a call made inside a load waits a second for another load, any other call three', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(undefined, {}, { clock });
    const [hung, own] = [new Gate<string>(), new Gate<string>()];
    const first = cache.getOrSet('inner', hung.load);
    await hung.started;
    const inside = cache.getOrSet('outer', () => cache.getOrSet('inner', own.load));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    clock.advance(999);
    await turn();
    expect(own.calls).to.equal(0);
    clock.advance(1);
    await own.started;
    own.end('own row');
    expect(await inside).to.equal('own row');
    hung.end('row');
    expect(await first).to.equal('row');
    const [slow, outside] = [new Gate<string>(), new Gate<string>()];
    const running = cache.getOrSet('other', slow.load);
    await slow.started;
    const waiting = cache.getOrSet('other', outside.load);
    await turn();
    clock.advance(2_999);
    await turn();
    expect(outside.calls).to.equal(0);
    slow.end('row');
    expect(await Promise.all([running, waiting])).to.deep.equal(['row', 'row']);
  });

  it('P16: a loader that needs the key of a loader that needs its key: both end, neither is waited for in vain', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { l2: { lockWait: '60ms', nestedLockWait: '30ms' } });
    const a = () =>
      cache.getOrSet('a', async () => `a needs ${await cache.getOrSet('b', async () => 'b alone')}`);
    const b = () =>
      cache.getOrSet('b', async () => `b needs ${await cache.getOrSet('a', async () => 'a alone')}`);
    const [first, second] = await Promise.all([a(), b()]);
    expect(first).to.match(/^a needs b/);
    expect(second).to.match(/^b needs a/);
  });

  it('P16: callers whose patience ends share one more load instead of running one each', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(
      await sharedRedis(),
      { l2: { lockWait: '40ms', nestedLockWait: '30ms' } },
      { clock },
    );
    const [hung, row] = [new Gate<string>(), new Gate<string>()];
    const first = cache.getOrSet(KEY, hung.load);
    await hung.started;
    const others = Array.from({ length: 50 }, () => cache.getOrSet(KEY, row.load));
    await Promise.resolve();
    clock.advance(40);
    await row.started;
    row.end('row');
    expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['row']));
    expect(row.calls).to.equal(1);
    hung.end('late row');
    expect(await first).to.equal('late row');
  });

  it('a version that differs is a miss and shares nothing, so old and new code run side by side', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    const [one, two] = await Promise.all([
      cache.getOrSet(KEY, async () => 'shape 1', { version: 1 }),
      cache.getOrSet(KEY, async () => 'shape 2', { version: 2 }),
    ]);
    expect([one, two]).to.deep.equal(['shape 1', 'shape 2']);
  });
});
