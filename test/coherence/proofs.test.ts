import { expect } from 'chai';
import { Proofs } from '../../src/coherence/proofs';

const BOUND = 500;
const LIMIT = 40;

describe('Proofs', () => {
  let until: number;

  function nothing(): Proofs {
    until = Number.NEGATIVE_INFINITY;
    return new Proofs(BOUND, (time) => {
      until = time;
    });
  }

  /** Proven and polled at 1,000. */
  function proven(): Proofs {
    const proofs = nothing();
    proofs.polled(1_000, LIMIT);
    proofs.proven(1_000);
    return proofs;
  }

  it('P31: is not given before the first proof, whose age is infinite until then', () => {
    const proofs = nothing();
    proofs.polled(1_000, LIMIT);
    expect(until).to.be.at.most(1_000);
    expect(proofs.age(1_000)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('P31: ends when the PING of the last proof was sent a bound ago, and not before', () => {
    const proofs = proven();
    proofs.polled(1_499, LIMIT);
    expect(until).to.be.greaterThan(1_499);
    proofs.polled(1_500, LIMIT);
    expect(until).to.be.at.most(1_500);
    expect(proofs.age(1_500)).to.equal(500);
  });

  it('P31: ends when no poll phase has been completed for the limit, and not before', () => {
    const proofs = proven();
    expect(until).to.be.greaterThan(1_039);
    expect(until).to.be.at.most(1_040);
    proofs.polled(1_038, LIMIT);
    expect(until).to.be.greaterThan(1_040);
  });

  it('P31: an answer is evidence of the poll phase that read it, as of the moment its PING was sent', () => {
    const proofs = proven();
    proofs.proven(1_100);
    expect(until).to.be.greaterThan(1_139);
    expect(until).to.be.at.most(1_140);
  });

  it('P31: an old answer that is read after a stall does not restore trust', () => {
    const proofs = proven();
    proofs.proven(1_005);
    expect(until).to.be.at.most(1_300);
  });

  it('P31: evidence that comes late does not undo later evidence', () => {
    const proofs = proven();
    proofs.polled(1_100, LIMIT);
    proofs.proven(1_090);
    proofs.proven(1_080);
    proofs.polled(1_070, LIMIT);
    expect(proofs.age(1_100)).to.equal(10);
    expect(until).to.be.greaterThan(1_130);
  });

  it('P32: a proof of an earlier connection is worth nothing after a loss, but its age goes on', () => {
    const proofs = proven();
    proofs.lost();
    expect(until).to.be.at.most(1_001);
    expect(proofs.age(1_010)).to.equal(10);
    proofs.proven(1_010);
    expect(until).to.be.greaterThan(1_011);
  });
});
