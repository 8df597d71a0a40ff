/** The two-minute start of README.md, done literally: its files, its commands, and what it says they print. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { section, snippets } from '../docs/markdown';
import { copyPackages, install, PACKING_MS, run } from './packed';

const ROOT = join(__dirname, '..', '..');
const START = section(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'Two-minute start');
const [SETTING_UP = [], RUNNING = []] = snippets(START, 'sh').map(({ text }) => text.trim().split('\n'));
const [OPTIONS] = snippets(START, 'json');
const [MAIN] = snippets(START, 'ts');
const [PRINTED] = snippets(START, 'text');

/** What these commands would fetch from a registry is taken from this checkout. */
const INSTALLATIONS: Readonly<Record<string, (app: string) => void>> = {
  'npm install tiercel': install,
  'npm install --save-dev typescript@5 @types/node@20': (app) => {
    copyPackages(['node_modules/typescript', 'node_modules/@types/node', 'node_modules/undici-types'], app);
    mkdirSync(join(app, 'node_modules', '.bin'), { recursive: true });
    symlinkSync('../typescript/bin/tsc', join(app, 'node_modules', '.bin', 'tsc'));
  },
};

describe('the two-minute start', function () {
  this.timeout(PACKING_MS);
  let app: string;

  before(() => {
    app = mkdtempSync(join(tmpdir(), 'tiercel-start-'));
  });

  after(() => {
    rmSync(app, { recursive: true, force: true });
  });

  it('works in an empty folder, and prints what README.md says', () => {
    const type = (line: string) => run(app, 'env', '-u', 'REDIS_URL', 'sh', '-c', line);
    expect(SETTING_UP).to.include.members(Object.keys(INSTALLATIONS));
    for (const line of SETTING_UP) (INSTALLATIONS[line] ?? (() => type(line)))(app);
    writeFileSync(join(app, 'tsconfig.json'), OPTIONS!.text);
    writeFileSync(join(app, 'main.ts'), MAIN!.text);
    expect(RUNNING).to.have.lengthOf(2);
    const printed = RUNNING.map(type);
    expect(printed).to.deep.equal(['', PRINTED!.text]);
  });

  it('is the program of examples/quick-start', () => {
    const withoutFirstLine = (text: string) => text.slice(text.indexOf('\n') + 1);
    const example = readFileSync(join(ROOT, 'examples', 'quick-start', 'main.ts'), 'utf8');
    expect(withoutFirstLine(example)).to.equal(withoutFirstLine(MAIN!.text));
  });
});
