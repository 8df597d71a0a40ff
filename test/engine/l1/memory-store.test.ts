import { expect } from 'chai';
import { LruTier, NoMemory } from '../../../src/engine/l1/memory-store';
import { ManualClock } from '../../support/manual-clock';

describe('LruTier', () => {
  let clock: ManualClock;
  let evicted: string[];

  beforeEach(() => {
    clock = new ManualClock();
    evicted = [];
  });

  const tier = (options: { maxSize?: number; maxBytes?: number; sweepMs?: number } = {}) =>
    new LruTier<{ readonly name: string; readonly keptUntil: number }>(clock, {
      maxSize: 3,
      maxBytes: undefined,
      sweepMs: 100,
      onEvict: (key) => evicted.push(key),
      ...options,
    });
  const entry = (name: string, lifetimeMs = 1_000) => ({ name, keptUntil: clock.now() + lifetimeMs });

  it('gives the least recently used place to a new entry; reading counts as using', () => {
    const memory = tier();
    for (const key of ['a', 'b', 'c']) memory.set(key, entry(key), 0);
    memory.get('a');
    memory.set('d', entry('d'), 0);
    expect(['a', 'b', 'c', 'd'].filter((key) => memory.get(key) !== undefined)).to.deep.equal([
      'a',
      'c',
      'd',
    ]);
    expect(memory.size).to.equal(3);
    memory.set('a', entry('a'), 0);
    memory.delete('c');
    memory.close();
    expect(evicted, 'not what is replaced or removed').to.deep.equal(['b']);
  });

  it('bounds by bytes: makes room until a new entry fits, and keeps no entry that never could', () => {
    const memory = tier({ maxSize: 100, maxBytes: 1_000 });
    expect(memory.measured).to.equal(true);
    memory.set('a', entry('a'), 400);
    memory.set('b', entry('b'), 400);
    memory.set('c', entry('c'), 400);
    expect([memory.get('a'), memory.bytes]).to.deep.equal([undefined, 800]);
    memory.set('b', entry('b, larger than everything'), 1_001);
    expect([memory.get('b'), memory.bytes]).to.deep.equal([undefined, 400]);
    memory.set('empty', entry('empty'), 0);
    expect(memory.get('empty')?.name).to.equal('empty');
    memory.close();
  });

  it('does not ask for bytes where it is bounded by entries alone', () => {
    const memory = tier();
    memory.set('a', entry('a'), 0);
    expect([memory.measured, memory.bytes, memory.get('a')?.name]).to.deep.equal([false, 0, 'a']);
    memory.close();
  });

  it('sweeps what has expired and nothing else, and does not count that as using', () => {
    const memory = tier({ sweepMs: 100 });
    memory.set('a', entry('a', 1_000), 0);
    memory.set('b', entry('b', 100), 0);
    memory.set('c', entry('c', 101), 0);
    clock.advance(99);
    expect(memory.size).to.equal(3);
    clock.advance(1);
    expect(memory.size).to.equal(2);
    clock.advance(100);
    expect(memory.size).to.equal(1);
    memory.set('d', entry('d'), 0);
    memory.set('e', entry('e'), 0);
    clock.advance(100);
    memory.set('f', entry('f'), 0);
    expect(memory.get('a')).to.equal(undefined);
    memory.close();
  });

  it('keeps an expired entry readable until it is swept, for those who may still use it', () => {
    const memory = tier({ sweepMs: 100 });
    memory.set('a', entry('a', 10), 0);
    clock.advance(50);
    expect(memory.get('a')?.name).to.equal('a');
    memory.close();
  });

  it('P42: its sweep does not keep a process alive, and ends with it', () => {
    const memory = tier();
    memory.set('a', entry('a'), 0);
    expect([clock.pending, clock.holding]).to.deep.equal([1, 0]);
    memory.close();
    expect([clock.pending, memory.size]).to.deep.equal([0, 0]);
  });

  it('forgets one and all', () => {
    const memory = tier();
    memory.set('a', entry('a'), 0);
    memory.set('b', entry('b'), 0);
    expect([memory.delete('a'), memory.delete('a'), memory.size]).to.deep.equal([true, false, 1]);
    memory.clear();
    expect(memory.size).to.equal(0);
    memory.close();
  });
});

describe('NoMemory', () => {
  it('takes everything and keeps nothing', () => {
    const memory = new NoMemory<object>();
    memory.set();
    expect([memory.get(), memory.delete(), memory.size, memory.bytes]).to.deep.equal([
      undefined,
      false,
      0,
      0,
    ]);
  });
});
