import { expect } from 'chai';
import { Cacheable, CacheInvalidate, CachePut } from '../../../src/index';
import { Gate, heard, inL1, onBothTiers, useNodes } from '../../support/nodes';

describe('defer', () => {
  const nodes = useNodes();

  const patterns = ['feed:*'];
  const key = 'feed:7';
  const fault = new Error('rolled back');

  onBothTiers(({ where, hasL2, redis }) => {
    const node = async () => nodes.node(await redis(), { patterns });

    for (const [what, invalidation] of [
      ['a key', { patterns: [key] }],
      ['a declared pattern', { patterns: ['feed:*'] }],
      ['a tag', { tags: ['author:7'] }],
    ] as const) {
      it(`P26: ${where}: ${what}: inside, it is read past the cache; after the commit the new value is stored`, async () => {
        const cache = await node();
        let row = 'old';
        const read = () => cache.getOrSet(key, async () => row, { tags: ['author:7'] });
        await read();
        await cache.defer(async () => {
          expect(await read()).to.equal('old');
          await cache.invalidate(invalidation);
          row = 'new, uncommitted';
          expect(await read()).to.equal('new, uncommitted');
          expect([await cache.get(key), cache.peek(key)]).to.deep.equal([undefined, undefined]);
          row = 'new';
        });
        expect(await cache.get(key)).to.equal(undefined);
        expect(await read()).to.equal('new');
        expect(await cache.get(key)).to.equal('new');
      });

      it(`P26: ${where}: ${what}: what others read meanwhile is not served after the commit`, async () => {
        const cache = await node();
        const other = hasL2 ? await node() : cache;
        let row = 'old';
        const read = () => other.getOrSet(key, async () => row, { tags: ['author:7'] });
        await inL1(other, key, read);
        const transaction = new Gate<void>();
        const done = cache.defer(async () => {
          await cache.invalidate(invalidation);
          await transaction.load();
        });
        await transaction.started;
        await heard(other);
        expect(await read()).to.equal('old');
        row = 'new';
        transaction.end();
        await done;
        expect(await read()).to.equal('new');
      });

      it(`P26: ${where}: ${what}: after a roll-back the old value is stored again`, async () => {
        const cache = await node();
        const read = () => cache.getOrSet(key, async () => 'old', { tags: ['author:7'] });
        const failed = await cache
          .defer(async () => {
            await cache.invalidate(invalidation);
            throw fault;
          })
          .catch((error: unknown) => error);
        expect(failed).to.equal(fault);
        await read();
        expect(await cache.get(key)).to.equal('old');
      });
    }

    it(`P26: ${where}: what is loaded inside is not stored, as it may not be committed`, async () => {
      const cache = await node();
      await cache.defer(async () => {
        expect(await cache.getOrSet('row:1', async () => 'uncommitted')).to.equal('uncommitted');
        const many = await cache.getOrSetMany(['row:2'], async () => ({ 'row:2': 'uncommitted' }));
        expect(many.get('row:2')).to.equal('uncommitted');
      });
      expect((await cache.getMany(['row:1', 'row:2'])).size).to.equal(0);
    });

    it(`P26: ${where}: what is written inside is invalidated, not stored`, async () => {
      const cache = await node();
      class Rows {
        @CachePut('row:<id>', { cache })
        async write(id: string): Promise<string> {
          return `row ${id}`;
        }
        @CacheInvalidate(['rows:*'], { cache, timing: 'around' })
        async clear(): Promise<void> {}
        @Cacheable('rows:all', { cache })
        async all(): Promise<readonly string[]> {
          return ['new'];
        }
      }
      const rows = new Rows();
      const keys = ['row:1', 'row:2', 'row:3', 'rows:all'];
      for (const name of keys) await cache.set(name, 'old');
      await cache.defer(async () => {
        expect(await rows.write('1')).to.equal('row 1');
        expect(await cache.set('row:2', 'uncommitted')).to.equal(false);
        await cache.delete('row:3');
        await rows.clear();
        expect(await rows.all()).to.deep.equal(['new']);
      });
      expect((await cache.getMany(keys)).size).to.equal(0);
    });

    it(`P26: ${where}: clear and undeclared patterns wait for success`, async () => {
      const cache = await node();
      const change = () =>
        cache.defer(async () => {
          await cache.invalidate('price:*');
          expect(await cache.get('price:EUR')).to.equal(undefined);
          throw fault;
        });
      await cache.set('price:EUR', 1);
      await cache.set('row:1', 1);
      expect(await change().catch((error: unknown) => error)).to.equal(fault);
      expect(await cache.get('price:EUR')).to.equal(1);
      await cache.defer(async () => void (await cache.invalidate('price:*')));
      expect([await cache.get('price:EUR'), await cache.get('row:1')]).to.deep.equal([undefined, 1]);
      await cache.defer(async () => {
        await cache.clear();
        expect(await cache.get('row:1')).to.equal(undefined);
      });
      expect(await cache.get('row:1')).to.equal(undefined);
    });
  });

  it('P26: a deferral inside another one waits for the outer one', async () => {
    const cache = await nodes.node(undefined);
    await cache.set('row:1', 'old');
    await cache.defer(async () => {
      await cache.defer(() => cache.delete('row:1'));
      await cache.getOrSet('row:1', async () => 'uncommitted');
      expect(await cache.get('row:1')).to.equal(undefined);
    });
    await cache.getOrSet('row:1', async () => 'new');
    expect(await cache.get('row:1')).to.equal('new');
  });

  it('P26: another cache of the process is not concerned', async () => {
    const [cache, other] = [await nodes.node(undefined), await nodes.node(undefined)];
    await other.set('row:1', 'row');
    await cache.defer(async () => {
      await cache.clear();
      expect(await other.get('row:1')).to.equal('row');
      await other.delete('row:1');
      await other.getOrSet('row:1', async () => 'new');
    });
    expect(await other.get('row:1')).to.equal('new');
  });

  it('P26: work that outlives the scope invalidates at once', async () => {
    const cache = await nodes.node(undefined);
    const late = new Gate<void>();
    let invalidated: Promise<unknown> = Promise.resolve();
    await cache.defer(async () => {
      invalidated = (async () => {
        await late.load();
        await cache.delete('row:1');
      })();
    });
    await cache.set('row:1', 'row');
    late.end();
    await invalidated;
    expect(await cache.get('row:1')).to.equal(undefined);
  });
});
