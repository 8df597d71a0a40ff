import { expect } from 'chai';
import { sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

const PATTERN = 'lost:<id>:*';
const SHAPE = 'lost:<>:*';
const KEY = 'lost:1:a';

describe('a pattern set that is lost', () => {
  const nodes = useNodes();

  it('P7: revives no entry that was stored before its pattern was declared, and invalidated by it', async () => {
    const redis = await sharedRedis();
    const early = await nodes.node(redis);
    expect(await early.getOrSet(KEY, async () => 'old row')).to.equal('old row');
    const late = await nodes.node(redis, { patterns: [PATTERN] });
    expect(await late.invalidate(PATTERN, { id: 1 })).to.deep.equal({ acknowledged: true, swept: 0 });
    await late.close();
    await nodes.client(redis).del('<patterns');
    const unaware = await nodes.node(redis);
    expect(await unaware.get(KEY)).to.equal(undefined);
    await until(async () => (await early.getOrSet(KEY, async () => 'new row')) === 'new row');
  });

  for (const transport of ['tracking', 'pubsub'] as const) {
    it(`P7: ${transport}: is added again within the staleness bound, though nobody reads or writes`, async () => {
      const redis = await sharedRedis();
      const cache = await nodes.node(redis, { patterns: [PATTERN], coherence: { transport } });
      await until(async () => {
        await cache.get(KEY);
        return (await cache.ready()).coherence === 'trusted';
      });
      const admin = nodes.client(redis);
      expect(await admin.smembers('<patterns')).to.include(SHAPE);
      await admin.del('<patterns');
      await until(async () => (await admin.smembers('<patterns')).includes(SHAPE));
    });
  }

  it('P7: that nobody has lost leaves entries valid, also those of processes that start later (control)', async () => {
    const redis = await sharedRedis();
    const first = await nodes.node(redis, { patterns: [PATTERN] });
    await first.set(KEY, 'row');
    const others = [await nodes.node(redis), await nodes.node(redis, { patterns: [PATTERN] })];
    for (const other of others) expect(await other.get(KEY)).to.equal('row');
    expect(await first.get(KEY)).to.equal('row');
  });
});
