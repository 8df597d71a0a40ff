import { expect } from 'chai';
import { freezePlain, frozenCopy } from '../../../src/engine/l1/freeze';

describe('freezePlain', () => {
  it('freezes objects and arrays all the way down, and returns the value itself', () => {
    const value = { list: [{ id: 1 }], nothing: null, text: 'x' };
    expect(freezePlain(value)).to.equal(value);
    for (const part of [value, value.list, value.list[0]]) expect(Object.isFrozen(part)).to.equal(true);
  });

  it('freezes what lies inside something that the application froze only outermost', () => {
    const value = Object.freeze({ list: [1] });
    freezePlain(value);
    expect(Object.isFrozen(value.list)).to.equal(true);
  });

  it('freezes an object without prototype', () => {
    expect(Object.isFrozen(freezePlain(Object.assign(Object.create(null), { id: 1 })))).to.equal(true);
  });

  it('ends at cycles', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(Object.isFrozen(freezePlain(value))).to.equal(true);
  });

  it('leaves instances of classes alone, and what lies inside them', () => {
    class Row {
      readonly tags: string[] = [];
    }
    const value = {
      row: new Row(),
      date: new Date(),
      map: new Map(),
      bytes: Buffer.from('x'),
      typed: new Uint8Array(1),
    };
    freezePlain(value);
    expect(Object.isFrozen(value)).to.equal(true);
    for (const part of [value.row, value.row.tags, value.date, value.map])
      expect(Object.isFrozen(part)).to.equal(false);
    value.typed[0] = 7;
    expect(value.typed[0]).to.equal(7);
  });

  it('does not run accessors', () => {
    let ran = false;
    freezePlain({
      get costly() {
        ran = true;
        throw new Error('not to be run');
      },
    });
    expect(ran).to.equal(false);
  });

  it('returns scalars as they are', () => {
    for (const value of [0, '', false, null, undefined, 1n]) expect(freezePlain(value)).to.equal(value);
  });
});

describe('frozenCopy', () => {
  it('copies and freezes objects and arrays all the way down, and leaves the value itself as it is', () => {
    const value = { list: [{ id: 1, tags: ['a'] }], nothing: null, text: 'x' };
    const copy = frozenCopy(value);
    expect(copy).to.deep.equal(value);
    for (const part of [copy, copy.list, copy.list[0], copy.list[0]?.tags])
      expect(Object.isFrozen(part)).to.equal(true);
    for (const part of [value, value.list, value.list[0], value.list[0]?.tags])
      expect(Object.isFrozen(part)).to.equal(false);
  });

  it('keeps cycles, shared parts, holes, symbols, null prototypes and an own __proto__', () => {
    const shared = { list: [{}] };
    const symbol = Symbol('s');
    const value: Record<PropertyKey, unknown> = {
      a: shared,
      b: shared,
      // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
      holes: [1, , 3],
      [symbol]: 1,
      bare: Object.assign(Object.create(null), { id: 1 }),
      parsed: JSON.parse('{"__proto__":{"id":1}}'),
    };
    value['self'] = value;
    const copy = frozenCopy(value);
    expect(copy['self']).to.equal(copy);
    expect(copy['a']).to.equal(copy['b']);
    expect(1 in (copy['holes'] as unknown[])).to.equal(false);
    expect(copy[symbol]).to.equal(1);
    expect(Object.getPrototypeOf(copy['bare'])).to.equal(null);
    expect(Object.getPrototypeOf(copy['parsed'])).to.equal(Object.prototype);
    expect(JSON.stringify(copy['parsed'])).to.equal('{"__proto__":{"id":1}}');
  });

  it('shares instances of classes, which stay as they are', () => {
    const value = { date: new Date(), bytes: Buffer.from('x') };
    const copy = frozenCopy(value);
    expect(copy.date).to.equal(value.date);
    expect(copy.bytes).to.equal(value.bytes);
  });

  it('does not recurse: 50,000 levels are no deeper than one', () => {
    let value: { inner?: object } = {};
    for (let level = 0; level < 50_000; level += 1) value = { inner: value };
    expect(Object.isFrozen(frozenCopy(value).inner)).to.equal(true);
    expect(Object.isFrozen(freezePlain(value).inner)).to.equal(true);
  });
});
