import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('package-lock.json', () => {
  // A registry that serves one platform's packages only writes a lock that `npm ci` refuses on every platform.
  it('knows every dependency of every platform, so that npm ci accepts it', () => {
    const lock = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package-lock.json'), 'utf8'));
    const packages = lock.packages as Readonly<Record<string, LockedPackage>>;
    const wanted = Object.values(packages).flatMap(({ dependencies, optionalDependencies }) =>
      Object.keys({ ...dependencies, ...optionalDependencies }),
    );
    expect(wanted).to.include('@biomejs/cli-darwin-arm64');
    const locked = new Set(Object.keys(packages).map((folder) => folder.replace(/^.*node_modules\//, '')));
    expect(wanted.filter((name) => !locked.has(name))).to.deep.equal([]);
  });
});
