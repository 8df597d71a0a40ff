/**
 * What the signals example rests on: "0 stale" means something only if a stale value would be seen, and a seed only if
 * chance repeats itself. No database and no cache: what they would say is said by hand.
 */
import { expect } from 'chai';
import { Random, Zipf } from '../../examples/signals/simulation/random';
import { Verification } from '../../examples/signals/simulation/verification';

function verified(...answers: unknown[]) {
  const verification = new Verification();
  const database = { onRow: (_row: unknown): void => {} };
  verification.watch(database);
  for (const answer of answers) database.onRow(answer);
  return verification;
}

describe('verification of the signals example', () => {
  it('calls a value stale that is older than a write acknowledged before the read began', () => {
    const verification = verified({ bid: 1, revision: 4 });
    verification.acknowledged(['price of BTC/USD'], 5);
    verification.check(verification.begin('price of BTC/USD'), { bid: 1, revision: 4 } as never);
    expect(verification.findings.stale).to.equal(1);
    expect(verification.findings.examples[0]).to.include('price of BTC/USD at revision 4, though 5');
  });

  it('takes an older value as fresh when the write was acknowledged during the read', () => {
    const verification = verified({ revision: 4 });
    const begun = verification.begin('price of BTC/USD');
    verification.acknowledged(['price of BTC/USD'], 5);
    verification.check(begun, { revision: 4 });
    expect(verification.findings).to.deep.equal({ checked: 1, stale: 0, wrong: 0, examples: [] });
  });

  it('takes a newer value as fresh, since a read may see what is not acknowledged yet', () => {
    const verification = verified({ revision: 6 });
    verification.acknowledged(['price of BTC/USD'], 5);
    verification.check(verification.begin('price of BTC/USD'), { revision: 6 });
    expect(verification.findings.stale).to.equal(0);
  });

  it('keeps the highest revision when writes are acknowledged out of order', () => {
    const verification = verified({ revision: 6 });
    verification.acknowledged(['feed of u1'], 7);
    verification.acknowledged(['feed of u1'], 6);
    verification.check(verification.begin('feed of u1'), { revision: 6 });
    expect(verification.findings.stale).to.equal(1);
  });

  it('does not hold the write of one subject against another', () => {
    const verification = verified({ revision: 0 });
    verification.acknowledged(['feed of u1'], 7);
    verification.check(verification.begin('feed of u2'), { revision: 0 });
    expect(verification.findings.stale).to.equal(0);
  });

  it('calls "there is none" stale once the creation was acknowledged', () => {
    const verification = verified();
    verification.acknowledged(['signal s1'], 1);
    verification.check(verification.begin('signal s1'), null);
    expect(verification.findings.stale).to.equal(1);
  });

  it('calls a value wrong that the database has never answered, though its revision is right', () => {
    const verification = verified({ bid: 1, revision: 4 });
    const changed = { bid: 2, revision: 4 };
    verification.check(verification.begin('price of BTC/USD'), changed);
    expect(verification.findings).to.include({ stale: 0, wrong: 1 });
  });

  it('looks again at an object that is not frozen, as its holder may have changed it', () => {
    const row = { bid: 1, revision: 4 };
    const verification = verified({ ...row });
    verification.check(verification.begin('price of BTC/USD'), row);
    row.bid = 2;
    verification.check(verification.begin('price of BTC/USD'), row);
    expect(verification.findings).to.include({ checked: 2, wrong: 1 });
  });
});

describe('chance in the signals example', () => {
  const draw = (random: Random): number[] => Array.from({ length: 50 }, () => random.next());

  it('repeats itself for the same seed, and for forks of the same name', () => {
    expect(draw(new Random(7))).to.deep.equal(draw(new Random(7)));
    expect(draw(new Random(7).fork('a'))).to.deep.equal(draw(new Random(7).fork('a')));
  });

  it('differs between seeds, and between forks of different names', () => {
    expect(draw(new Random(7))).not.to.deep.equal(draw(new Random(8)));
    expect(draw(new Random(7).fork('a'))).not.to.deep.equal(draw(new Random(7).fork('b')));
  });

  for (const { exponent, first, last } of [
    { exponent: 1, first: 2, last: 5 },
    { exponent: 2, first: 4, last: 25 },
  ]) {
    it(`follows Zipf's law: with exponent ${exponent}, rank 1 comes ${first} times as often as rank 2`, () => {
      const zipf = new Zipf(5, exponent);
      const random = new Random(42);
      const counts = [0, 0, 0, 0, 0];
      for (let index = 0; index < 50_000; index += 1) counts[zipf.draw(random)]! += 1;
      expect(counts[0]! / counts[1]!).to.be.closeTo(first, first * 0.1);
      expect(counts[0]! / counts[4]!).to.be.closeTo(last, last * 0.1);
    });
  }
});
