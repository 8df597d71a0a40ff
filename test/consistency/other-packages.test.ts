import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { NotInstalled, otherPackage } from './other-packages';

describe('packages to compare with', () => {
  it('are named with the command that installs them, if they are missing', () => {
    expect(() => otherPackage('no-such-cache')).to.throw(NotInstalled, 'npm ci --prefix bench/others');
  });

  it('are found if they are installed (control)', () => {
    expect(existsSync(otherPackage('lru-cache'))).to.equal(true);
  });
});
