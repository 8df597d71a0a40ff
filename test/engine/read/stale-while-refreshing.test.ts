import { expect } from 'chai';
import sinon from 'sinon';
import type { TiercelCache } from '../../../src/create';
import { Cacheable } from '../../../src/index';
import { ManualClock } from '../../support/manual-clock';
import { elapse, Gate, heard, inL1, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

describe('freshness without waiting', () => {
  const KEY = 'feed:7';
  const nodes = useNodes();
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });

  afterEach(() => {
    sinon.restore();
    return nodes.close();
  });

  const quiet = (cache: TiercelCache) => until(() => cache.state.fences === 0);

  onBothTiers(({ where, hasL2, redis }) => {
    const node = async () =>
      nodes.node(await redis(), { patterns: ['feed:*'], l1: { jitter: 0 } }, { clock });
    // A little more: Redis' clock is read in whole milliseconds.
    const pass = (ms: number, cache: TiercelCache) =>
      hasL2 ? elapse(clock, ms + 2, cache) : clock.advance(ms);
    const stale = { ttl: '300ms', staleFor: '1m' } as const;

    it(`P20: ${where}: an expired value is served at once, while one load runs, whose value is served then`, async () => {
      const cache = await node();
      await cache.getOrSet(KEY, async () => 'old', stale);
      await pass(300, cache);
      const refresh = new Gate<string>();
      const read = () => cache.getOrSet(KEY, refresh.load, stale);
      expect(await Promise.all([read(), read()])).to.deep.equal(['old', 'old']);
      await refresh.started;
      expect(await read()).to.equal('old');
      expect(refresh.calls).to.equal(1);
      refresh.end('new');
      await quiet(cache);
      expect(await read()).to.equal('new');
      expect(refresh.calls).to.equal(1);
      const { calls } = cache.stats();
      expect(calls.stale + calls.coalesced).to.equal(3);
      expect(calls.total).to.equal(5);
    });

    it(`P20: ${where}: without staleFor the next caller waits for the load (control)`, async () => {
      const cache = await node();
      await cache.getOrSet(KEY, async () => 'old', { ttl: '300ms' });
      await pass(300, cache);
      expect(await cache.getOrSet(KEY, async () => 'new', { ttl: '300ms' })).to.equal('new');
    });

    it(`P20: ${where}: while the load fails the expired value is served, and a second passes between attempts`, async () => {
      const cache = await node();
      const faults: unknown[] = [];
      cache.on('error', (event) => faults.push(event));
      await cache.getOrSet(KEY, async () => 'old', stale);
      await pass(300, cache);
      const fault = new Error('database away');
      const load = sinon.stub().rejects(fault);
      const read = () => cache.getOrSet(KEY, load, stale);
      for (const _ of [1, 2, 3]) {
        expect(await read()).to.equal('old');
        await quiet(cache);
      }
      expect(load.callCount).to.equal(1);
      expect(faults).to.deep.equal([{ operation: 'refresh', key: KEY, error: fault }]);
    });

    for (const [what, invalidate] of [
      ['its key', (cache: TiercelCache) => cache.delete(KEY)],
      ['its pattern', (cache: TiercelCache) => cache.invalidate('feed:*')],
      ['a tag', (cache: TiercelCache) => cache.invalidate({ tags: ['author:7'] })],
    ] as const) {
      it(`P20: ${where}: a value that was invalidated by ${what} is never served stale`, async () => {
        const cache = await node();
        await cache.getOrSet(KEY, async () => 'old', { ...stale, tags: ['author:7'] });
        await invalidate(cache);
        await pass(300, cache);
        expect(await cache.getOrSet(KEY, async () => 'new', stale)).to.equal('new');
      });

      it(`P20: ${where}: a refresh during which ${what} is invalidated stores nothing`, async () => {
        const cache = await node();
        const tagged = { ...stale, tags: ['author:7'] };
        await cache.getOrSet(KEY, async () => 'old', tagged);
        await pass(300, cache);
        const refresh = new Gate<string>();
        expect(await cache.getOrSet(KEY, refresh.load, tagged)).to.equal('old');
        await refresh.started;
        await invalidate(cache);
        refresh.end('read before the change');
        await quiet(cache);
        expect(await cache.get(KEY)).to.equal(undefined);
      });
    }

    it(`P20: ${where}: when staleFor is over, callers wait for the load`, async () => {
      const cache = await node();
      const short = { ttl: '300ms', staleFor: '200ms' } as const;
      await cache.getOrSet(KEY, async () => 'old', short);
      await pass(500, cache);
      expect(await cache.getOrSet(KEY, async () => 'new', short)).to.equal('new');
    });

    it(`P20: ${where}: within the soft timeout the new value is waited for`, async () => {
      const cache = await node();
      const soft = { ...stale, timeout: { soft: '100ms' } } as const;
      await cache.getOrSet(KEY, async () => 'old', soft);
      await pass(300, cache);
      const refresh = new Gate<string>();
      const first = cache.getOrSet(KEY, refresh.load, soft);
      await refresh.started;
      refresh.end('new');
      expect(await first).to.equal('new');
    });

    it(`P20: ${where}: after the soft timeout the expired value is served, and the load is stored when it ends`, async () => {
      const cache = await node();
      const soft = { ...stale, timeout: { soft: '100ms' } } as const;
      await cache.getOrSet(KEY, async () => 'old', soft);
      await pass(300, cache);
      const refresh = new Gate<string>();
      const first = cache.getOrSet(KEY, refresh.load, soft);
      await refresh.started;
      await pass(100, cache);
      expect(await first).to.equal('old');
      refresh.end('new');
      await quiet(cache);
      expect(await cache.get(KEY)).to.equal('new');
    });

    it(`P20: ${where}: after the hard timeout the call is rejected; its load goes on, and is stored`, async () => {
      const cache = await node();
      const hard = { timeout: { hard: '100ms' } } as const;
      const load = new Gate<string>();
      const call = cache.getOrSet(KEY, load.load, hard).catch((error: unknown) => error);
      await load.started;
      await pass(100, cache);
      expect(await call).to.include({ code: 'TIERCEL_LOAD_TIMEOUT' });
      load.end('row');
      await until(async () => (await cache.get(KEY)) === 'row');
      await quiet(cache);
    });

    it(`P20: ${where}: a load that fails after the hard timeout is nobody's failure`, async () => {
      const cache = await node();
      const load = new Gate<string>();
      const call = cache
        .getOrSet(KEY, load.load, { timeout: { hard: '100ms' } })
        .catch((error: unknown) => error);
      await load.started;
      await pass(100, cache);
      await call;
      load.fail(new Error('too late'));
      await quiet(cache);
    });

    it(`P20: ${where}: refreshAhead: past its fraction of the ttl a hit begins one load, and waits for none`, async () => {
      const cache = await node();
      const ahead = { ttl: '400ms', refreshAhead: 0.5 } as const;
      await inL1(cache, KEY, () => cache.getOrSet(KEY, async () => 'old', ahead));
      const refresh = new Gate<string>();
      const read = () => cache.getOrSet(KEY, refresh.load, ahead);
      expect(await read()).to.equal('old');
      expect(refresh.calls, 'before').to.equal(0);
      await pass(250, cache);
      expect(await Promise.all([read(), read()])).to.deep.equal(['old', 'old']);
      await refresh.started;
      refresh.end('new');
      await quiet(cache);
      await heard(cache);
      expect(await read()).to.equal('new');
      expect(refresh.calls).to.equal(1);
    });

    it(`P20: ${where}: xfetch: a hit refreshes by chance, the more likely the dearer the load was`, async () => {
      const cache = await node();
      const xfetch = { ttl: '1s', refreshAhead: 'xfetch' } as const;
      const dear = async () => {
        await pass(100, cache);
        return 'old';
      };
      await inL1(cache, KEY, () => cache.getOrSet(KEY, dear, xfetch));
      const refresh = new Gate<string>();
      const read = () => cache.getOrSet(KEY, refresh.load, xfetch);
      const random = sinon.stub(Math, 'random');
      // -100 ms * ln(0.01) = 461 ms before the end; at most 950 ms are left.
      random.returns(0.01);
      await pass(400, cache);
      expect(await read()).to.equal('old');
      expect(refresh.calls, 'too early').to.equal(0);
      await pass(250, cache);
      random.returns(0.9);
      expect(await read()).to.equal('old');
      expect(refresh.calls, 'not drawn').to.equal(0);
      random.returns(0.01);
      expect(await read()).to.equal('old');
      await refresh.started;
      refresh.end('new');
      await quiet(cache);
      expect(await cache.get(KEY)).to.equal('new');
    });
  });

  it('P20: of two processes one refreshes, and the other serves the expired value meanwhile', async () => {
    const server = await sharedRedis();
    const stale = { ttl: '300ms', staleFor: '1m' } as const;
    const caches = [await nodes.node(server, {}, { clock }), await nodes.node(server, {}, { clock })];
    await caches[0]!.getOrSet(KEY, async () => 'old', stale);
    await elapse(clock, 302, caches[0]!);
    const refresh = new Gate<string>();
    const read = (cache: TiercelCache) => cache.getOrSet(KEY, refresh.load, stale);
    expect(await Promise.all(caches.map(read))).to.deep.equal(['old', 'old']);
    await refresh.started;
    await Promise.all(caches.map((cache) => heard(cache)));
    expect(await Promise.all(caches.map(read))).to.deep.equal(['old', 'old']);
    expect(refresh.calls).to.equal(1);
    refresh.end('new');
    await Promise.all(caches.map(quiet));
    expect(await Promise.all(caches.map(read))).to.deep.equal(['new', 'new']);
    expect(refresh.calls).to.equal(1);
  });

  it('P20: a refresh that failed in one process is not tried again by another within a second', async () => {
    const server = await sharedRedis();
    const stale = { ttl: '300ms', staleFor: '1m' } as const;
    const [first, second] = [
      await nodes.node(server, {}, { clock }),
      await nodes.node(server, {}, { clock }),
    ];
    await first.getOrSet(KEY, async () => 'old', stale);
    await elapse(clock, 302, first);
    expect(await first.getOrSet(KEY, () => Promise.reject(new Error('away')), stale)).to.equal('old');
    await quiet(first);
    const load = sinon.stub().resolves('new');
    expect(await second.getOrSet(KEY, load, stale)).to.equal('old');
    await quiet(second);
    expect(load.callCount).to.equal(0);
  });

  it('P20: is written on methods', async () => {
    const cache = await nodes.node(undefined, { l1: { jitter: 0 } }, { clock });
    let calls = 0;
    class Feeds {
      @Cacheable('feed:<id>', { cache, ttl: '300ms', staleFor: '1m', timeout: { soft: '50ms', hard: '1s' } })
      async feed(id: string): Promise<string> {
        calls += 1;
        return `${id}: ${calls}`;
      }
    }
    const feeds = new Feeds();
    expect(await feeds.feed('7')).to.equal('7: 1');
    clock.advance(300);
    expect(await feeds.feed('7')).to.equal('7: 2');
  });

  it('refuses options that cannot be meant', async () => {
    const cache = await nodes.node(await sharedRedis());
    for (const [options, code] of [
      [{ staleFor: '1m', tiers: 'l1' }, 'TIERCEL_REFRESH'],
      [{ refreshAhead: 'xfetch', tiers: 'l1' }, 'TIERCEL_REFRESH'],
      [{ refreshAhead: 1 }, 'TIERCEL_REFRESH'],
      [{ refreshAhead: 'always' }, 'TIERCEL_REFRESH'],
      [{ timeout: { soft: '2s', hard: '1s' } }, 'TIERCEL_REFRESH'],
      [{ timeout: { sofd: '2s' } }, 'TIERCEL_REFRESH'],
      [{ timeout: '2s' }, 'TIERCEL_REFRESH'],
      [{ timeout: { hard: 2 } }, 'TIERCEL_DURATION'],
      [{ staleFor: 'long' }, 'TIERCEL_DURATION'],
    ] as const) {
      const error: unknown = await cache
        .getOrSet(KEY, async () => 'row', options as object)
        .catch((reason: unknown) => reason);
      expect(error, JSON.stringify(options)).to.include({ code });
    }
  });
});
