import { expect } from 'chai';
import { areTokens, isToken, newToken, TOKEN_LENGTH } from '../../src/contract/tokens';

describe('newToken', () => {
  it('never gives a token twice, and each is 16 characters that need no escaping anywhere', () => {
    const count = 1_000_000;
    const seen = new Set<string>();
    for (let i = 0; i < count; i += 1) seen.add(newToken());
    expect(seen.size).to.equal(count);
    let malformed = 0;
    for (const token of seen) if (!/^[A-Za-z0-9_-]{16}$/.test(token)) malformed += 1;
    expect(malformed).to.equal(0);
  });
});

describe('isToken and areTokens', () => {
  const [one, two] = [newToken(), newToken()];
  const bytes = Buffer.from(`W.${one}${two}`);

  it('accept tokens at their place', () => {
    expect(one).to.have.lengthOf(TOKEN_LENGTH);
    expect(isToken(bytes, 2, 18)).to.equal(true);
    expect(areTokens(bytes, 2, 18)).to.equal(true);
    expect(areTokens(bytes, 2, 34)).to.equal(true);
  });

  it('refuse none, parts, and places beyond the end; isToken also more than one', () => {
    for (const [start, end] of [
      [2, 2],
      [2, 17],
      [2, 19],
      [2, 50],
      [18, 2],
    ] as const) {
      expect(isToken(bytes, start, end), `${start} to ${end}`).to.equal(false);
      expect(areTokens(bytes, start, end), `${start} to ${end}`).to.equal(false);
    }
    expect(isToken(bytes, 2, 34)).to.equal(false);
  });

  it('refuse other characters, also those beyond ASCII', () => {
    for (const last of [' ', '!', '.', '\n', '\u0000', 'é']) {
      const text = Buffer.from('a'.repeat(16 - Buffer.byteLength(last)) + last);
      expect(areTokens(text, 0, 16), JSON.stringify(last)).to.equal(false);
    }
  });
});
