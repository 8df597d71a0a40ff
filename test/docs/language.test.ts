/** The language of the manual and of the documents beside it: short sentences, and none of the turns of phrase that make readers stumble. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(__dirname, '..', '..');
const MOST_WORDS = 30;
const STUMBLING: readonly RegExp[] = [
  /(?:^|[.;:] )Where (?!to\b|is\b|are\b|do\b|does\b)|[,;] (?:and |or |but )?where (?:it|they|there|that|this|no|nobody|nothing|one|an?|the)\b/m,
  /(?:^|[.;:] )Who(?:ever)? (?!are\b|is this\b|reads\b)[a-z]+/m,
  /\b(?:he|his|him)\b/,
  /\b(?:is|are|was|were) none\b|\b[Ww]hat is no\b/,
  /\bbelongs? into\b/,
  /\banew\b|\bbut for\b/,
];

/** Without code, which may say what it wants. */
function proseOf(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`]*`/g, 'code');
}

function longSentences(prose: string): string[] {
  return prose
    .split(/\n\s*\n/)
    .filter((paragraph) => !/^\s*[|#]/.test(paragraph))
    .flatMap((paragraph) => paragraph.replace(/\s+/g, ' ').split(/(?<=[.:;!?]) /))
    .filter((sentence) => sentence.split(' ').length > MOST_WORDS);
}

function stumblings(prose: string): string[] {
  return STUMBLING.flatMap((pattern) => pattern.exec(prose)?.[0] ?? []);
}

describe('the language of the manual', () => {
  it(`has sentences of at most ${MOST_WORDS} words, in plain words`, () => {
    const pages = [
      '.',
      'docs',
      'bench',
      ...['signals', 'nestjs', 'guild-vault'].map((name) => `examples/${name}`),
    ].flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((file) => file.endsWith('.md'))
        .map((file) => `${folder}/${file}`),
    );
    expect(pages).to.include.members([
      './README.md',
      './CHANGELOG.md',
      'docs/glossary.md',
      'examples/nestjs/README.md',
    ]);
    for (const page of pages) {
      const prose = proseOf(readFileSync(join(ROOT, page), 'utf8'));
      expect(longSentences(prose), page).to.deep.equal([]);
      expect(stumblings(prose), page).to.deep.equal([]);
    }
  });

  it('would find a long sentence and a turn of phrase (control)', () => {
    expect(longSentences('word '.repeat(31))).to.have.length(1);
    expect(stumblings('Who loads anew keeps his lease, where it is none.')).to.have.length(5);
  });
});
