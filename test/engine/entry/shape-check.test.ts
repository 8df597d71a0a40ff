import { expect } from 'chai';
import { differenceOf } from '../../../src/engine/entry/shape-check';

class Row {
  constructor(readonly id: number) {}
}

describe('a value and its round trip', () => {
  const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  for (const [what, value] of [
    ['plain data', { id: 1, tags: ['a', null], deep: { list: [{ x: 1 }] } }],
    ['a property that is undefined', { id: 1, cursor: undefined, deep: [{ next: undefined }] }],
    ['text', 'row'],
  ] as const) {
    it(`are alike: ${what}`, () => {
      expect(differenceOf(value, throughJson(value))).to.equal(undefined);
    });
  }

  for (const [what, value, words] of [
    ['a Date', { row: { at: new Date(0) } }, 'value.row.at is Date before and a string after'],
    ['a Map', { rows: new Map([[1, 2]]) }, 'value.rows is Map before and Object after'],
    ['an instance', new Row(1), 'value is Row before and Object after'],
    ['a hole in a list', [1, undefined], 'value.1 is undefined before and null after'],
    ['NaN', { ratio: Number.NaN }, 'value.ratio is a number before and null after'],
  ] as const) {
    it(`differ, and the first place is named: ${what}`, () => {
      expect(differenceOf(value, throughJson(value))).to.equal(words);
    });
  }

  it('differ within one kind', () => {
    expect(differenceOf({ id: 1 }, { id: 2 })).to.equal('value.id is not the same number after it');
    expect(differenceOf(new Map([[1, 1]]), new Map([[1, 2]]))).to.equal('value is not the same Map after it');
  });
});
