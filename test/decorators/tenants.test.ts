import { expect } from 'chai';
import fc from 'fast-check';
import type { TiercelCache } from '../../src/create';
import { cached } from '../../src/decorators/cached';
import { clearDefaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { hostileText } from '../keys/hostile-text';
import { onBothTiers, useNodes } from '../support/nodes';
import { errorOf, loadFixture } from './both-modes';

const CONFIG = {
  events: { 'tenants.changed': ['tenants:<ctx.tenant>:*'] },
  requireContext: ['tenant'],
};

for (const mode of ['legacy', 'standard'] as const) {
  const { Rows, store } = loadFixture<typeof import('./fixtures/tenants')>('fixtures/tenants.ts', mode);

  onBothTiers(({ where, redis }) => {
    describe(`the tenants of a cache, ${where} (${mode} decorators)`, () => {
      const nodes = useNodes();
      let cache: TiercelCache;
      let rows: InstanceType<typeof Rows>;
      const as = <T>(tenant: unknown, run: () => T): T => store.run({ tenant }, run);

      beforeEach(async () => {
        cache = await nodes.node(await redis(), { ...CONFIG, context: () => store.getStore() });
        setDefaultCache(cache);
        rows = new Rows();
      });
      afterEach(() => clearDefaultCache(cache));

      it('have entries of their own, whatever their names', async () => {
        const strategy = cache.strategy({ key: 'tenants-own:<ctx.tenant>:<id>', ttl: 60 });
        const owned = async () => ({ owner: store.getStore()?.tenant });
        const key = ['tenants-hand:<ctx.tenant>:<id>', { id: '1', ctx: { tenant: 'forged' } }] as const;
        const reads: ((tenant: string) => Promise<unknown>)[] = [
          () => rows.row('1'),
          async () => (await rows.rows(['1', '2']))[1],
          async () => (await rows.rows(['2', '1']))[0],
          () => cached(rows, 'rows').one('3'),
          () => rows.stale('1'),
          () => rows.stale('1'),
          () => rows.put('1'),
          () => rows.create('4'),
          () => rows.row('4'),
          () => strategy.getOrFetch({ id: '1' }, owned),
          () => cache.getOrSet(key, owned),
          () => cache.get(key).then((found) => found ?? owned()),
          async () => [...(await cache.getOrSetMany([key], manyOf(owned))).values()][0],
          async () => [...(await cache.getMany([key])).values()][0] ?? owned(),
        ];
        await fc.assert(
          fc.asyncProperty(fc.uniqueArray(hostileText(), { minLength: 2, maxLength: 4 }), async (tenants) => {
            for (const read of reads) {
              const found = await Promise.all(tenants.map((tenant) => as(tenant, () => read(tenant))));
              expect(found.map((row) => (row as { owner: unknown }).owner)).to.deep.equal(tenants);
            }
          }),
          { numRuns: 15 },
        );
      });

      it('lose nothing by the invalidations of others', async () => {
        const changes: Record<string, () => Promise<unknown>> = {
          pattern: () => rows.touchAll(),
          key: () => rows.touch('1'),
          tag: () => rows.touchByTag(),
          event: () => rows.touchByEvent(),
          emit: () => cache.emit('tenants.changed' as never, {} as never),
          'pattern by hand': () => cache.invalidate('tenants:<ctx.tenant>:*'),
          'tag by hand': () => cache.invalidate({ tags: [['tenants-tag:<ctx.tenant>', {}]] }),
          around: () => cache.around(['tenants:<ctx.tenant>:*'], async () => undefined),
        };
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(hostileText(), { minLength: 2, maxLength: 2 }),
            fc.constantFrom(...Object.keys(changes)),
            async ([one, other], what) => {
              await cache.clear();
              for (const tenant of [one, other]) await as(tenant, () => rows.row('1'));
              await as(one, changes[what]!);
              rows.loads.length = 0;
              for (const tenant of [one, other]) await as(tenant, () => rows.row('1'));
              expect(rows.loads).to.deep.equal([one]);
            },
          ),
          { numRuns: 30 },
        );
      });

      it('are asked for: a call without one is rejected, and widens nothing', async () => {
        await as('a', () => rows.row('1'));
        const calls: (() => unknown)[] = [
          () => rows.row('1'),
          () => rows.rows(['1']),
          () => rows.put('1'),
          () => rows.touchAll(),
          () => rows.touchByTag(),
          () => rows.touchByEvent(),
          () => cache.invalidate('tenants:<ctx.tenant>:*'),
          () => cache.getOrSet(['tenants:<ctx.tenant>:1', { ctx: { tenant: 'a' } }], async () => 1),
        ];
        for (const call of calls) {
          for (const run of [call, () => as(undefined, call), () => as(null, call)]) {
            expect(await errorOf(run)).to.have.property('code', 'TIERCEL_MISSING_VALUE');
          }
        }
        rows.loads.length = 0;
        await as('a', () => rows.row('1'));
        expect(rows.loads).to.deep.equal([]);
      });

      it('are required: a cached template without them rejects, unless it is shared', async () => {
        expect(await as('a', () => rows.common('1'))).to.equal('1');
        for (const call of [() => rows.forgotten('1'), () => rows.computed('1')]) {
          const errors = [await errorOf(() => as('a', call)), await errorOf(call)];
          for (const error of errors) expect(error).to.have.property('code', 'TIERCEL_CONTEXT_REQUIRED');
        }
        expect(await errorOf(() => cache.strategy({ key: 'tenants-own:<id>' }))).to.have.property(
          'code',
          'TIERCEL_CONTEXT_REQUIRED',
        );
        cache.strategy({ key: 'tenants-own:<id>', shared: true });
        const missing = cache
          .check()
          .filter(({ code, method }) => code === 'context-missing' && method?.startsWith('Rows.'));
        expect(missing.map(({ level, template }) => [level, template])).to.deep.include([
          'error',
          'tenants-forgotten:<id>',
        ]);
        expect(missing.map(({ template }) => template)).not.to.include('tenants-common:<id>');
      });
    });
  });
}

const manyOf = (load: () => Promise<unknown>) => async (keys: string[]) =>
  new Map(await Promise.all(keys.map(async (key) => [key, await load()] as const)));
