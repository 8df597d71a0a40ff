import { expect } from 'chai';
import fc from 'fast-check';
import { slotOf } from '../../src/redis/slots';

describe('slotOf', () => {
  it('P41: agrees with the check value of the specification', () => {
    expect(slotOf('123456789')).to.equal(0x31c3);
  });

  it('P41: counts the bytes of a name, whatever its letters', () => {
    // As CLUSTER KEYSLOT says.
    expect([slotOf(''), slotOf('ns:feed:1'), slotOf('ns:größe:ü'), slotOf('ns:鍵')]).to.deep.equal([
      0, 8_074, 5_368, 3_255,
    ]);
  });

  it('P41: is within the slots', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(slotOf(name)).to.be.within(0, 16_383);
      }),
    );
  });
});
