import { expect } from 'chai';
import type { WarmEntry, WarmProgress } from '../../src/api/warming';
import type { TiercelCache } from '../../src/create';
import { ManualClock } from '../support/manual-clock';
import { Gate, onBothTiers, sharedRedis, useNodes } from '../support/nodes';
import { until } from '../support/pace';

const failure = new Error('no such row');

/** Entries `row:0` to `row:<count - 1>`, and the numbers of those that were loaded. */
function rows(count: number): { entries: WarmEntry[]; loaded: number[] } {
  const loaded: number[] = [];
  const entries = Array.from({ length: count }, (_, row) => ({
    key: `row:${row}`,
    load: () => {
      loaded.push(row);
      return { row };
    },
  }));
  return { entries, loaded };
}

function errorsOf(cache: TiercelCache): unknown[] {
  const errors: unknown[] = [];
  cache.on('error', (event) => errors.push(event));
  return errors;
}

describe('warming', () => {
  const nodes = useNodes();

  onBothTiers(({ where, redis }) => {
    const node = async () => nodes.node(await redis());

    it(`${where}: loads what no tier has, leaves what is there, and counts both`, async () => {
      const cache = await node();
      await cache.set('row:1', 'set before');
      const { entries, loaded } = rows(3);
      const report = await cache.warm(entries);
      expect(report).to.deep.include({ total: 3, loaded: 2, fresh: 1, failed: 0 });
      expect(report.ms).to.be.at.least(0);
      expect(loaded).to.have.members([0, 2]);
      expect(await cache.getMany(['row:0', 'row:1', 'row:2'])).to.deep.equal(
        new Map<string, unknown>([
          ['row:0', { row: 0 }],
          ['row:1', 'set before'],
          ['row:2', { row: 2 }],
        ]),
      );
    });

    it(`${where}: a load that fails is counted and reported, and the others are warmed`, async () => {
      const cache = await node();
      const errors = errorsOf(cache);
      const { entries } = rows(2);
      const load = () => Promise.reject(failure);
      const report = await cache.warm([{ key: ['row:<id>', { id: 'bad' }], load }, ...entries]);
      expect(report).to.include({ total: 3, loaded: 2, fresh: 0, failed: 1 });
      expect(errors).to.deep.equal([{ operation: 'warm', key: 'row:<id>', error: failure }]);
      expect(await cache.get('row:bad')).to.equal(undefined);
      expect(await cache.get('row:1')).to.deep.equal({ row: 1 });
    });

    it(`${where}: a load that succeeds reports no error`, async () => {
      const cache = await node();
      const errors = errorsOf(cache);
      expect(await cache.warm(rows(2).entries)).to.include({ failed: 0 });
      expect(errors).to.deep.equal([]);
    });

    it(`${where}: entries keep the ttl, the tags and the version that they were warmed with`, async () => {
      const cache = await node();
      const load = () => 'value';
      await cache.warm([
        { key: 'row:0', load, tags: ['author:7'], version: 2 },
        { key: 'row:1', load, ttl: 0 },
      ]);
      const read = () => cache.getOrSet('row:0', () => 'loaded anew', { version: 2 });
      expect(await read()).to.equal('value');
      expect(await cache.get('row:1')).to.equal(undefined);
      await cache.invalidate({ tags: ['author:7'] });
      expect(await read()).to.equal('loaded anew');
    });
  });

  it('P12: two nodes that warm the same entries at once load each of them once', async () => {
    const redis = await sharedRedis();
    const [one, other] = [await nodes.node(redis), await nodes.node(redis)];
    const { entries, loaded } = rows(40);
    const reports = await Promise.all([one.warm(entries), other.warm(entries)]);
    expect([...loaded].sort((a, b) => a - b)).to.deep.equal(entries.map((_, row) => row));
    const [first, second] = reports;
    expect(first.loaded + second.loaded).to.equal(40);
    expect(first.fresh + second.fresh).to.equal(40);
    expect(first.failed + second.failed).to.equal(0);
  });

  it('reads at most so many entries at a time, and a further one for each that is through', async () => {
    const cache = await nodes.node(undefined);
    const gates = Array.from({ length: 4 }, () => new Gate<string>());
    const started = () => gates.filter(({ calls }) => calls > 0).length;
    const warming = cache.warm(
      gates.map(({ load }, row) => ({ key: `row:${row}`, load })),
      { concurrency: 2 },
    );
    await gates[1]!.started;
    await new Promise((resolve) => setImmediate(resolve));
    expect(started()).to.equal(2);
    gates[1]!.end('through');
    await gates[2]!.started;
    await new Promise((resolve) => setImmediate(resolve));
    expect(started()).to.equal(3);
    for (const gate of gates) gate.end('through');
    expect(await warming).to.include({ loaded: 4 });
  });

  it('reads eight at a time unless it is told otherwise', async () => {
    const cache = await nodes.node(undefined);
    const gates = Array.from({ length: 10 }, () => new Gate<string>());
    const warming = cache.warm(gates.map(({ load }, row) => ({ key: `row:${row}`, load })));
    await gates[7]!.started;
    await new Promise((resolve) => setImmediate(resolve));
    expect(gates.filter(({ calls }) => calls > 0)).to.have.length(8);
    for (const gate of gates) gate.end('through');
    await warming;
  });

  it('tells the progress after each entry, with the total of an array', async () => {
    const cache = await nodes.node(undefined);
    await cache.set('row:1', 'set before');
    const { entries } = rows(2);
    const told: WarmProgress[] = [];
    const onProgress = (progress: WarmProgress) => told.push(progress);
    await cache.warm([...entries, { key: 'row:bad', load: () => Promise.reject(failure) }], {
      concurrency: 1,
      onProgress,
    });
    expect(told).to.deep.equal([
      { done: 1, total: 3, loaded: 1, fresh: 0, failed: 0, key: 'row:0' },
      { done: 2, total: 3, loaded: 1, fresh: 1, failed: 0, key: 'row:1' },
      { done: 3, total: 3, loaded: 1, fresh: 1, failed: 1, key: 'row:bad' },
    ]);
  });

  it('a progress listener that throws harms nothing and is reported', async () => {
    const cache = await nodes.node(undefined);
    const errors = errorsOf(cache);
    const onProgress = () => {
      throw failure;
    };
    expect(await cache.warm(rows(2).entries, { onProgress })).to.include({ total: 2, loaded: 2 });
    expect(errors[0]).to.deep.equal({ operation: 'warm: onProgress', error: failure });
    expect(errors).to.have.length(2);
  });

  it('takes entries of an asynchronous generator as there is room for them, and no sooner', async () => {
    const cache = await nodes.node(undefined);
    const gate = new Gate<string>();
    let taken = 0;
    async function* pages() {
      for (let row = 0; row < 5; row += 1) {
        taken += 1;
        yield { key: `row:${row}`, load: gate.load };
      }
    }
    const totals = new Set<number | undefined>();
    const warming = cache.warm(pages(), { concurrency: 1, onProgress: ({ total }) => totals.add(total) });
    await gate.started;
    await new Promise((resolve) => setImmediate(resolve));
    // One is being loaded, one waits for its turn.
    expect(taken).to.equal(2);
    gate.end('row');
    expect(await warming).to.include({ total: 5, loaded: 5 });
    expect([...totals]).to.deep.equal([undefined]);
  });

  it('an iterable that fails counts as one failure, is reported, and what it had given is warmed', async () => {
    const cache = await nodes.node(undefined);
    const errors = errorsOf(cache);
    const { entries } = rows(2);
    async function* broken() {
      yield* entries;
      throw failure;
    }
    expect(await cache.warm(broken())).to.include({ total: 3, loaded: 2, failed: 1 });
    expect(errors).to.deep.equal([{ operation: 'warm: entries', error: failure }]);
  });

  for (const entry of [undefined, { key: 'row:bad' }, { key: '', load: () => 1 }, { load: () => 1 }]) {
    it(`an invalid entry (${JSON.stringify(entry)}) is counted as failed, and the others are warmed`, async () => {
      const cache = await nodes.node(undefined);
      const errors = errorsOf(cache);
      const report = await cache.warm([entry as WarmEntry, ...rows(1).entries]);
      expect(report).to.include({ total: 2, loaded: 1, failed: 1 });
      expect(errors).to.have.length(1);
    });
  }

  it('takes no further entry once its signal is aborted, and completes those under way', async () => {
    const cache = await nodes.node(undefined);
    const gate = new Gate<string>();
    const aborting = new AbortController();
    const warming = cache.warm([{ key: 'row:slow', load: gate.load }, ...rows(20).entries], {
      concurrency: 1,
      signal: aborting.signal,
    });
    await gate.started;
    aborting.abort();
    gate.end('through');
    expect(await warming).to.include({ total: 1, loaded: 1 });
    expect(cache.peek('row:slow')).to.equal('through');
  });

  it('loads nothing if the cache is off, as nothing would be stored', async () => {
    const cache = await nodes.node(undefined);
    const { entries, loaded } = rows(3);
    cache.disable();
    expect(await cache.warm(entries)).to.include({ total: 0 });
    expect(loaded).to.deep.equal([]);
    cache.enable();
    expect(await cache.warm(entries)).to.include({ total: 3, loaded: 3 });
  });

  it('ends early if the cache is closed meanwhile', async () => {
    const cache = await nodes.node(undefined);
    const gate = new Gate<string>();
    const warming = cache.warm([{ key: 'row:slow', load: gate.load }, ...rows(20).entries], {
      concurrency: 1,
    });
    await gate.started;
    const closing = cache.close();
    gate.end('through');
    await closing;
    expect(await warming).to.include({ total: 1, loaded: 1 });
  });

  describe('of values that have expired and may still be served', () => {
    const entry = (load: WarmEntry['load']): WarmEntry => ({ key: 'row:0', load, ttl: 60, staleFor: 600 });

    it('waits for the new value', async () => {
      const clock = new ManualClock();
      const cache = await nodes.node(undefined, { l1: { jitter: 0 } }, { clock });
      await cache.warm([entry(() => 'old')]);
      expect(await cache.warm([entry(() => 'too early')])).to.include({ fresh: 1 });
      clock.advance(61_000);
      const row = new Gate<string>();
      const warming = cache.warm([entry(row.load)]);
      await row.started;
      await new Promise((resolve) => setImmediate(resolve));
      row.end('new');
      expect(await warming).to.include({ loaded: 1 });
      expect(cache.peek('row:0')).to.equal('new');
    });

    it('counts a load that fails as failed, though a caller would be served', async () => {
      const clock = new ManualClock();
      const cache = await nodes.node(undefined, { l1: { jitter: 0 } }, { clock });
      const errors = errorsOf(cache);
      await cache.warm([entry(() => 'old')]);
      clock.advance(61_000);
      expect(await cache.warm([entry(() => Promise.reject(failure))])).to.include({ failed: 1 });
      await until(() => errors.length > 0);
      expect(errors).to.deep.equal([{ operation: 'refresh', key: 'row:0', error: failure }]);
    });
  });

  it('is counted under a label of its own', async () => {
    const cache = await nodes.node(undefined);
    await cache.warm(rows(3).entries);
    await cache.warm([{ ...rows(1).entries[0]!, name: 'Rows' }]);
    const { methods } = cache.stats();
    expect(methods['warm']?.calls).to.include({ total: 3, loaded: 3 });
    expect(methods['Rows']?.calls).to.include({ total: 1, l1: 1 });
  });

  it('is not advised against, though it finds nothing, as reads are that find nothing', async () => {
    const cache = await nodes.node(undefined);
    const { entries } = rows(200);
    await cache.warm(entries.slice(0, 100));
    const neverHit = () => cache.report().advice.filter(({ code }) => code === 'never-hit');
    expect(neverHit()).to.deep.equal([]);
    for (const { key, load } of entries.slice(100)) await cache.getOrSet(key, load);
    expect(neverHit().map(({ method }) => method)).to.deep.equal(['getOrSet']);
  });

  for (const [entries, options, what] of [
    [7, {}, 'what cannot be iterated'],
    ['row', {}, 'text'],
    [[], { concurrency: 0 }, 'a concurrency of 0'],
    [[], { concurrency: 1.5 }, 'half an entry at a time'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const cache = await nodes.node(undefined);
      const error = await cache.warm(entries as never, options).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      expect(error).to.have.property('code', 'TIERCEL_WARM');
    });
  }
});
