/** What is remembered, for how long, and that it stays within its bound. */
import { expect } from 'chai';
import { BoundedMemo } from '../../src/keys/bounded-memo';

function counting(limit: number) {
  const made: string[] = [];
  const memo = new BoundedMemo(limit, (text) => {
    made.push(text);
    return { text };
  });
  return { memo, made };
}

describe('BoundedMemo', () => {
  it('makes a value once while it is in use', () => {
    const { memo, made } = counting(2);
    const first = memo.get('hot');
    for (let i = 0; i < 10; i++) {
      memo.get(`cold ${i}`);
      expect(memo.get('hot')).to.equal(first);
    }
    expect(made.filter((text) => text === 'hot')).to.have.length(1);
  });

  it('forgets what was not requested while two halves were filled', () => {
    const { memo, made } = counting(2);
    for (const text of ['old', 'a', 'b', 'c', 'd', 'old']) memo.get(text);
    expect(made).to.deep.equal(['old', 'a', 'b', 'c', 'd', 'old']);
  });

  it('makes again what failed', () => {
    let calls = 0;
    const memo = new BoundedMemo<object>(2, () => {
      calls++;
      throw new Error('refused');
    });
    expect(() => memo.get('x')).to.throw('refused');
    expect(() => memo.get('x')).to.throw('refused');
    expect(calls).to.equal(2);
  });
});
