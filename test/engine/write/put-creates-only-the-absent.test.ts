import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { CachePut } from '../../../src/decorators/cache-put';
import { onBothTiers, useNodes } from '../../support/nodes';

interface Row {
  readonly id: string;
}

/** `created.*` templates of its own: declarations are the process's. */
class Rows {
  constructor(
    readonly cache: TiercelCache,
    readonly onRun: () => unknown = () => undefined,
  ) {}

  @CachePut('created-row:<result.id>', {
    created: true,
    ttl: 60,
    tags: ['created-rows'],
    cache: (self: Rows) => self.cache,
  })
  async create(id: string): Promise<Row> {
    await this.onRun();
    return { id };
  }
}

const KEY = 'created-row:7';
const ROW: Row = { id: '7' };

onBothTiers(({ where, hasL2, redis }) => {
  describe(`a put that creates, ${where}`, () => {
    const nodes = useNodes();
    let a: TiercelCache;
    /** Another process, if there is a Redis. */
    let b: TiercelCache;

    beforeEach(async () => {
      const config = { patterns: ['created-row:*'] };
      a = await nodes.node(await redis(), config);
      b = hasL2 ? await nodes.node(await redis(), config) : a;
    });

    it('P22: stores the result if nothing is at its key, so that the next reader does not load', async () => {
      expect(await new Rows(a).create('7')).to.deep.equal(ROW);
      expect(await b.get(KEY)).to.deep.equal(ROW);
      await b.invalidate({ tags: ['created-rows'] });
      expect(await a.get(KEY)).to.equal(undefined);
    });

    it('P22: invalidates its key if something is there, since it was an update', async () => {
      await b.set(KEY, { id: 'older' });
      await new Rows(a).create('7');
      expect(await a.get(KEY)).to.equal(undefined);
      expect(await b.get(KEY)).to.equal(undefined);
    });

    it('P22: another put of its key, whose tags come from its value, is stored: its own announcement does not refuse it', async () => {
      await a.put(KEY, async () => ROW, { ttl: 60, tags: ({ id }) => [`created-row-${id}`] });
      expect(await b.get(KEY)).to.deep.equal(ROW);
    });

    const changes: Record<string, () => Promise<unknown>> = {
      'invalidates the key': () => b.delete(KEY),
      'invalidates a declared pattern': () => b.invalidate('created-row:*'),
      'invalidates an undeclared pattern': () => b.invalidate('*:7'),
      'invalidates its tag': () => b.invalidate({ tags: ['created-rows'] }),
      'clears the cache': () => b.clear(),
      'changes the row around the key': () => b.around([KEY], async () => undefined),
      'puts the key, and it expires': async () => {
        await b.put(KEY, async () => ({ id: 'newer' }));
        await b.delete(KEY);
      },
      'defers an invalidation': () => b.defer(() => b.delete(KEY)),
    };
    for (const [what, change] of Object.entries(changes)) {
      it(`P22: stores nothing if a process ${what} after the row was written, for the row may be older`, async () => {
        await new Rows(a, change).create('7');
        expect(await a.get(KEY)).to.equal(undefined);
        expect(a.peek(KEY)).to.equal(undefined);
      });
    }

    it('P22: is not disturbed by changes of other keys', async () => {
      await new Rows(a, () => b.delete('created-other:7')).create('7');
      expect(await b.get(KEY)).to.deep.equal(ROW);
    });

    it('P26: inside a deferral it invalidates, since its row may never be committed', async () => {
      await a.defer(() => new Rows(a).create('7'));
      expect(await b.get(KEY)).to.equal(undefined);
    });

    it('stores nothing while the cache is disabled', async () => {
      a.disable();
      await new Rows(a).create('7');
      a.enable();
      expect(await b.get(KEY)).to.equal(undefined);
    });
  });
});
