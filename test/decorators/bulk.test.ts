import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { cached } from '../../src/decorators/cached';
import { withoutCache } from '../../src/engine/runtime/bypass';
import { clearDefaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { onBothTiers, sharedRedis, useNodes } from '../support/nodes';
import { errorOf, loadFixture } from './both-modes';

const named = (...ids: unknown[]) => ids.map((id) => ({ id: String(id), name: `row ${id}` }));

for (const mode of ['legacy', 'standard'] as const) {
  const { Rows, Source, Named } = loadFixture<typeof import('./fixtures/bulk')>('fixtures/bulk.ts', mode);

  onBothTiers(({ where, hasL2, redis }) => {
    describe(`bulk methods, ${where} (${mode} decorators)`, () => {
      const nodes = useNodes();
      let cache: TiercelCache;
      let source: InstanceType<typeof Source>;
      let rows: InstanceType<typeof Rows>;

      beforeEach(async () => {
        cache = await nodes.node(await redis());
        setDefaultCache(cache);
        source = new Source();
        rows = new Rows(source);
      });
      afterEach(() => clearDefaultCache(cache));

      it('run once, with the elements that have no entry, and answer in the order of the list', async () => {
        expect(await rows.users(['1', '2'])).to.deep.equal(named(1, 2));
        expect(await rows.users(['3', '2', '1', '3'])).to.deep.equal(named(3, 2, 1, 3));
        expect(source.calls).to.deep.equal([['1', '2'], ['3']]);
      });

      it('share their entries with the method of one element', async () => {
        await rows.users(['1', '2']);
        expect(await rows.user('1')).to.deep.equal(named(1)[0]);
        await rows.user('3');
        expect(await rows.users(['3', '2'])).to.deep.equal(named(3, 2));
        expect(source.calls).to.deep.equal([['1', '2'], ['3']]);
      });

      it('do not run for an empty list', async () => {
        expect(await rows.users([])).to.deep.equal([]);
        expect(await rows.map()).to.deep.equal(new Map());
        expect(await rows.record([])).to.deep.equal({});
        expect(source.calls).to.deep.equal([]);
      });

      it('leave out what the method leaves out, and ask for it again', async () => {
        source.absent.add('2');
        expect(await rows.users(['1', '2', '3'])).to.deep.equal(named(1, 3));
        expect(await rows.users(['1', '2', '3'])).to.deep.equal(named(1, 3));
        expect(await rows.aligned(['1', '2', '3', '2'])).to.deep.equal([
          named(1)[0],
          undefined,
          named(3)[0],
          undefined,
        ]);
        expect(source.calls).to.deep.equal([['1', '2', '3'], ['2'], ['1', '2', '3']]);
      });

      it('give a map or a record, with what identifies an element as its keys', async () => {
        source.absent.add('x');
        for (let call = 0; call < 2; call += 1) {
          expect([...(await rows.map('2', '__proto__', '2'))]).to.deep.equal([
            ['2', named(2)[0]],
            ['__proto__', named('__proto__')[0]],
          ]);
          const record = await rows.record(['2', 'x', '__proto__']);
          expect(Object.entries(record)).to.deep.equal([
            ['2', named(2)[0]],
            ['__proto__', named('__proto__')[0]],
          ]);
        }
        expect(source.calls).to.deep.equal([['2', '__proto__'], ['2', 'x', '__proto__'], ['x']]);
      });

      it('find elements by a property of theirs, numbers and strings alike', async () => {
        expect(await rows.orders([{ id: 2 }, { id: 1 }])).to.deep.equal(named(2, 1));
        expect(await rows.orders([{ id: 1 }, { id: 3 }])).to.deep.equal(named(1, 3));
        expect(source.calls).to.deep.equal([[2, 1], [3]]);
      });

      it('reject with a code if the result is shorter than the list or of another kind, and store nothing', async () => {
        for (const call of [() => rows.short(['1', '2']), () => rows.wrong(['1', '2'])]) {
          expect(await errorOf(call)).to.have.property('code', 'TIERCEL_BULK_RESULT');
          expect(await errorOf(call)).to.have.property('code', 'TIERCEL_BULK_RESULT');
        }
        expect(source.calls).to.have.lengthOf(4);
      });

      it('reject if an element is missing, and run uncached if one cannot be part of a key', async () => {
        expect(await errorOf(() => rows.users(['1', null as never]))).to.have.property(
          'code',
          'TIERCEL_MISSING_VALUE',
        );
        expect(source.calls).to.deep.equal([]);
        const faults: unknown[] = [];
        cache.on('error', ({ operation }) => faults.push(operation));
        await rows.users([{} as never]);
        expect(source.calls).to.have.lengthOf(1);
        expect(faults).to.deep.equal(['render']);
      });

      it('store each item by its own ttl, unless it is unwanted', async () => {
        for (let call = 0; call < 2; call += 1) await rows.users(['brief', 'unwanted', '1']);
        expect(source.calls).to.deep.equal([
          ['brief', 'unwanted', '1'],
          ['brief', 'unwanted'],
        ]);
      });

      it('are invalidated element by element, by key and by tag', async () => {
        await rows.users(['1', '2', '3']);
        await rows.touch(['1', {} as never]);
        await rows.touchByTag(['2']);
        await cache.invalidate({ tags: [['bulk-name:<name>', { name: 'row 3' }]] });
        await rows.users(['1', '2', '3']);
        expect(source.calls).to.deep.equal([
          ['1', '2', '3'],
          ['1', '2', '3'],
        ]);
      });

      it('P18: neither store nor share an element that is invalidated while they load', async () => {
        const other = hasL2 ? await nodes.node(await redis()) : cache;
        source.onCall = async () => {
          if (source.calls.length === 1) await other.delete('bulk:t:2');
        };
        expect(await rows.users(['1', '2'])).to.deep.equal(named(1, 2));
        await rows.users(['1', '2']);
        expect(source.calls).to.deep.equal([['1', '2'], ['2']]);
      });

      it('P14: join loads under way, so that simultaneous callers load each element once', async () => {
        const lists = [
          ['1', '2'],
          ['2', '3'],
          ['3', '1'],
          ['1', '2', '3'],
        ];
        const results = await Promise.all(lists.map((ids) => rows.users(ids)));
        expect(results).to.deep.equal(lists.map((ids) => named(...ids)));
        expect(source.calls.flat().sort()).to.deep.equal(['1', '2', '3']);
      });

      it('P19: do not wait for themselves if an override calls its super method', async () => {
        expect(await new Named(source).users(['1', '2'])).to.deep.equal(named(1, 2));
        expect(source.calls).to.deep.equal([['1', '2']]);
      });

      it('run past a cache that is off, with the list as it is', async () => {
        await withoutCache(() => rows.users(['1', '1']));
        expect(source.calls).to.deep.equal([['1', '1']]);
      });

      it('count each element as a call', async () => {
        await rows.users(['1', '2']);
        expect(cache.stats().calls.loaded).to.equal(2);
      });

      describe('read one by one', () => {
        it('answer a hundred resolvers of one turn with one call of the method', async () => {
          const ids = Array.from({ length: 100 }, (_, index) => String(index % 50));
          const found = await Promise.all(ids.map((id) => cached(rows, 'users').one(id)));
          expect(found).to.deep.equal(named(...ids));
          expect(source.calls).to.have.lengthOf(1);
          expect(source.calls[0]).to.have.lengthOf(50);
          source.absent.add('x');
          expect(await cached(rows, 'users').one('x')).to.equal(undefined);
          expect(await cached(rows, 'aligned').one('x')).to.equal(undefined);
          expect(await cached(rows, 'map').one('7')).to.deep.equal(named(7)[0]);
        });

        it('share no call with another instance or other arguments, nor out of a scope', async () => {
          const other = new Rows(source, 'u');
          await Promise.all([
            cached(rows, 'users').one('1'),
            cached(rows, 'users').one('1', 'de'),
            cached(other, 'users').one('1'),
            withoutCache(() => cached(rows, 'users').one('1')),
          ]);
          expect(source.calls).to.have.lengthOf(3);
        });

        it('fail together if the method fails, and alone if the element is missing', async () => {
          source.onCall = () => Promise.reject(new Error('no database'));
          const one = (id: unknown) => errorOf(() => cached(rows, 'users').one(id as string));
          const [first, second, missing] = await Promise.all([one('1'), one('2'), one(undefined)]);
          expect([first.message, second.message]).to.deep.equal(['no database', 'no database']);
          expect(missing).to.have.property('code', 'TIERCEL_MISSING_VALUE');
        });

        it('are refused of a method that is not a bulk method', async () => {
          expect(await errorOf(() => cached(rows, 'user').one('1'))).to.have.property(
            'code',
            'TIERCEL_NOT_CACHEABLE',
          );
        });
      });

      it('have a handle on their entries', async () => {
        const handle = cached(rows, 'users');
        expect(handle.key(['1'])).to.equal('bulk:t:1');
        expect(() => handle.key(['1', '2']))
          .to.throw()
          .with.property('code', 'TIERCEL_NOT_CACHEABLE');
        await rows.users(['1', '2']);
        await rows.users(['1', '2']);
        expect(handle.peek(['2', '1'])).to.deep.equal(named(2, 1));
        expect(handle.peek(['2', '3'])).to.equal(undefined);
        await handle.invalidate(['1']);
        await handle.refresh(['1', '2']);
        expect(source.calls.at(-1)).to.deep.equal(['1', '2']);
      });
    });
  });

  describe(`bulk methods in two processes (${mode} decorators)`, () => {
    const nodes = useNodes();

    it('load each element once, whoever asks', async () => {
      const [a, b] = [await nodes.node(await sharedRedis()), await nodes.node(await sharedRedis())];
      const { Shared } = loadFixture<typeof import('./fixtures/bulk-shared')>(
        'fixtures/bulk-shared.ts',
        mode,
      );
      const calls: string[] = [];
      const one = new Shared(a, calls);
      const two = new Shared(b, calls);
      const ids = ['1', '2', '3', '4'];
      await Promise.all([one.users(ids), two.users([...ids].reverse()), two.users(ids)]);
      expect(calls.sort()).to.deep.equal(ids);
    });
  });
}
