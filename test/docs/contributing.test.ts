import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { anchors, links, section } from './markdown';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const CONTRIBUTING = read('CONTRIBUTING.md');
const PROTOCOL = read('docs/protocol.md');

describe('CONTRIBUTING.md', () => {
  it('names every rule of the protocol by its number and name, and no other', () => {
    const listed = Array.from(
      section(CONTRIBUTING, 'The rules by number').matchAll(/\[(P\d+)\]\([^)]+\) ([^|]+) \|/g),
      ([, number, name]) => `${number} ${name}`,
    );
    const rules = Array.from(PROTOCOL.matchAll(/^### (P\d+ .+)$/gm), ([, title]) => title);
    expect(rules.length).to.be.greaterThan(40);
    expect(listed).to.have.members(rules);
  });

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = Array.from(CONTRIBUTING.matchAll(/npm run ([\w:-]+)/g), ([, name]) => name!);
    expect(Object.keys(scripts)).to.include.members(named);
  });

  for (const file of ['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md']) {
    it(`points only to files and headings that exist (${file})`, () => {
      for (const target of links(read(file)).filter((link) => !link.startsWith('https:'))) {
        const [path = '', anchor] = target.split('#');
        expect(existsSync(join(ROOT, path)), target).to.equal(true);
        if (anchor !== undefined) expect(anchors(read(path)), target).to.include(anchor);
      }
    });
  }
});
