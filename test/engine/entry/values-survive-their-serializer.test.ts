import { expect } from 'chai';
import fc from 'fast-check';
import type { Serializer } from '../../../src/contract/serializer';
import type { TiercelCache } from '../../../src/create';
import { onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { expectWarning } from '../../support/unexpected';

describe('serializers', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let told: [operation: string, key: string | undefined, message: string][];

  beforeEach(() => {
    told = [];
  });

  const node = async (config: object): Promise<TiercelCache> => {
    const cache = await nodes.node(await sharedRedis(), config);
    cache.on('error', ({ operation, key, error }) => told.push([operation, key, (error as Error).message]));
    return cache;
  };

  it('json: any JSON value comes back from L2 as it was', async () => {
    const [writer, reader] = [await node({ l1: false }), await node({ l1: false })];
    // __proto__ as a name is left to JSON itself: both ends see what JSON.parse makes of it.
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        await writer.set(KEY, value);
        expect(await reader.get(KEY)).to.deep.equal(value);
      }),
      { numRuns: 50 },
    );
  });

  it('structured: Date, Map, Set, bigint, buffers and cycles come back from L2 as they were', async () => {
    const [writer, reader] = [
      await node({ serializer: 'structured' }),
      await node({ serializer: 'structured' }),
    ];
    const value: Record<string, unknown> = {
      date: new Date(0),
      map: new Map([['a', new Set([1n])]]),
      bytes: Uint8Array.of(0, 10, 255),
      missing: undefined,
      notNumber: Number.NaN,
    };
    value['self'] = value;
    await writer.set(KEY, value);
    const read = (await reader.get(KEY)) as typeof value;
    expect(read['self']).to.equal(read);
    expect({ ...read, self: 0, bytes: [...(read['bytes'] as Uint8Array)] }).to.deep.equal({
      ...value,
      self: 0,
      bytes: [0, 10, 255],
    });
  });

  for (const [name, value] of [
    ['a cycle', Object.assign([], { 0: null as unknown }) as unknown[]],
    ['a bigint', { id: 1n }],
    ['a function', () => 1],
    ['a toJSON that throws', { toJSON: () => JSON.parse('{') }],
  ] as const) {
    it(`${name}, which JSON cannot carry, is returned, told, and stored in no tier; its lease is released`, async () => {
      if (Array.isArray(value)) value[0] = value;
      const cache = await node({ protect: 'none' });
      expect(await cache.getOrSet<unknown>(KEY, async () => value)).to.equal(value);
      expect(told).to.have.lengthOf(1);
      expect(told[0]?.slice(0, 2)).to.deep.equal(['serialize', KEY]);
      expect(cache.peek(KEY)).to.equal(undefined);
      expect(await nodes.client(await sharedRedis()).exists(KEY)).to.equal(0);
    });
  }

  it('what cannot be serialized removes the old value when it is set or put, for the old one is no longer true', async () => {
    const cache = await node({});
    for (const write of [
      () => cache.set(KEY, { id: 1n }),
      () => cache.put(KEY, async () => ({ id: 1n })),
    ] as const) {
      await cache.set(KEY, 'old');
      await write();
      expect(cache.peek(KEY)).to.equal(undefined);
      expect(await nodes.client(await sharedRedis()).exists(KEY)).to.equal(0);
    }
  });

  it('a value that cannot be serialized is kept by a cache without an L2', async () => {
    const cache = await nodes.node(undefined);
    const value = { id: 1n };
    await cache.getOrSet(KEY, async () => value);
    expect(cache.peek(KEY)).to.deep.equal(value);
  });

  it('a custom one is used, with text and with bytes, and its entries are a miss for others', async () => {
    const reversed: Serializer = {
      tag: 'reversed',
      encode: (value) => Buffer.from(JSON.stringify(value)).reverse(),
      decode: (bytes) => JSON.parse(Buffer.from(bytes).reverse().toString()),
    };
    const cache = await node({ serializer: reversed });
    await cache.set(KEY, { id: 42 });
    expect(await nodes.client(await sharedRedis()).get(KEY)).to.match(/reversed[\w-]{16}\n}24:"di"{$/);
    const reader = await node({ serializer: reversed });
    expect(await reader.get(KEY)).to.deep.equal({ id: 42 });
  });

  it('a custom one that throws when it reads: a miss, told, and loaded anew', async () => {
    const broken: Serializer = {
      tag: 'broken',
      encode: (value) => JSON.stringify(value),
      decode: () => {
        throw new Error('unreadable');
      },
    };
    const [writer, reader] = [await node({ serializer: broken }), await node({ serializer: broken })];
    await writer.set(KEY, 'row');
    expect(await reader.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
    // By the reader; and by each process that reads back what it has stored (P28).
    expect(new Set(told.map(String))).to.deep.equal(new Set([`deserialize,${KEY},unreadable`]));
  });

  describe('the comparison with their own round trip', () => {
    const dated = { at: new Date(0), rows: [{ id: 1 }] };

    onBothTiers(({ where, redis }) => {
      it(`in development, ${where}: a difference is warned of once per method, with the place and the remedy`, async () => {
        const cache = await nodes.node(await redis(), { warnRoundTrip: true });
        const warnings = expectWarning('TIERCEL_ROUND_TRIP');
        for (let i = 0; i < 5; i += 1)
          await cache.getOrSet(`a:${i}`, async () => dated, { name: 'Rows.find' });
        await cache.getOrSet('b:1', async () => dated, { name: 'Rows.other' });
        await warnings.delivered();
        expect(warnings.messages).to.have.lengthOf(2);
        expect(warnings.messages[0])
          .to.match(/^Rows\.find: .*'json'.*value\.at is Date before and a string after/)
          .and.contain("serializer: 'structured'");
        expect(warnings.messages[1]).to.match(/^Rows\.other: /);
      });
    });

    it('what comes back alike is not warned of, nor is what stays in memory on purpose', async () => {
      const cache = await nodes.node(await sharedRedis(), { warnRoundTrip: true });
      const warnings = expectWarning('TIERCEL_ROUND_TRIP');
      await cache.getOrSet('a', async () => ({ rows: [{ id: 1 }], nothing: null }));
      await cache.getOrSet('b', async () => dated, { tiers: 'l1' });
      await warnings.delivered();
      expect(warnings.messages).to.deep.equal([]);
    });

    it('only the first values of a method are compared: it costs nothing later', async () => {
      const cache = await nodes.node(await sharedRedis(), { warnRoundTrip: true });
      const warnings = expectWarning('TIERCEL_ROUND_TRIP');
      for (let i = 0; i < 3; i += 1) await cache.getOrSet(`a:${i}`, async () => 'plain');
      await cache.getOrSet('a:3', async () => dated);
      await warnings.delivered();
      expect(warnings.messages).to.deep.equal([]);
    });

    it('in production there is none, unless it is asked for', async () => {
      const before = process.env['NODE_ENV'];
      process.env['NODE_ENV'] = 'production';
      const warnings = expectWarning('TIERCEL_ROUND_TRIP');
      try {
        const cache = await nodes.node(await sharedRedis(), { warnRoundTrip: undefined });
        await cache.getOrSet(KEY, async () => dated);
      } finally {
        if (before === undefined) delete process.env['NODE_ENV'];
        else process.env['NODE_ENV'] = before;
      }
      await warnings.delivered();
      expect(warnings.messages).to.deep.equal([]);
    });
  });
});
