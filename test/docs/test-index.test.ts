/** test/README.md, compared with the folder: every test file has one line, and no line names a file that is gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect } from 'chai';
import { codes, tables } from './markdown';

const TEST = join(__dirname, '..');
const README = readFileSync(join(TEST, 'README.md'), 'utf8');

describe('test/README.md', () => {
  it('lists every test file once, with its promise', () => {
    const rows = tables(README).flatMap((table) => table.rows);
    const listed = rows.map(([, file = '']) => codes(file)[0]);
    const files = readdirSync(TEST, { recursive: true, encoding: 'utf8' })
      .map((file) => file.split(sep).join('/'))
      .filter((file) => file.endsWith('.test.ts'));
    expect(files.length).to.be.greaterThan(100);
    expect(
      files.filter((file) => !listed.includes(file)),
      'without a line: add its promise',
    ).to.deep.equal([]);
    expect(
      listed.filter((file, row) => !files.includes(file ?? '') || listed.indexOf(file) !== row),
      'gone, or listed twice',
    ).to.deep.equal([]);
    for (const [promise = '', file] of rows) expect(promise.length, file).to.be.greaterThan(15);
  });
});
