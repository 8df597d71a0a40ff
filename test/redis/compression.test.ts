/** `l2.compress`: what Redis holds of large values, who can read it, and that neither way holds the event loop. */
import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { expect } from 'chai';
import type { TiercelCache } from '../../src';
import { resolveConfig } from '../../src/config/define';
import { errorOf } from '../decorators/both-modes';
import { Gate, sharedRedis, useNodes } from '../support/nodes';

const LARGE = Array.from({ length: 500 }, (_, id) => ({ id, name: `row ${id}`, note: 'the same in each' }));

describe('compression in L2', () => {
  const nodes = useNodes();
  const node = async (compress?: object): Promise<TiercelCache> =>
    nodes.node(await sharedRedis(), compress === undefined ? {} : { l2: { compress } });
  const stored = async (key: string) => (await nodes.client(await sharedRedis()).getBuffer(key)) as Buffer;

  for (const codec of ['gzip', 'brotli', ...('zstdCompress' in zlib ? ['zstd'] : [])]) {
    it(`stores large values in a fraction of their bytes, and every process reads them (${codec})`, async () => {
      const writer = await node({ codec });
      const [same, none] = [await node({ codec }), await node()];
      await writer.getOrSet('load', async () => LARGE);
      await writer.set('set', LARGE);
      await writer.put('put', async () => LARGE);
      await writer.setMany([['many', LARGE]]);
      for (const key of ['load', 'set', 'put', 'many']) {
        const bytes = await stored(key);
        expect(bytes.length, key).to.be.lessThan(JSON.stringify(LARGE).length / 4);
        expect(bytes.toString('latin1'), key).to.contain(`json+${codec}`);
        for (const reader of [same, none]) {
          expect(await reader.get(key), key).to.deep.equal(LARGE);
          expect(await reader.getOrSet(key, async () => 'loaded', { tiers: 'l2' }), key).to.deep.equal(LARGE);
        }
      }
      expect((await none.getMany(['load', 'set'])).size).to.equal(2);
      expect((await none.explain('load')).read.reason).to.equal('fresh');
    });
  }

  it('leaves alone what is small, what does not shrink, what says so, and what is stored already', async () => {
    const before = await node();
    await before.set('old', LARGE);
    const cache = await node({ above: '2kb' });
    expect(await cache.get('old')).to.deep.equal(LARGE);
    await cache.set('small', 'x'.repeat(2_000));
    await cache.set('random', randomBytes(4_000).toString('latin1'));
    await cache.set('own', LARGE, { compress: false });
    await cache.set('large', 'x'.repeat(3_000));
    const tags = await Promise.all(
      ['old', 'small', 'own', 'large'].map(async (key) => (await cache.explain(key)).l2.serializer),
    );
    expect(tags).to.deep.equal(['json', 'json', 'json', 'json+gzip']);
  });

  it('takes what is damaged for a miss, and keeps notes of loads and structured values', async () => {
    const config = { serializer: 'structured', l1: false, l2: { compress: {} } } as const;
    const cache = await nodes.node(await sharedRedis(), config);
    const rows = new Map(LARGE.map((row) => [row.id, new Date(row.id)]));
    await cache.getOrSet('k', ({ meta }) => {
      meta('etag');
      return rows;
    });
    const { l2, read } = await cache.explain('k');
    expect([l2.serializer, read.reason]).to.deep.equal(['structured+meta+gzip', 'fresh']);
    expect(await cache.getOrSet('k', () => 'loaded', { tiers: 'l2' })).to.deep.equal(rows);
    const bytes = await stored('k');
    bytes.fill(0, bytes.length - 100);
    await nodes.client(await sharedRedis()).set('k', bytes);
    expect((await cache.explain('k')).read.reason).to.equal('unreadable');
    expect(await cache.getOrSet('k', () => 'loaded', { tiers: 'l2' })).to.equal('loaded');
  });

  it('P13: an invalidation while a value is loaded or compressed leaves nothing stored', async () => {
    const [cache, other] = [await node({}), await node()];
    const load = new Gate<typeof LARGE>();
    const loading = cache.getOrSet('k', load.load);
    await load.started;
    await other.delete('k');
    load.end(LARGE);
    await loading;
    expect(await other.get('k')).to.equal(undefined);
  });

  it('does not hold the event loop while a large value is compressed or opened', async () => {
    const cache = await node({ codec: 'gzip' });
    const text = JSON.stringify(LARGE).repeat(100);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    await cache.set('k', text);
    const afterSet = turns;
    expect(afterSet).to.be.greaterThan(5);
    await cache.getOrSet('k', () => 'loaded', { tiers: 'l2' });
    isOver = true;
    expect(turns - afterSet).to.be.greaterThan(5);
  });

  it('refuses a codec that this Node lacks, and sizes that are none', async () => {
    const resolve = (compress: unknown) =>
      errorOf(async () => resolveConfig({ l2: { host: 'localhost', compress } as never }));
    for (const compress of [{ codec: 'lzma' }, { above: '1 kb' }, { above: -1 }, { level: 9 }, true]) {
      expect((await resolve(compress)).code, JSON.stringify(compress)).to.equal('TIERCEL_CONFIG');
    }
    if (!('zstdCompress' in zlib)) expect((await resolve({ codec: 'zstd' })).message).to.contain('22.15');
  });
});
