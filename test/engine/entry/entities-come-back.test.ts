/** What is read from L2 becomes a value of its method again, and what cannot is a miss or is reported. */
import { expect } from 'chai';
import type { CacheEvents, StandardSchema, TiercelCache } from '../../../src';
import { loadFixture } from '../../decorators/both-modes';
import { Gate, inL1, onBothTiers, sharedRedis, useNodes } from '../../support/nodes';
import { until } from '../../support/pace';

class Point {
  constructor(
    readonly x: number,
    readonly y = 0,
  ) {}
  static from = ({ x, y }: { x: number; y: number }): Point => new Point(x, y);
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

/** Whether L1 answers: what is decoded is another object each time. */
const isSameTwice = (read: () => Promise<unknown>) => async () => {
  const before = await read();
  return before === (await read());
};

const codesOf = (faults: readonly CacheEvents['error'][]) =>
  faults.map(({ method, error }) => [method, (error as { code?: string }).code ?? (error as Error).message]);

describe('what comes back from L2', () => {
  const nodes = useNodes();
  let faults: CacheEvents['error'][];
  beforeEach(() => {
    faults = [];
  });
  const node = async (config: object = {}, options: object = {}): Promise<TiercelCache> => {
    const cache = await nodes.node(await sharedRedis(), config, options);
    cache.on('error', (fault) => faults.push(fault));
    return cache;
  };

  for (const mode of ['legacy', 'standard'] as const) {
    it(`is an instance again in another process, made once before it enters L1 (${mode} decorators)`, async () => {
      const { Users, User } = loadFixture<typeof import('../../decorators/fixtures/entities')>(
        'fixtures/entities.ts',
        mode,
      );
      const users = new Users();
      const first = await node({}, { default: true });
      expect((await users.find('1'))?.isAdmin()).to.equal(true);
      expect(await users.find('nobody')).to.equal(null);
      await first.close();
      await node({}, { default: true });
      const read = await users.find('1');
      expect(read).to.be.an.instanceof(User);
      await until(isSameTwice(() => users.find('1')));
      expect(await users.find('nobody')).to.equal(null);
      expect(users.loads).to.equal(2);
      await users.rename('1', 'guest');
      expect((await users.find('1'))?.isAdmin()).to.equal(false);
      expect(faults).to.deep.equal([]);
    });
  }

  for (const protect of ['freeze', 'clone', 'none'] as const) {
    it(`is revived for all callers at once, whatever else reads the key before (protect: ${protect})`, async () => {
      const [writer, reader] = [await node({ protect }), await node({ protect })];
      await writer.set('p', new Point(3, 4), { plain: true });
      expect(await reader.get('p')).to.deep.equal({ x: 3, y: 4 });
      await inL1(reader, 'p', () => reader.get('p'));
      let revivals = 0;
      const revive = (plain: { x: number; y: number }) => {
        revivals += 1;
        return Point.from(plain);
      };
      const load = () => new Point(0);
      const read = () => reader.getOrSet('p', load, { revive });
      const points = await Promise.all([read(), read(), read()]);
      for (const point of [...points, await read()]) expect(point.length).to.equal(5);
      await until(isSameTwice(read));
      const before = revivals;
      await read();
      expect(revivals).to.equal(before);
      expect((await reader.get<Point>('p'))?.length).to.equal(5);
    });
  }

  onBothTiers(({ where, redis }) => {
    it(`is an instance in batches and strategies, and from its own load under 'clone' (${where})`, async () => {
      const cache = await nodes.node(await redis(), { protect: 'clone' });
      const points = cache.strategy({ key: 'point:<x>', revive: Point.from });
      const load = () => new Point(5);
      const [one, other] = await Promise.all([
        points.getOrFetch({ x: 5 }, load),
        points.getOrFetch({ x: 5 }, load),
      ]);
      expect([one.length, other.length, (await points.get({ x: 5 }))?.length]).to.deep.equal([5, 5, 5]);
      const revive = Point.from;
      const many = () =>
        cache.getOrSetMany(['a', 'b'], async () => ({ a: new Point(1), b: new Point(2) }), { revive });
      for (const values of [await many(), await many()]) {
        expect([...values.values()].map(({ length }) => length)).to.deep.equal([1, 2]);
      }
    });
  });

  it('is revived again after each change, and an invalidation during a load stores nothing', async () => {
    const [one, other] = [await node(), await node()];
    const revive = Point.from;
    const gate = new Gate<Point>();
    const loading = one.getOrSet('p', gate.load, { revive });
    await gate.started;
    await other.delete('p');
    gate.end(new Point(1));
    expect((await loading).length).to.equal(1);
    expect(await other.get('p')).to.equal(undefined);
    expect((await other.getOrSet('p', () => new Point(2), { revive })).length).to.equal(2);
  });

  it('is a miss if revive throws: it is loaded, and reported once', async () => {
    const [writer, reader] = [await node(), await node()];
    for (const key of ['a', 'b']) await writer.set(key, { x: 1 });
    const revive = () => {
      throw new Error('cannot');
    };
    for (const key of ['a', 'b'])
      expect(await reader.getOrSet(key, () => 'loaded', { revive })).to.equal('loaded');
    expect(codesOf(faults)).to.deep.equal([['getOrSet', 'cannot']]);
    expect(reader.stats().methods['getOrSet']?.misses).to.include({ unreadable: 2 });
  });

  it('is what its schema makes of it; what does not fit is a counted miss, reported once and without its values', async () => {
    const { Users } = loadFixture<typeof import('../../decorators/fixtures/entities')>(
      'fixtures/entities.ts',
      'legacy',
    );
    const users = new Users();
    const writer = await node();
    const reader = await node({}, { default: true });
    for (const id of ['1', '2']) await writer.set(`checked:${id}`, { id });
    await writer.set('checked:3', { id: '3', role: 'ROOT' });
    expect(await users.checked('3')).to.deep.equal({ id: '3', role: 'root' });
    for (const id of ['1', '2']) expect(await users.checked(id)).to.deep.equal({ id, role: 'ADMIN' });
    expect(users.loads).to.equal(2);
    expect(reader.stats().methods['Users.checked']?.misses).to.include({ unreadable: 2 });
    expect(codesOf(faults)).to.deep.equal([['Users.checked', 'TIERCEL_SCHEMA']]);
    expect(String(faults[0]?.error))
      .to.match(/1 issues?, at 'role\.0'/)
      .and.not.contain('secret');
  });

  it('cannot be checked by a schema that answers with a promise', async () => {
    const [writer, reader] = [await node(), await node()];
    await writer.set('a', 1);
    const schema: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: async () => Promise.reject(new Error('late')) },
    };
    expect(await reader.getOrSet('a', () => 2, { schema })).to.equal(2);
    expect(String(faults[0]?.error)).to.contain('synchronously');
  });

