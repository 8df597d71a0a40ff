import { expect } from 'chai';
import { ManualClock } from '../../support/manual-clock';
import { Gate, inL1, onBothTiers, useNodes } from '../../support/nodes';

interface Row {
  id: number;
  tags: string[];
}

describe('protect: callers that change what they got', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();

  const row = async (): Promise<Row> => ({ id: 42, tags: ['a'] });
  const fresh = { id: 42, tags: ['a'] };

  onBothTiers(({ where, hasL2, redis }) => {
    const node = async (protect: 'freeze' | 'clone' | 'none', config: object = {}) =>
      // With a clock that stands still nothing is late, and the channel stays trusted, however busy the machine is.
      nodes.node(await redis(), { protect, ...config }, { clock: new ManualClock() });

    it(`freeze, ${where}: they get an error, the loader's caller and readers of L1 and L2 alike`, async () => {
      const cache = await node('freeze');
      const values = [await cache.getOrSet(KEY, row)];
      await inL1(cache, KEY, () => cache.getOrSet(KEY, row));
      values.push(await cache.getOrSet(KEY, row));
      if (hasL2) {
        const other = await node('freeze');
        values.push(
          (await other.get<Row>(KEY)) as Row,
          await cache.getOrSet('l2 only', row, { tiers: 'l2' }),
        );
      }
      for (const value of values) {
        expect(() => value.tags.push('b')).to.throw(TypeError);
        expect(() => {
          value.id = 1;
        }).to.throw(TypeError);
      }
    });

    it(`clone, ${where}: they change a copy of their own, whichever way it came to them`, async () => {
      const cache = await node('clone');
      const other = await node('clone');
      const reads: Record<string, () => Promise<Row | undefined>> = {
        load: () => cache.getOrSet(KEY, row),
        hit: async () => {
          await inL1(cache, KEY, () => cache.getOrSet(KEY, row));
          return cache.getOrSet(KEY, row);
        },
        get: () => cache.get<Row>(KEY),
        getMany: async () => (await cache.getMany<Row>([KEY])).get(KEY),
        getOrSetMany: async () => (await cache.getOrSetMany<Row>([KEY], async () => ({}))).get(KEY),
        peek: async () => cache.peek<Row>(KEY),
        'another process': () => other.getOrSet(KEY, row),
      };
      for (const [name, read] of Object.entries(reads)) {
        const value = await read();
        expect(value, name).to.deep.equal(fresh);
        value?.tags.push(name);
      }
    });

    it(`clone, ${where}: callers who share one load do not share its value`, async () => {
      const cache = await node('clone');
      const loading = new Gate<Row>();
      const calls = Array.from({ length: 10 }, () => cache.getOrSet(KEY, loading.load));
      await loading.started;
      loading.end({ id: 42, tags: ['a'] });
      const seen = await Promise.all(
        calls.map(async (call) => {
          const value = await call;
          const before = structuredClone(value);
          value.tags.push('changed at once');
          return before;
        }),
      );
      expect(loading.calls).to.equal(1);
      for (const value of seen) expect(value).to.deep.equal(fresh);
    });

    it(`clone, ${where}: who stored a value may go on changing it`, async () => {
      const cache = await node('clone');
      const value = { id: 42, tags: ['a'] };
      await cache.set(KEY, value);
      value.tags.push('b');
      expect(await cache.get(KEY)).to.deep.equal(fresh);
      const put = await cache.put(KEY, async () => ({ id: 42, tags: ['a'] }));
      put.tags.push('b');
      expect(await cache.get(KEY)).to.deep.equal(fresh);
    });

    it(`clone, ${where}: what cannot be cloned is handed out, told, and not kept in L1`, async () => {
      const value = { id: 42, describe: () => 'a row' };
      // Where there is an L2, what enters L1 is what the serializer makes of an entry.
      const config = { serializer: { tag: 'row', encode: () => '42', decode: () => value } };
      if (hasL2) await (await node('clone', config)).set(KEY, value);
      const cache = await node('clone', config);
      const failed: string[] = [];
      cache.on('error', ({ operation, key }) => failed.push(`${operation} ${key}`));
      expect(await cache.getOrSet(KEY, async () => value)).to.equal(value);
      expect(failed).to.deep.equal([`clone ${KEY}`]);
      expect(cache.peek(KEY)).to.equal(undefined);
    });

    it(`clone, ${where}: callers who share a load of what cannot be cloned get the value itself`, async () => {
      const cache = await node('clone');
      const loading = new Gate<object>();
      const calls = [cache.getOrSet(KEY, loading.load), cache.getOrSet(KEY, loading.load)];
      await loading.started;
      const value = { describe: () => 'a row' };
      loading.end(value);
      expect(new Set(await Promise.all(calls))).to.deep.equal(new Set([value]));
    });

    it(`freeze, ${where}: the method may go on changing its own object: it is neither frozen nor what the cache holds`, async () => {
      const cache = await node('freeze');
      const own = { id: 42, tags: ['a'] };
      const load = async () => own;
      expect(await cache.getOrSet(KEY, load)).to.deep.equal(fresh);
      own.tags.push('b');
      await inL1(cache, KEY, () => cache.getOrSet(KEY, load));
      expect(await cache.getOrSet(KEY, load)).to.deep.equal(fresh);
      for (const write of ['set', 'put'] as const) {
        const written = { id: 42, tags: ['a'] };
        if (write === 'set') await cache.set(KEY, written);
        else await cache.put(KEY, async () => written);
        written.tags.push('b');
        expect(await cache.get(KEY), write).to.deep.equal(fresh);
      }
    });

    it(`freeze, ${where}: a value that cannot be protected is returned, stored in L2, kept out of L1, and reported once`, async () => {
      const cache = await node('freeze');
      const failed: string[] = [];
      cache.on('error', ({ operation }) => failed.push(operation));
      let refused = 1;
      const value = new Proxy(
        { id: 42 },
        {
          ownKeys(target) {
            refused -= 1;
            if (refused >= 0) throw new Error('cannot be looked into');
            return Reflect.ownKeys(target);
          },
        },
      );
      expect(await cache.getOrSet(KEY, async () => value)).to.equal(value);
      expect(cache.peek(KEY)).to.equal(undefined);
      refused = 1;
      expect(await cache.getOrSet('another', async () => value)).to.equal(value);
      expect(failed).to.deep.equal(['freeze']);
      if (hasL2) expect(await cache.get(KEY)).to.deep.equal({ id: 42 });
    });

    it(`none, ${where}: they share the one object (control)`, async () => {
      const cache = await node('none');
      await inL1(cache, KEY, () => cache.getOrSet(KEY, row));
      const value = await cache.getOrSet(KEY, row);
      value.tags.push('b');
      expect(await cache.getOrSet(KEY, row)).to.deep.equal({ id: 42, tags: ['a', 'b'] });
    });
  });
});
