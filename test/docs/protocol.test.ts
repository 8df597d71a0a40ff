/** Holds docs/protocol.md against the code: each rule has a name, a description and tests that hold it, and is cited by both. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { anchors, codes, links, section } from './markdown';

const ROOT = join(__dirname, '..', '..');
const PROTOCOL = readFileSync(join(ROOT, 'docs', 'protocol.md'), 'utf8');
const RULE = /\bP\d{1,2}\b/g;
/** `(join rule, P14)`: a name and its number. */
const CITATION = /\(([a-zA-Z][\w -]*), (P\d{1,2})\b/g;

interface Rule {
  readonly number: string;
  /** As it is cited: `join rule`, `L1 admission`. */
  readonly name: string;
  readonly text: string;
  readonly tests: readonly string[];
  readonly admitsNoTest: boolean;
}

function rules(): Rule[] {
  return Array.from(PROTOCOL.matchAll(/^### ((P\d+) (.+))$/gm), ([, title = '', number = '', name = '']) => {
    const [text = '', heldBy = ''] = section(PROTOCOL, title).split(/^Held by: /m);
    return {
      number,
      name: name.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
      text: text.trim(),
      tests: codes(heldBy).filter((path) => path.startsWith('test/')),
      admitsNoTest: /\bno (title|test)\b/.test(heldBy),
    };
  });
}

function textsBelow(folder: string, extension: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
}

/** Everything that may cite a rule. A comment that breaks between name and number counts as well. */
function citingTexts(): string[] {
  const documents = ['README.md', 'ARCHITECTURE.md'].map((file) => readFileSync(join(ROOT, file), 'utf8'));
  return [
    ...documents,
    ...textsBelow('docs', '.md'),
    ...textsBelow('src', '.ts'),
    ...textsBelow('test', '.ts'),
  ].map((text) => text.replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' '));
}

describe('docs/protocol.md', () => {
  it('has each rule once, in order, so that every number that is cited anywhere can be looked up', () => {
    const numbers = rules().map(({ number }) => number);
    expect(numbers).to.deep.equal(Array.from({ length: 42 }, (_, index) => `P${index + 1}`));
    const cited = citingTexts().flatMap((text) => text.match(RULE) ?? []);
    expect(cited.length).to.be.greaterThan(200);
    expect(numbers).to.include.members(cited);
  });

  it('gives each rule a name of its own and says what holds', () => {
    const names = rules().map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    expect(rules().filter(({ text }) => text.length < 100)).to.deep.equal([]);
  });

  it('is cited with the name that belongs to the number', () => {
    const nameOf = new Map(rules().map(({ number, name }) => [number, name]));
    const cited = citingTexts().flatMap((text) =>
      Array.from(text.matchAll(CITATION), ([, name = '', number = '']) => ({ name, number })),
    );
    const named = cited.filter(({ name }) => !/^P\d/.test(name));
    expect(named.length).to.be.greaterThan(20);
    const wrong = named.filter(({ name, number }) => name !== nameOf.get(number));
    expect(wrong).to.deep.equal([]);
  });

  it('names for each rule tests that carry its number, or admits that none does', () => {
    for (const { number, tests, admitsNoTest } of rules()) {
      expect(tests, number).to.not.deep.equal([]);
      if (admitsNoTest) continue;
      for (const path of tests) {
        expect(existsSync(join(ROOT, path)), `${number}: ${path}`).to.equal(true);
        const carried: readonly string[] = readFileSync(join(ROOT, path), 'utf8').match(RULE) ?? [];
        expect(carried, `${number}: ${path}`).to.include(number);
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
