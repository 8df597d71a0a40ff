import { expect } from 'chai';
import { newToken } from '../../../src/contract/tokens';
import type { TiercelCache } from '../../../src/create';
import { encodeEntry } from '../../../src/redis/envelope';
import { Gate, type Nodes, sharedRedis, useNodes } from '../../support/nodes';

/** An entry as another process would store it; `generations`: of its groups, or readers find it invalidated. */
const entry = (serializer: string, payload: string, version = '', generations: readonly string[] = []) =>
  encodeEntry(newToken(), Date.now() + 60_000, {
    ttlMs: 60_000,
    costMs: 1,
    version,
    generations,
    tags: [],
    staleMs: 0,
    serializer,
    payload,
  }) as string;

describe('what others have left at a key', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let cache: TiercelCache;
  let client: ReturnType<Nodes['client']>;
  let told: string[];

  beforeEach(async () => {
    const redis = await sharedRedis();
    cache = await nodes.node(redis);
    client = nodes.client(redis);
    told = [];
    cache.on('garbled-value', ({ key }) => told.push(`garbled ${key}`));
    cache.on('foreign-value', ({ key }) => told.push(`foreign ${key}`));
  });

  /** The generations that every key of this namespace has: of the namespace's own group. */
  const current = async () => {
    await cache.set('another key', 'row');
    const generationKey = (await client.get('<all')) ?? '';
    return [generationKey.slice(0, 16)];
  };

  const damaged = `V1é${entry('json', '"row"').slice(4)}`;
  const strings: Record<string, string> = {
    'an empty string': '',
    'JSON of another program': '{"id":42}',
    'a number': '42',
    'a text that begins like a lease': 'L',
    'a text that begins like a write lease': 'World',
    'a text as long as a write lease': 'W.Wednesday mornin',
    'the mere format witness': 'V1',
    'an entry cut short': entry('json', '"row"').slice(0, 30),
    'an entry whose id is damaged': damaged,
    'an entry of another format version': `V2${entry('json', '"row"').slice(2)}`,
  };

  for (const [name, text] of Object.entries(strings)) {
    it(`P2: ${name} is a counted miss, told, and overwritten by what is loaded`, async () => {
      await client.set(KEY, text);
      expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
      expect(told).to.deep.equal([`garbled ${KEY}`]);
      expect(cache.stats().l2.misses).to.equal(1);
      expect(await client.get(KEY)).to.match(/^V1.*"loaded"$/s);
      expect(await client.pttl(KEY)).to.be.greaterThan(0);
    });

    it(`P2: ${name} is a miss for get, and overwritten by set and by put`, async () => {
      await client.set(KEY, text);
      expect(await cache.get(KEY)).to.equal(undefined);
      expect(told).to.deep.equal([`garbled ${KEY}`]);
      expect(await cache.set(KEY, 'set')).to.equal(true);
      expect(await client.get(KEY)).to.match(/^V1.*"set"$/s);
      await client.set(KEY, text);
      await cache.put(KEY, async () => 'put');
      expect(await client.get(KEY)).to.match(/^V1.*"put"$/s);
    });

    it(`P21: ${name} is removed by delete`, async () => {
      await client.set(KEY, text);
      expect(await cache.delete(KEY)).to.deep.equal({ acknowledged: true });
      expect(await client.exists(KEY)).to.equal(0);
    });
  }

  it('P2: what replaced a foreign string meanwhile is not overwritten: two nodes find it, one loads', async () => {
    const other = await nodes.node(await sharedRedis());
    await client.set(KEY, 'foreign');
    let loads = 0;
    const load = async () => {
      loads += 1;
      return 'loaded';
    };
    await Promise.all([cache.getOrSet(KEY, load), other.getOrSet(KEY, load)]);
    expect(loads).to.equal(1);
  });

  it('P22: a put that found the mere format witness does not take a later entry for it', async () => {
    const other = await nodes.node(await sharedRedis());
    await client.set(KEY, 'V1');
    const write = new Gate<string>();
    const writing = cache.put(KEY, write.load);
    await write.started;
    await client.del(KEY);
    await other.set(KEY, 'newer');
    write.end('older');
    await writing;
    expect(await client.exists(KEY)).to.equal(0);
  });

  for (const [name, make, type] of [
    ['a list', () => client.rpush(KEY, 'a', 'b'), 'list'],
    ['a hash', () => client.hset(KEY, 'a', '1'), 'hash'],
  ] as const) {
    const uses: Record<string, (value: string) => Promise<unknown>> = {
      getOrSet: (value) => cache.getOrSet(KEY, async () => value),
      'getOrSet with tiers l1': (value) => cache.getOrSet(KEY, async () => value, { tiers: 'l1' }),
      getOrSetMany: async (value) =>
        (await cache.getOrSetMany([KEY], async () => ({ [KEY]: value }))).get(KEY),
      put: (value) => cache.put(KEY, async () => value),
      set: async (value) => ((await cache.set(KEY, value)) ? 'stored' : value),
      delete: async (value) => ((await cache.delete(KEY)).acknowledged ? value : 'unacknowledged'),
    };
    for (const [use, run] of Object.entries(uses)) {
      it(`P2: ${use}: ${name} is told, left as it is, and nothing is kept beside it`, async () => {
        await make();
        const before = await client.dump(KEY);
        expect(await run('row')).to.equal('row');
        expect(told).to.deep.equal([`foreign ${KEY}`]);
        expect(await client.type(KEY)).to.equal(type);
        expect(await client.dump(KEY)).to.equal(before);
        expect(cache.peek(KEY)).to.equal(undefined);
        expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
      });
    }

    it(`P2: getMany: ${name} is a miss, and the other keys are found`, async () => {
      await make();
      await cache.set('other', 'value');
      expect([...(await cache.getMany([KEY, 'other']))]).to.deep.equal([['other', 'value']]);
      expect(told).to.deep.equal([]);
    });

    it(`P2: getOrSetMany: ${name} looks like nothing in a read of several keys, and is told by the claim`, async () => {
      await make();
      const load = async (keys: string[]) => new Map(keys.map((key) => [key, 'row']));
      expect((await cache.getOrSetMany([KEY, 'other'], load)).size).to.equal(2);
      expect(told).to.deep.equal([`foreign ${KEY}`]);
      expect(await client.type(KEY)).to.equal(type);
    });

    it(`P2: put: ${name} that comes while the method runs is told and left as it is`, async () => {
      const write = new Gate<string>();
      const writing = cache.put(KEY, write.load);
      await write.started;
      await client.del(KEY);
      await make();
      write.end('written');
      expect(await writing).to.equal('written');
      expect(told).to.deep.equal([`foreign ${KEY}`]);
      expect(await client.type(KEY)).to.equal(type);
    });
  }

  it('an entry of another serializer is a miss, and overwritten', async () => {
    await client.set(KEY, entry('structured', 'bytes of another form', '', await current()));
    expect(await cache.get(KEY)).to.equal(undefined);
    expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
    expect(await client.get(KEY)).to.match(/"loaded"$/);
    expect(told).to.deep.equal([]);
  });

  it('an entry whose payload is damaged is a miss, told as an error, and overwritten', async () => {
    const failed: unknown[] = [];
    cache.on('error', ({ operation, key }) => failed.push([operation, key]));
    await client.set(KEY, entry('json', '{"cut":', '', await current()));
    expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
    expect(failed).to.deep.equal([['deserialize', KEY]]);
    expect(await client.get(KEY)).to.match(/"loaded"$/);
  });

  it('an entry of another version is a miss, and the newest to load wins', async () => {
    await client.set(KEY, entry('json', '"old shape"', '1', await current()));
    expect(await cache.getOrSet(KEY, async () => 'never loaded', { version: 1 })).to.equal('old shape');
    expect(await cache.getOrSet(KEY, async () => 'new shape', { version: '2' })).to.equal('new shape');
    expect(await cache.getOrSet(KEY, async () => 'no version')).to.equal('no version');
  });

  it('an entry that L2 still holds though its time is over is a miss', async () => {
    const over = encodeEntry(newToken(), Date.now() - 1_000, {
      ttlMs: 1,
      costMs: 1,
      version: '',
      generations: [],
      tags: [],
      staleMs: 0,
      serializer: 'json',
      payload: '"over"',
    });
    await client.set(KEY, over);
    expect(await cache.get(KEY)).to.equal(undefined);
    expect(await cache.getOrSet(KEY, async () => 'loaded')).to.equal('loaded');
  });
});
