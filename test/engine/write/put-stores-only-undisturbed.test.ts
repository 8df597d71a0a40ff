import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { Gate, Nodes, sharedRedis, useNodes } from '../../support/nodes';

describe('a put', () => {
  const KEY = 'provider:42:stats';
  const nodes = useNodes();
  let a: TiercelCache;
  let b: TiercelCache;

  beforeEach(async () => {
    const redis = await sharedRedis();
    a = await nodes.node(redis);
    b = await nodes.node(redis);
  });

  /** What any process reads next: the stored value, or `undefined`. */
  const stored = async () => (await nodes.node(await sharedRedis())).get(KEY);

  for (const [start, prepare] of [
    ['an absent key', async () => {}],
    ['an entry', async () => void (await a.set(KEY, 'before'))],
  ] as const) {
    it(`P22: on ${start}: undisturbed, it stores the method's result (control)`, async () => {
      await prepare();
      expect(await a.put(KEY, async () => 'written')).to.equal('written');
      expect(await stored()).to.equal('written');
    });

    it(`P22: on ${start}: an invalidation meanwhile means its result may be older, so nothing is stored`, async () => {
      await prepare();
      const write = new Gate<string>();
      const writing = a.put(KEY, write.load);
      await write.started;
      expect(await b.delete(KEY)).to.deep.equal({ acknowledged: true });
      write.end('written');
      expect(await writing).to.equal('written');
      expect(await stored()).to.equal(undefined);
      expect(a.peek(KEY)).to.equal(undefined);
    });

    it(`P22: on ${start}: of two puts at once neither may know that it is the newer, so the key ends empty`, async () => {
      await prepare();
      const [first, second] = [new Gate<string>(), new Gate<string>()];
      const writing = [a.put(KEY, first.load), b.put(KEY, second.load)];
      await Promise.all([first.started, second.started]);
      first.end('first');
      await writing[0];
      second.end('second');
      await writing[1];
      expect(await stored()).to.equal(undefined);
      expect(b.peek(KEY)).to.equal(undefined);
    });

    it(`P22: on ${start}: a method that fails leaves what was there`, async () => {
      await prepare();
      const before = await stored();
      const error = new Error('constraint violated');
      expect(await a.put(KEY, () => Promise.reject(error)).catch((reason: unknown) => reason)).to.equal(
        error,
      );
      expect(await stored()).to.equal(before);
      expect(await nodes.client(await sharedRedis()).exists(KEY)).to.equal(before === undefined ? 0 : 1);
    });
  }

  it('P22: of two puts at once on an absent key, the one that ends first stores nothing while the other still runs', async () => {
    const [first, second] = [new Gate<string>(), new Gate<string>()];
    const writing = [a.put(KEY, first.load), b.put(KEY, second.load)];
    await Promise.all([first.started, second.started]);
    second.end('second');
    await writing[1];
    expect(await stored()).to.equal(undefined);
    first.end('first');
    await writing[0];
    expect(await stored()).to.equal(undefined);
  });

  it('P22: a load that began before the put cannot store its older row', async () => {
    const [load, write] = [new Gate<string>(), new Gate<string>()];
    const loading = b.getOrSet(KEY, load.load);
    await load.started;
    const writing = a.put(KEY, write.load);
    await write.started;
    load.end('older row');
    expect(await loading).to.equal('older row');
    expect(b.peek(KEY)).to.equal(undefined);
    write.end('written');
    await writing;
    expect(await stored()).to.equal('written');
  });

  it('P22: while it runs on an absent key, readers load for themselves and store nothing', async () => {
    const write = new Gate<string>();
    const writing = a.put(KEY, write.load);
    await write.started;
    expect(await b.getOrSet(KEY, async () => 'row before commit')).to.equal('row before commit');
    expect(b.peek(KEY)).to.equal(undefined);
    write.end('written');
    await writing;
    expect(await b.getOrSet(KEY, async () => 'loaded')).to.equal('written');
  });

  it('P21: an invalidation meanwhile leaves its write lease in place, so readers still store nothing until it has ended', async () => {
    const write = new Gate<string>();
    const writing = a.put(KEY, write.load);
    await write.started;
    await b.delete(KEY);
    expect(await b.getOrSet(KEY, async () => 'row before commit')).to.equal('row before commit');
    expect(b.peek(KEY)).to.equal(undefined);
    expect(await nodes.client(await sharedRedis()).get(KEY)).to.match(/^W!/);
    write.end('written');
    await writing;
    expect(await nodes.client(await sharedRedis()).exists(KEY)).to.equal(0);
  });

  it('P22: an entry that expired and was loaded again during the put is removed, for it may hold the old row', async () => {
    await a.set(KEY, 'before');
    const write = new Gate<string>();
    const writing = a.put(KEY, write.load);
    await write.started;
    // What expiry and a fill by another process leave at the key.
    await nodes.client(await sharedRedis()).del(KEY);
    await b.getOrSet(KEY, async () => 'row before commit');
    write.end('written');
    await writing;
    expect(await stored()).to.equal(undefined);
  });

  it('P23: set is refused while a put is under way, and the put then stores nothing either', async () => {
    const write = new Gate<string>();
    const writing = a.put(KEY, write.load);
    await write.started;
    expect(await b.set(KEY, 'set meanwhile')).to.equal(false);
    write.end('written');
    await writing;
    expect(await stored()).to.equal(undefined);
  });

  it('P23: without a put, the last set wins (control)', async () => {
    expect(await a.set(KEY, 'first')).to.equal(true);
    expect(await b.set(KEY, 'second')).to.equal(true);
    expect(await stored()).to.equal('second');
  });

  it('P22: unless: the result is handed out, and the old entry is invalidated', async () => {
    await a.set(KEY, 'before');
    expect(await a.put(KEY, async () => 'draft', { unless: (value) => value === 'draft' })).to.equal('draft');
    expect(await stored()).to.equal(undefined);
  });

  it('P22: a write lease outlives a method that takes longer than the lease', async () => {
    const redis = await sharedRedis();
    const slow = new Nodes();
    const cache = await slow.node(redis, { l2: { deadline: '30ms' }, load: { lease: '500ms' } });
    const write = new Gate<string>();
    const writing = cache.put(KEY, write.load);
    await write.started;
    const client = slow.client(redis);
    let [renewed, before] = [0, await client.pttl(KEY)];
    while (renewed < 3) {
      const left = await client.pttl(KEY);
      if (left > before) renewed += 1;
      before = left;
    }
    write.end('written');
    await writing;
    expect(await cache.get(KEY)).to.equal('written');
    await slow.close();
  });
});
