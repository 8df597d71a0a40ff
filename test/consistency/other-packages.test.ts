import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { NotInstalled, otherPackage } from './other-packages';

describe('packages to compare with', () => {
  it('are told by the command that installs them, where they are missing', () => {
    expect(() => otherPackage('no-such-cache')).to.throw(NotInstalled, 'npm ci --prefix bench/others');
  });

  it('are found where they are there (control)', () => {
    expect(existsSync(otherPackage('lru-cache'))).to.equal(true);
  });
});
