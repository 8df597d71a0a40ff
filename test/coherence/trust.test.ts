import { expect } from 'chai';
import { Trust } from '../../src/coherence/trust';

const BOUND = 500;
const LIMIT = 40;

describe('Trust', () => {
  /** Proven and polled at 1,000. */
  function proven(): Trust {
    const trust = new Trust(BOUND);
    trust.polled(1_000, LIMIT);
    trust.proven(1_000);
    return trust;
  }

  it('P31: is not given before the first proof, whose age is infinite until then', () => {
    const trust = new Trust(BOUND);
    trust.polled(1_000, LIMIT);
    expect(trust.trusted(1_000)).to.equal(false);
    expect(trust.age(1_000)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('P31: ends when the PING of the last proof was sent a bound ago, and not before', () => {
    const trust = proven();
    trust.polled(1_499, LIMIT);
    expect(trust.trusted(1_499)).to.equal(true);
    trust.polled(1_500, LIMIT);
    expect(trust.trusted(1_500)).to.equal(false);
    expect(trust.age(1_500)).to.equal(500);
  });

  it('P31: ends when no poll phase has been completed for the limit, and not before', () => {
    const trust = proven();
    expect(trust.trusted(1_039)).to.equal(true);
    expect(trust.trusted(1_040)).to.equal(false);
    trust.polled(1_038, LIMIT);
    expect(trust.trusted(1_040)).to.equal(true);
  });

  it('P31: an answer is evidence of the poll phase that read it, as of the moment its PING was sent', () => {
    const trust = proven();
    trust.proven(1_100);
    expect(trust.trusted(1_139)).to.equal(true);
    expect(trust.trusted(1_140)).to.equal(false);
  });

  it('P31: an old answer that is read after a stall does not restore trust', () => {
    const trust = proven();
    trust.proven(1_005);
    expect(trust.trusted(1_300)).to.equal(false);
  });

  it('P31: evidence that comes late does not undo later evidence', () => {
    const trust = proven();
    trust.polled(1_100, LIMIT);
    trust.proven(1_090);
    trust.proven(1_080);
    trust.polled(1_070, LIMIT);
    expect(trust.age(1_100)).to.equal(10);
    expect(trust.trusted(1_130)).to.equal(true);
  });

  it('P32: a proof of an earlier connection is worth nothing after a loss, but its age goes on', () => {
    const trust = proven();
    trust.lost();
    expect(trust.trusted(1_001)).to.equal(false);
    expect(trust.age(1_010)).to.equal(10);
    trust.proven(1_010);
    expect(trust.trusted(1_011)).to.equal(true);
  });

  it('says whether it was asked for since it last said so', () => {
    const trust = proven();
    expect(trust.takeAsked()).to.equal(false);
    trust.trusted(1_000);
    expect(trust.takeAsked()).to.equal(true);
    expect(trust.takeAsked()).to.equal(false);
  });
});
