/** What ARCHITECTURE.md says, held against the code: paths, rooms, arrows, tests and bytes that it names exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeValue } from '../../src/redis/envelope';
import { importsOf, ROOMS } from '../architecture/room-rules';
import { codes, section, snippets, table } from './markdown';

const ROOT = join(__dirname, '..', '..');
const SRC = join(ROOT, 'src');
const ARCHITECTURE = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

describe('ARCHITECTURE.md', () => {
  it('names files that exist', () => {
    const named = codes(ARCHITECTURE.replace(/^```[\s\S]*?^```$/gm, '')).filter((text) =>
      /^[\w-]+(\/[\w.-]+)+$/.test(text),
    );
    expect(named.length).to.be.greaterThan(40);
    const gone = named.filter((path) => !existsSync(join(SRC, path)) && !existsSync(join(ROOT, path)));
    expect(gone).to.deep.equal([]);
  });

  it('has every room on its map, from top to bottom', () => {
    const rooms = table(ARCHITECTURE, 'The map').rows.map(([cell = '']) =>
      codes(cell)[0]?.replace(/\/$|\.ts$/, ''),
    );
    expect(rooms).to.deep.equal(ROOMS.flat());
  });

  it('draws no import that there is not', () => {
    const roomOf = (path: string) => path.split('/')[0]!.replace(/\.ts$/, '');
    const imports = new Set(
      filesBelow(SRC).flatMap((file) => {
        const room = roomOf(file.slice(SRC.length + 1));
        return importsOf(readFileSync(file, 'utf8'))
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => `${room} --> ${roomOf(join(file, '..', specifier).slice(SRC.length + 1))}`);
      }),
    );
    const drawn = ARCHITECTURE.match(/\w+ --> \w+/g) ?? [];
    expect(drawn.length).to.be.greaterThan(10);
    expect(drawn.filter((arrow) => !imports.has(arrow))).to.deep.equal([]);
  });

  it('counts the files of each walk as it lists them', () => {
    const walks = section(ARCHITECTURE, 'Four walks');
    const counted = Array.from(walks.matchAll(/^### (.+)$/gm), ([, title = '']) => {
      const text = section(walks, title);
      const files = new Set(codes(text).filter((code) => /^[\w-]+(\/[\w-]+)*\.ts$/.test(code)));
      return { title, stated: Number(/\[(\d+)\]/.exec(text)?.[1]), listed: files.size };
    });
    expect(counted.length).to.equal(4);
    expect(counted.filter(({ stated, listed }) => stated !== listed)).to.deep.equal([]);
  });

  it('names for each invariant a test that is there', () => {
    const { rows } = table(ARCHITECTURE, 'Invariants');
    expect(rows.map(([number]) => Number(number))).to.deep.equal(rows.map((_, index) => index + 1));
    for (const [number, , file = '', title = ''] of rows) {
      const [path = ''] = codes(file);
      const [words = ''] = codes(title);
      expect(readFileSync(join(ROOT, path), 'utf8'), `${number}: ${path}`).to.include(words);
    }
  });

  it('shows an entry that is one', () => {
    const [example] = snippets(section(ARCHITECTURE, 'The bytes of a Redis key'), 'text');
    const shape = decodeValue(Buffer.from(example!.text.trimEnd()));
    expect(shape).to.have.nested.property('entry.serializer', 'json');
    expect(shape).to.have.nested.property('entry.costMs', 12);
    expect(shape).to.have.nested.property('entry.version', '');
    expect(shape).to.have.nested.property('entry.generations.length', 1);
  });
});
