/** What is remembered of the keys of a template with one argument, for how long, and that it stays within its bounds. */
import { expect } from 'chai';
import { escapeValue } from '../../src/keys/escape';
import { KeyMemo } from '../../src/keys/key-memo';

/** A memo, and how often it has rendered. */
function counting() {
  let rendered = 0;
  const memo = new KeyMemo(
    'a:',
    (value) => {
      rendered += 1;
      if (value === undefined) throw new TypeError('no value');
      return escapeValue(String(value));
    },
    ':z',
  );
  const renders = (use: () => void): number => {
    const before = rendered;
    use();
    return rendered - before;
  };
  return { memo, renders };
}

const LIMIT = 2_000;

describe('KeyMemo', () => {
  it('renders a string or a number once while it is in use, and gives the same key', () => {
    const { memo, renders } = counting();
    for (const value of ['42', 42, 0.5]) {
      expect(memo.keyOf(value)).to.equal(`a:${value}:z`);
      expect(renders(() => expect(memo.keyOf(value)).to.equal(`a:${value}:z`))).to.equal(0);
    }
  });

  it('does not remember what is escaped or replaced by a digest, nor objects, and gives the right key each time', () => {
    const { memo, renders } = counting();
    const id = { toString: () => '7' };
    const use = (): void => {
      expect(memo.keyOf('x:y')).to.equal('a:x%3Ay:z');
      expect(memo.keyOf('x'.repeat(200))).to.match(/^a:%#.+:z$/);
      expect(memo.keyOf(id)).to.equal('a:7:z');
    };
    use();
    expect(renders(use)).to.equal(3);
  });

  it('throws again what has thrown before', () => {
    const { memo } = counting();
    for (let i = 0; i < 2; i += 1) expect(() => memo.keyOf(undefined)).to.throw('no value');
  });

  it('forgets all when it is full, and begins anew if it has found more than it missed', () => {
    const { memo, renders } = counting();
    for (let i = 0; i < LIMIT; i += 1) for (let again = 0; again < 2; again += 1) memo.keyOf(i);
    expect(renders(() => memo.keyOf(0))).to.equal(0);
    memo.keyOf('more');
    expect(renders(() => memo.keyOf(0))).to.equal(1);
    expect(renders(() => memo.keyOf(0))).to.equal(0);
  });

  it('rests if it has found less, and then tries again', () => {
    const { memo, renders } = counting();
    for (let i = 0; i <= LIMIT; i += 1) memo.keyOf(i);
    expect(renders(() => memo.keyOf('hot'))).to.equal(1);
    expect(renders(() => memo.keyOf('hot'))).to.equal(1);
    for (let i = 0; i < 10 * LIMIT; i += 1) memo.keyOf(`cold-${i}`);
    memo.keyOf('hot');
    expect(renders(() => memo.keyOf('hot'))).to.equal(0);
  });
});
