import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect } from 'chai';
import { importsOf, violations } from './room-rules';

const SRC = join(__dirname, '..', '..', 'src');

function readSources(): Map<string, string> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return new Map(files.map((file) => [file.split(sep).join('/'), readFileSync(join(SRC, file), 'utf8')]));
}

/** The violations of a small house; contract/clock.ts and redis/commands.ts are always in it. */
function judge(sources: Readonly<Record<string, string>>): string[] {
  const house = { 'contract/clock.ts': 'export const a = 1;', 'redis/commands.ts': 'export const m = 1;' };
  return violations(new Map(Object.entries({ ...house, ...sources })));
}

describe('the house', () => {
  it('is seen: source files of several rooms, and imports in them', () => {
    const sources = readSources();
    expect(sources.size).to.be.greaterThan(20);
    expect([...sources.keys()]).to.include.members([
      'contract/errors.ts',
      'config/define.ts',
      'keys/template.ts',
    ]);
    expect([...sources.values()].flatMap(importsOf).length).to.be.greaterThan(50);
    expect(importsOf(sources.get('config/define.ts')!)).to.include('../contract/errors');
  });

  it('keeps its rules', () => {
    expect(violations(readSources())).to.deep.equal([]);
  });
});

describe('the rules of the house', () => {
  it('accept imports from rooms below, from the own room and from node', () => {
    const found = judge({
      'index.ts': "export { create } from './create';",
      'create.ts': "import { a } from './contract/clock'; export const create = a;",
      'engine/read.ts': "import { m } from '../redis/commands'; import './fences'; import 'node:fs';",
      'engine/fences.ts': 'export {};',
    });
    expect(found).to.deep.equal([]);
  });

  const upward: Readonly<Record<string, string>> = {
    import: "import { m } from '../redis/commands';",
    'type import': "import type { m } from '../redis/commands';",
    'inline type import': "import { type m } from '../redis/commands';",
    'import type': "export type M = import('../redis/commands').m;",
    're-export': "export { m } from '../redis/commands'; export const own = 1;",
    'dynamic import': "export const load = () => import('../redis/commands');",
    require: "export const n = require('../redis/commands');",
    'import with an extension': "import { m } from '../redis/commands.js';",
  };
  for (const [kind, text] of Object.entries(upward)) {
    it(`refuse an upward ${kind}`, () => {
      expect(judge({ 'keys/template.ts': text })).to.deep.equal([
        'keys/template.ts imports upward from redis/commands.ts',
      ]);
    });
  }

  it('refuse that a room imports the files that join the rooms', () => {
    expect(judge({ 'create.ts': 'export {};', 'engine/a.ts': "import '../create';" })).to.deep.equal([
      'engine/a.ts imports upward from create.ts',
    ]);
  });

  it('let the contract import nothing of the project and no package', () => {
    const found = judge({
      'contract/a.ts': "import '../keys/b'; import 'ioredis';",
      'keys/b.ts': 'export {};',
    });
    expect(found).to.have.members([
      'contract/a.ts imports upward from keys/b.ts',
      'contract/a.ts imports ioredis, whose home is redis/ or coherence/',
    ]);
  });

  it('refuse a circle inside a room, of types as well, and name its files', () => {
    const found = judge({
      'engine/a.ts': "import type { B } from './b';",
      'engine/b.ts': "import type { C } from './c';",
      'engine/c.ts': "import type { A } from './a';",
    });
    expect(found).to.deep.equal([
      'imports in a circle: engine/a.ts > engine/b.ts > engine/c.ts > engine/a.ts',
    ]);
  });

  it('refuse a package outside its home, under its sub-paths as well, and one that has no home', () => {
    const found = judge({
      'engine/l1/memory-store.ts': "import 'lru-cache';",
      'redis/redis-l2.ts': "import 'lru-cache'; import 'ioredis/built/utils';",
      'engine/a.ts': "import 'ioredis/built/utils'; import 'reflect-metadata'; import '@scope/left-pad/x';",
    });
    expect(found).to.have.members([
      'redis/redis-l2.ts imports lru-cache, whose home is engine/l1/memory-store.ts',
      'engine/a.ts imports ioredis, whose home is redis/ or coherence/',
      'engine/a.ts imports reflect-metadata, which has no home in src',
      'engine/a.ts imports @scope/left-pad, which has no home in src',
    ]);
  });

  it('refuse an import of what is not there, or outside src', () => {
    const found = judge({ 'engine/a.ts': "import './gone'; import '../../test/support/redis-server';" });
    expect(found).to.deep.equal([
      'engine/a.ts imports ./gone, which is not a file of src',
      'engine/a.ts imports ../../test/support/redis-server, which is not a file of src',
    ]);
  });

  it('refuse files in no room, catch-alls, barrels and export *', () => {
    const found = judge({
      'cellar/a.ts': 'export {};',
      'engine/utils.ts': 'export {};',
      'config/types.ts': 'export {};',
      'keys/index.ts': 'export {};',
      'redis/all.ts': "export { m } from './commands';",
      'index.ts': "export * from './redis/commands';",
    });
    expect(found).to.have.members([
      'cellar/a.ts is in no room',
      'engine/utils.ts has a name that says nothing',
      'config/types.ts has a name that says nothing',
      'keys/index.ts is a barrel: the only index is src/index.ts',
      'redis/all.ts is a barrel: it only re-exports',
      'index.ts exports * where names are wanted',
    ]);
  });

  it('refuse one name for two things, types included, but not a name that is handed on', () => {
    const found = judge({
      'engine/a.ts': 'export class Batch {} export const limit = 1; class Own {}',
      'keys/b.ts': 'export interface Batch {} export const limit = 2; class Own {}',
      'index.ts': "export { Batch } from './engine/a';",
    });
    expect(found).to.deep.equal([
      'keys/b.ts exports Batch, as engine/a.ts does',
      'keys/b.ts exports limit, as engine/a.ts does',
    ]);
  });

  it('refuse file names that the dictionary has replaced', () => {
    expect(judge({ 'engine/shelf.ts': 'export {};' })).to.deep.equal([
      'engine/shelf.ts has a name that the dictionary has replaced',
    ]);
  });

  it('refuse a file of more than 350 lines', () => {
    const lines = (count: number) => '// x\n'.repeat(count);
    expect(judge({ 'engine/a.ts': lines(350) })).to.deep.equal([]);
    expect(judge({ 'engine/a.ts': lines(351) })).to.deep.equal(['engine/a.ts has 351 lines, more than 350']);
  });
});
