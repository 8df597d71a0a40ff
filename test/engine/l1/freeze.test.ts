import { expect } from 'chai';
import { freezePlain } from '../../../src/engine/l1/freeze';

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
