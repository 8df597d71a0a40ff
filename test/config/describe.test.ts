import { expect } from 'chai';
import { describe as described } from '../../src/config/describe';

describe('describe', () => {
  for (const [value, text] of [
    ['abc', '"abc"'],
    ['', '""'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5n, '5n'],
    [Symbol('x'), 'Symbol(x)'],
    [[], 'an empty array'],
    [['secret'], 'an array'],
    [{ password: 'secret' }, 'an object'],
    [() => 'secret', 'a function'],
  ] as const) {
    it(`calls ${String(typeof value)} ${text}`, () => {
      expect(described(value)).to.equal(text);
    });
  }

  it('shortens a long string', () => {
    expect(described('x'.repeat(61))).to.equal(`"${'x'.repeat(60)}…"`);
  });

  it('blots out the user and password of a URL up to the last @, whatever they contain, before it shortens', () => {
    for (const secret of ['p', 'p@ss', 'p/s', 'line\nbreak', 'x'.repeat(100)]) {
      expect(described(`redis://user:${secret}@redis:6379/0`)).to.equal('"redis://***@redis:6379/0"');
    }
  });
});
