import { expect } from 'chai';
import { ManualClock } from '../../support/manual-clock';
import { Gate, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { longerThan, until } from '../../support/pace';

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

  it('P16: without an L2: a load longer than load.max is neither waited for nor stored, and harms no newer value', async () => {
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

  describe('P16: a load that takes longer than a call inside a load may wait', () => {
    const config = { load: { wait: '20ms' } } as const;

    onBothTiers(({ where, redis }) => {
      it(`${where}: runs once, however many wait for it: none of a thousand callers loads as well`, async () => {
        const cache = await nodes.node(await redis(), config);
        const row = new Gate<string>();
        const calls = Array.from({ length: 1_000 }, () => cache.getOrSet(KEY, row.load));
        await row.started;
        await longerThan(200);
        row.end('row');
        expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['row']));
        expect(row.calls).to.equal(1);
        expect(cache.stats().calls).to.include({ loaded: 1, coalesced: 999 });
      });

      it(`${where}: runs twice if its key is invalidated meanwhile: those who wait share the second load`, async () => {
        const cache = await nodes.node(await redis(), config);
        const [old, row] = [new Gate<string>(), new Gate<string>()];
        const first = cache.getOrSet(KEY, old.load);
        await old.started;
        const others = Array.from({ length: 1_000 }, () => cache.getOrSet(KEY, row.load));
        await cache.delete(KEY);
        await longerThan(50);
        old.end('old row');
        await row.started;
        await longerThan(50);
        row.end('row');
        expect(await first).to.equal('old row');
        expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['row']));
        expect([old.calls, row.calls]).to.deep.equal([1, 1]);
      });

      it(`${where}: runs again for a call inside another load, since that may be part of a cycle; all such calls share it`, async () => {
        const cache = await nodes.node(await redis(), config);
        const [slow, nested] = [new Gate<string>(), new Gate<string>()];
        const first = cache.getOrSet('inner', slow.load);
        await slow.started;
        const outer = Array.from({ length: 100 }, (_, index) =>
          cache.getOrSet(`outer:${index}`, async () => {
            await Promise.resolve();
            return cache.getOrSet('inner', nested.load);
          }),
        );
        const outside = cache.getOrSet('inner', slow.load);
        await nested.started;
        nested.end('nested row');
        expect(new Set(await Promise.all(outer))).to.deep.equal(new Set(['nested row']));
        expect(nested.calls).to.be.within(1, 3);
        // Those who wait take the first result that was loaded after their call.
        expect(await outside).to.equal('nested row');
        slow.end('row');
        expect(await first).to.equal('row');
        expect(slow.calls).to.equal(1);
      });
    });

    it('and never ends runs once per load.max, however many wait for it', async () => {
      const clock = new ManualClock();
      const cache = await nodes.node(undefined, {}, { clock });
      const row = new Gate<string>();
      const calls = Array.from({ length: 100 }, () => cache.getOrSet(KEY, row.load));
      for (let seconds = 1; seconds <= 95; seconds += 1) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(row.calls).to.equal(4);
      row.end('row');
      expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['row']));
    });

    it('is not waited for by a call that finds its value in L1 after a bounded wait', async () => {
      const cache = await nodes.node(undefined);
      const [slow, never] = [new Gate<string>(), new Gate<string>()];
      const first = cache.getOrSet('inner', slow.load);
      await slow.started;
      const outer = cache.getOrSet('outer', async () => {
        await cache.set('inner', 'stored meanwhile');
        return cache.getOrSet('inner', never.load);
      });
      expect(await outer).to.equal('stored meanwhile');
      slow.end('row');
      await first;
      expect(never.calls).to.equal(0);
    });
  });

  it('P16: a loader that needs the key of a loader that needs its key: both end, neither is waited for in vain', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis, { load: { wait: '30ms' } });
    const a = () =>
      cache.getOrSet('a', async () => `a needs ${await cache.getOrSet('b', async () => 'b alone')}`);
    const b = () =>
      cache.getOrSet('b', async () => `b needs ${await cache.getOrSet('a', async () => 'a alone')}`);
    const [first, second] = await Promise.all([a(), b()]);
    expect(first).to.match(/^a needs b/);
    expect(second).to.match(/^b needs a/);
  });

  onBothTiers(({ where, redis }) => {
    it(`P15: ${where}: a first caller that aborts its load fails alone: those who joined load once more, together`, async () => {
      const cache = await nodes.node(await redis());
      const controller = new AbortController();
      const [row, started] = [new Gate<string>(), new Gate<void>()];
      const first = cache
        .getOrSet(KEY, () => {
          started.end();
          return new Promise<string>((_, reject) => {
            controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
          });
        })
        .catch((error: Error) => error.name);
      await started.load();
      const others = Array.from({ length: 50 }, () => cache.getOrSet(KEY, row.load));
      controller.abort();
      expect(await first).to.equal('AbortError');
      row.end('row');
      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['row']));
      expect(row.calls).to.equal(1);
    });

    it(`P15: ${where}: a load that aborts each time fails those who joined after their second load`, async () => {
      const cache = await nodes.node(await redis());
      const row = new Gate<string>();
      const calls = Array.from({ length: 50 }, () =>
        cache.getOrSet(KEY, row.load).catch((error: Error) => error.name),
      );
      await row.started;
      row.fail(new DOMException('aborted', 'AbortError'));
      expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['AbortError']));
      expect(row.calls).to.equal(2);
    });

    it(`P20: ${where}: a load that hangs beyond timeout.hard keeps nobody from a value: the next call loads, and that is stored`, async () => {
      const cache = await nodes.node(await redis());
      const within = (hard: '50ms' | '2s') => ({ timeout: { hard } });
      const [hung, row] = [new Gate<string>(), new Gate<string>()];
      row.end('row');
      const first = cache
        .getOrSet(KEY, hung.load, within('50ms'))
        .catch((error: { code?: string }) => error.code);
      expect(await first).to.equal('TIERCEL_LOAD_TIMEOUT');
      for (let call = 0; call < 20; call += 1) {
        expect(await cache.getOrSet(KEY, row.load, within('2s'))).to.equal('row');
      }
      expect(row.calls).to.equal(1);
      expect(await cache.get(KEY)).to.equal('row');
      hung.end('late row');
      await until(() => cache.state.flights === 0);
    });
  });

  it('P20: calls that timeout.hard has rejected load nothing any more: a loader that never ends runs twice, not once per call', async () => {
    const clock = new ManualClock();
    const cache = await nodes.node(undefined, {}, { clock });
    const row = new Gate<string>();
    const calls = Array.from({ length: 100 }, () =>
      cache
        .getOrSet(KEY, row.load, { timeout: { hard: '1s' } })
        .catch((error: { code?: string }) => error.code),
    );
    for (let seconds = 1; seconds <= 95; seconds += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['TIERCEL_LOAD_TIMEOUT']));
    expect(row.calls).to.be.within(1, 2);
    row.end('row');
    await until(() => cache.state.flights === 0);
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
