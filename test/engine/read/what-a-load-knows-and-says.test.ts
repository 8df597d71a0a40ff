/** What a loader is given, and what becomes of what it says: in both tiers, under invalidations, and when nobody waits. */
import { expect } from 'chai';
import type { LoadContext, TiercelCache } from '../../../src';
import { errorOf, loadFixture } from '../../decorators/both-modes';
import { ManualClock } from '../../support/manual-clock';
import { elapse, Gate, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

/** A loader that says something of its load. */
const says =
  <V>(say: (load: LoadContext) => unknown, value: V) =>
  (load: LoadContext): V => {
    say(load);
    return value;
  };

/** A loader that keeps what is there, and writes down its meta. */
const keeps =
  (metas: unknown[]) =>
  ({ stale, keep }: LoadContext): unknown => {
    metas.push(stale?.meta);
    return keep();
  };

const STALE = { ttl: '300ms', staleFor: '1h' } as const;

onBothTiers(({ where, hasL2, redis }) => {
  describe(`a load (${where})`, () => {
    const nodes = useNodes();
    let clock: ManualClock;
    const node = async (options: object = {}): Promise<TiercelCache> => {
      clock = new ManualClock();
      return nodes.node(await redis(), { l1: { jitter: 0 } }, { clock, ...options });
    };
    const pass = (ms: number, cache: TiercelCache) =>
      hasL2 ? elapse(clock, ms + 2, cache) : clock.advance(ms);
    const quiet = (cache: TiercelCache) => until(() => cache.state.fences === 0);

    for (const mode of ['legacy', 'standard'] as const) {
      it(`P20: keeps what its source says has not changed, so that 100 expirations fetch one body (${mode} decorators)`, async () => {
        const { Source } = loadFixture<typeof import('../../decorators/fixtures/conditional')>(
          'fixtures/conditional.ts',
          mode,
        );
        const source = new Source();
        const cache = await node({ default: true });
        for (let request = 0; request < 100; request += 1) {
          expect(await source.document('1')).to.deep.equal({ id: '1', etag: 'v1' });
          await quiet(cache);
          await pass(300, cache);
        }
        expect([source.requests, source.bodies]).to.deep.equal([100, 1]);
        source.etag = 'v2';
        await source.document('1');
        await quiet(cache);
        expect((await source.document('1')).etag).to.equal('v2');
        expect(source.bodies).to.equal(2);
        expect(await source.bare()).to.equal(true);
      });
    }

    it('is given the stale value with its age and meta, and nothing if it refreshes nothing', async () => {
      const cache = await node();
      const seen: unknown[] = [];
      const load = (version: number) => (load: LoadContext) => {
        seen.push(
          load.stale && { value: load.stale.value, meta: load.stale.meta, old: load.stale.ageMs >= 300 },
        );
        load.meta({ version });
        return version;
      };
      await cache.getOrSet('k', load(1), STALE);
      await pass(300, cache);
      expect(await cache.getOrSet('k', load(2), STALE)).to.equal(1);
      await quiet(cache);
      await cache.delete('k');
      await cache.getOrSet('k', load(3), STALE);
      expect(seen).to.deep.equal([undefined, { value: 1, meta: { version: 1 }, old: true }, undefined]);
    });

    it('P20: a value that is invalidated while it is kept is not stored again', async () => {
      const cache = await node();
      for (const invalidate of [
        () => cache.delete('k'),
        () => cache.invalidate({ tags: ['t'] }),
        () => cache.clear(),
      ]) {
        await cache.getOrSet(
          'k',
          says(({ tag }) => tag('t'), 'old'),
          STALE,
        );
        await pass(300, cache);
        const kept = new Gate<void>();
        const refresh = async ({ keep }: LoadContext) => {
          await kept.load();
          return keep();
        };
        expect(await cache.getOrSet('k', refresh, STALE)).to.equal('old');
        await kept.started;
        await invalidate();
        kept.end(undefined);
        await quiet(cache);
        expect(await cache.getOrSet('k', () => 'new', STALE)).to.equal('new');
        await cache.delete('k');
      }
    });

    it('renews lifetime, tags and meta of what it keeps, so that an invalidation still reaches it', async () => {
      const cache = await node();
      await cache.getOrSet(
        'k',
        says(({ tag, meta }) => [tag('t'), meta('m')], 'old'),
        STALE,
      );
      for (let round = 0; round < 3; round += 1) {
        await pass(300, cache);
        const metas: unknown[] = [];
        await cache.getOrSet('k', keeps(metas), STALE);
        await quiet(cache);
        expect(metas).to.deep.equal(['m']);
        expect(await cache.getOrSet('k', () => 'new', STALE)).to.equal('old');
      }
      await cache.invalidate({ tags: ['t'] });
      expect(await cache.getOrSet('k', () => 'new', STALE)).to.equal('new');
    });

    it('that skips is returned and not stored; its tags invalidate what it stores', async () => {
      const cache = await node();
      expect(
        await cache.getOrSet(
          'k',
          says(({ skip }) => skip(), 1),
        ),
      ).to.equal(1);
      expect(
        await cache.getOrSet(
          'k',
          says(({ tag }) => tag('a', 'b:c'), 2),
        ),
      ).to.equal(2);
      expect(await cache.getOrSet('k', () => 3)).to.equal(2);
      await cache.invalidate({ tags: ['b:c'] });
      expect(await cache.getOrSet('k', () => 4)).to.equal(4);
    });

    it('cannot keep what is not there, nor carry a meta that JSON cannot', async () => {
      const cache = await node();
      const error = await errorOf(() => cache.getOrSet('k', ({ keep }) => keep()));
      expect(error.code).to.equal('TIERCEL_LOAD_CONTEXT');
      if (!hasL2) return;
      const faults: unknown[] = [];
      cache.on('error', ({ operation }) => faults.push(operation));
      expect(
        await cache.getOrSet(
          'k',
          says(({ meta }) => meta(1n), 1),
        ),
      ).to.equal(1);
      expect(faults).to.deep.equal(['serialize']);
    });

    it('is signalled once no caller waits: after the last hard timeout, and not before', async () => {
      const cache = await node();
      const load = new Gate<number>();
      let signal: AbortSignal | undefined;
      const read = (hard: string) =>
        cache.getOrSet(
          'k',
          (context) => {
            signal = context.signal;
            return load.load();
          },
          { timeout: { hard: hard as '1s' } },
        );
      const first = errorOf(() => read('1s'));
      await load.started;
      const second = errorOf(() => read('3s'));
      await until(() => cache.stats().methods['getOrSet']?.stampedes === 1);
      clock.advance(1_001);
      expect((await first).code).to.equal('TIERCEL_LOAD_TIMEOUT');
      expect(signal?.aborted).to.equal(false);
      clock.advance(2_000);
      await second;
      expect(signal?.aborted).to.equal(true);
      load.end(1);
      await quiet(cache);
    });

    it('is signalled when it is abandoned: after load.max, and at close', async () => {
      for (const end of [() => clock.advance(61_000), (cache: TiercelCache) => void cache.close()]) {
        const cache = await node();
        const load = new Gate<number>();
        let signal: AbortSignal | undefined;
        const reading = cache.getOrSet('k', (context) => {
          signal = context.signal;
          return load.load();
        });
        await load.started;
        expect(signal?.aborted).to.equal(false);
        end(cache);
        await until(() => signal?.aborted === true);
        load.end(1);
        expect(await reading).to.equal(1);
      }
    });

    it('that runs past the cache is given a context without effect', async () => {
      const cache = await node();
      const load = ({ signal, stale, skip, tag, meta }: LoadContext) => {
        skip();
        tag('t');
        meta(1);
        return !signal.aborted && stale === undefined;
      };
      expect(await cache.getOrSet('k', load, { ttl: 0 })).to.equal(true);
      expect(await cache.defer(() => cache.getOrSet('k', load))).to.equal(true);
      expect(await cache.getOrSet(['k:<a>', { a: {} }], load)).to.equal(true);
      cache.disable();
      expect(await cache.getOrSet('k', load)).to.equal(true);
      const strategy = cache.strategy({ key: 'k:<id>' });
      expect(await strategy.getOrFetch({ id: 1 }, load)).to.equal(true);
    });
  });
});

describe('what a load has said in another process', () => {
  const nodes = useNodes();

  it('is told to the load that refreshes its entry, and a plain read finds the value', async () => {
    const clock = new ManualClock();
    const server = await sharedRedis();
    const [one, other] = [
      await nodes.node(server, {}, { clock }),
      await nodes.node(server, { serializer: 'json' }, { clock }),
    ];
    await one.getOrSet(
      'k',
      says(({ meta }) => meta({ etag: 'a\nb' }), { id: 1 }),
      STALE,
    );
    expect(await other.get('k')).to.deep.equal({ id: 1 });
    await elapse(clock, 302, other);
    const told: unknown[] = [];
    await other.getOrSet('k', keeps(told), STALE);
    await until(() => other.state.fences === 0);
    expect(told).to.deep.equal([{ etag: 'a\nb' }]);
  });
});
