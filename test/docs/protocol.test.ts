/** What docs/protocol.md says of each rule, held against the code: it is there, has a state, and names tests that hold it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { anchors, codes, links, section } from './markdown';

const ROOT = join(__dirname, '..', '..');
const PROTOCOL = readFileSync(join(ROOT, 'docs', 'protocol.md'), 'utf8');
const RULE = /\bP\d{1,2}\b/g;

interface Rule {
  readonly name: string;
  readonly state: string | undefined;
  readonly tests: readonly string[];
  readonly admitsNoTest: boolean;
}

function rules(): Rule[] {
  return Array.from(PROTOCOL.matchAll(/^### ((P\d+) .+)$/gm), ([, title = '', name = '']) => {
    const text = section(PROTOCOL, title);
    const tests = /^- Tests: [\s\S]*/m.exec(text)?.[0] ?? '';
    return {
      name,
      state: /^- State: (in force|partly|not yet)\b/m.exec(text)?.[1],
      tests: codes(tests).filter((path) => path.startsWith('test/')),
      admitsNoTest: /\bno (title|test)\b/.test(tests),
    };
  });
}

function textsBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
}

describe('docs/protocol.md', () => {
  it('tells each rule once, in order, so that every number that is cited anywhere can be looked up', () => {
    const told = rules().map(({ name }) => name);
    expect(told).to.deep.equal(Array.from({ length: 42 }, (_, index) => `P${index + 1}`));
    const texts = ['README.md', 'ARCHITECTURE.md', 'docs/guarantees.md', 'docs/documents.md'].map((file) =>
      readFileSync(join(ROOT, file), 'utf8'),
    );
    const cited = [...texts, ...textsBelow('src'), ...textsBelow('test'), PROTOCOL].flatMap(
      (text) => text.match(RULE) ?? [],
    );
    expect(cited.length).to.be.greaterThan(200);
    expect(told).to.include.members(cited);
  });

  it('gives each rule a state', () => {
    const without = rules().filter(({ state }) => state === undefined);
    expect(without.map(({ name }) => name)).to.deep.equal([]);
  });

  it('names, for each rule of which something is built, tests that carry its number, or admits that none does', () => {
    for (const { name, state, tests, admitsNoTest } of rules()) {
      if (state !== 'not yet') expect(tests, name).to.not.deep.equal([]);
      if (admitsNoTest) continue;
      for (const path of tests) {
        expect(existsSync(join(ROOT, path)), `${name}: ${path}`).to.equal(true);
        const carried: readonly string[] = readFileSync(join(ROOT, path), 'utf8').match(RULE) ?? [];
        expect(carried, `${name}: ${path}`).to.include(name);
      }
    }
  });

  it('points only to files and headings that exist', () => {
    for (const target of links(PROTOCOL)) {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? join(ROOT, 'docs', 'protocol.md') : join(ROOT, 'docs', file);
      expect(existsSync(path), target).to.equal(true);
      if (anchor !== undefined) expect(anchors(readFileSync(path, 'utf8')), target).to.include(anchor);
    }
    for (const path of codes(PROTOCOL).filter((text) => /^(test|src|docs)\//.test(text))) {
      expect(existsSync(join(ROOT, path)), path).to.equal(true);
    }
  });
});
