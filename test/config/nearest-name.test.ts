import { expect } from 'chai';
import { nearestName } from '../../src/config/nearest-name';

describe('nearestName', () => {
  const names = ['maxSize', 'maxBytes', 'defaultTTL', 'sweep', 'db'];
  for (const [slip, meant] of [
    ['maxSzie', 'maxSize'],
    ['maxsize', 'maxSize'],
    ['MAX_SIZE', 'maxSize'],
    ['defaultTtl', 'defaultTTL'],
    ['defaulTTL', 'defaultTTL'],
    ['sweeep', 'sweep'],
    ['bd', 'db'],
    ['maxByte', 'maxBytes'],
  ] as const) {
    it(`takes '${slip}' for '${meant}'`, () => {
      expect(nearestName(slip, names)).to.equal(meant);
    });
  }

  it('suggests nothing if no name is near', () => {
    expect(nearestName('colour', names)).to.equal(undefined);
    expect(nearestName('x', names)).to.equal(undefined);
    expect(nearestName('maxSize', [])).to.equal(undefined);
    expect(nearestName('', names)).to.equal(undefined);
  });

  it('prefers the nearer of two', () => {
    expect(nearestName('prices', ['price', 'pricess', 'prices2', 'prices'])).to.equal('prices');
  });
});