  for (const environment of ['production', undefined]) {
    it(`is reported once if it was an instance and is none any more (NODE_ENV: ${environment})`, async () => {
      const before = process.env['NODE_ENV'];
      if (environment !== undefined) process.env['NODE_ENV'] = environment;
      try {
        const cache = await node();
        for (let i = 0; i < 3; i += 1) {
          await cache.getOrSet(`a${i}`, () => new Point(i), { name: 'one' });
          await cache.getOrSet(`b${i}`, () => [new Point(i)], { name: 'list' });
          await cache.getOrSet(`c${i}`, () => new Point(i), { name: 'plain', plain: true });
          await cache.getOrSet(`d${i}`, () => new Point(i), { name: 'revived', revive: Point.from });
          await cache.getOrSet(`e${i}`, () => new Point(i), { name: 'memory', tiers: 'l1' });
          await cache.getOrSet(`f${i}`, () => ({ at: new Date(0) }), { name: 'data' });
        }
      } finally {
        if (before === undefined) delete process.env['NODE_ENV'];
        else process.env['NODE_ENV'] = before;
      }
      expect(codesOf(faults)).to.deep.equal([
        ['one', 'TIERCEL_ROUND_TRIP'],
        ['list', 'TIERCEL_ROUND_TRIP'],
      ]);
      expect(String(faults[0]?.error)).to.contain('Point').and.to.contain('revive');
    });
  }
});
