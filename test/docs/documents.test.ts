import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Cache } from '../../src/api/cache';
import { codes, section, tables } from './markdown';

const ROOT = join(__dirname, '..', '..');
const DOCUMENTS = readFileSync(join(ROOT, 'test', 'documents.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What a row points to: each must be there. */
function isThere(code: string): boolean {
  const [, script] = /^npm run ([\w:-]+)/.exec(code) ?? [];
  if (script !== undefined) return script in scripts;
  const [, member] = /^cache\.(\w+)$/.exec(code) ?? [];
  if (member !== undefined) return member in Cache.prototype;
  return existsSync(join(ROOT, code));
}

describe('test/documents.md', () => {
  for (const title of ['The caching strategy', 'The implementation report']) {
    const [{ rows = [] } = {}] = tables(section(DOCUMENTS, title));

    it(`${title}: each item says where it is, and what shows it`, () => {
      expect(rows.length).to.be.greaterThan(20);
      for (const [item = '', where = '', shown = ''] of rows) {
        expect(codes(where), `${item}: where`).to.not.deep.equal([]);
        expect(codes(shown), `${item}: shown by`).to.not.deep.equal([]);
      }
    });

    it(`${title}: no row points to what is not there`, () => {
      const missing = rows.flatMap(([, where = '', shown = '']) =>
        [...codes(where), ...codes(shown)].filter((code) => !isThere(code)),
      );
      expect(missing).to.deep.equal([]);
    });
  }

  it('says what is not done', () => {
    expect(DOCUMENTS).to.match(/CloudWatch[^|]*\| not done/);
  });

  it('would find a row that points nowhere (control)', () => {
    expect(['test/docs/absent.test.ts', 'npm run absent', 'cache.absent'].filter(isThere)).to.deep.equal([]);
  });
});
