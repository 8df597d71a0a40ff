/**
 * The rules of the house, as one function from sources to violations: rooms import downward only, nothing imports
 * in a circle, each third-party package has its home, and no file is a catch-all. Reads no disk, so that the rules
 * themselves can be tested.
 */
import { posix } from 'node:path';
import ts from 'typescript';

/**
 * From top to bottom. A room is a folder or a single file below `src`; a folder within a room is a room of its own.
 * Rooms of one row stand side by side and do not import each other.
 */
export const ROOMS: readonly (readonly string[])[] = [
  ['index'],
  ['nestjs', 'otel', 'testing'],
  ['create'],
  ['ops/cli', 'ops/http'],
  ['ops/dashboard', 'ops/observe', 'ops/catalog'],
  ['api'],
  ['decorators'],
  ['registry'],
  ['engine'],
  ['engine/read', 'engine/write'],
  ['engine/runtime'],
  ['engine/l1'],
  ['engine/validity'],
  ['engine/entry'],
  ['coherence'],
  ['redis'],
  ['guards'],
  ['config'],
  ['keys'],
  ['contract'],
];

/** The paths under which a package may be imported. A package that is not listed may not be imported at all. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  ioredis: ['redis/', 'coherence/'],
  'lru-cache': ['engine/l1/memory-store.ts'],
  'prom-client': ['ops/observe/'],
  '@nestjs/common': ['nestjs/'],
  '@nestjs/core': ['nestjs/'],
  '@opentelemetry/api': ['otel/'],
  rxjs: ['nestjs/'],
  'class-transformer': ['nestjs/hidden-fields.ts'],
};

const CATCH_ALLS = new Set(['utils', 'helpers', 'common', 'types']);
/** Names of files that the dictionary has replaced (docs/glossary.md). */
const REPLACED = new Set([
  'accept',
  'held-writes',
  'landing',
  'loading',
  'loads',
  'look',
  'lookup',
  'markers',
  'memberships',
  'round-trip',
  'settle',
  'shapes',
  'shelf',
  'undelivered',
]);
const MOST_LINES = 350;

/** Sources by path below `src`, with forward slashes: `engine/validity/fences.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** One line per violation, empty for a clean house. */
export function violations(sources: Sources): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  const homes = new Map<string, string>();
  for (const [file, text] of sources) {
    found.push(...faultsOfFile(file, text));
    for (const name of declaredBy(file, text)) {
      const home = homes.get(name);
      if (home === undefined) homes.set(name, file);
      else found.push(`${file} exports ${name}, as ${home} does`);
    }
    const targets: string[] = [];
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) {
        const target = resolve(file, specifier, sources);
        if (target === undefined) found.push(`${file} imports ${specifier}, which is not a file of src`);
        else targets.push(target);
      } else {
        found.push(...faultOfPackage(file, specifier));
      }
    }
    found.push(...targets.flatMap((target) => faultOfDirection(file, target)));
    graph.set(file, targets);
  }
  return [...found, ...circles(graph)];
}

/** Every module that a source names: imports, type imports, import types, re-exports, `import()` and `require()`. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function faultsOfFile(file: string, text: string): string[] {
  const found: string[] = [];
  const name = posix.basename(file).replace(/\..*$/, '');
  if (rank(file) === -1) found.push(`${file} is in no room`);
  if (CATCH_ALLS.has(name)) found.push(`${file} has a name that says nothing`);
  if (REPLACED.has(name)) found.push(`${file} has a name that the dictionary has replaced`);
  if (name === 'index' && file !== 'index.ts')
    found.push(`${file} is a barrel: the only index is src/index.ts`);
  const lines = text.trimEnd().split('\n').length;
  if (lines > MOST_LINES) found.push(`${file} has ${lines} lines, more than ${MOST_LINES}`);

  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  const reExports = statements.filter(
    (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
  );
  const isBarrel = reExports.length > 0 && reExports.length === statements.length;
  if (isBarrel && file !== 'index.ts') found.push(`${file} is a barrel: it only re-exports`);
  if (
    reExports.some((statement) => ts.isExportDeclaration(statement) && statement.exportClause === undefined)
  ) {
    found.push(`${file} exports * where names are wanted`);
  }
  return found;
}

/** What a file declares and exports, types included. A name that it hands on is declared elsewhere. */
function declaredBy(file: string, text: string): Set<string> {
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  const names = new Set<string>();
  for (const statement of statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    const declared = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map(({ name }) => name)
      : [(statement as ts.DeclarationStatement).name];
    for (const name of declared) {
      if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
    }
  }
  return names;
}

function faultOfPackage(file: string, specifier: string): string[] {
  if (specifier.startsWith('node:')) return [];
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
  const homes = HOMES[name];
  if (homes === undefined) return [`${file} imports ${name}, which has no home in src`];
  if (homes.some((home) => file.startsWith(home))) return [];
  return [`${file} imports ${name}, whose home is ${homes.join(' or ')}`];
}

function faultOfDirection(file: string, target: string): string[] {
  if (room(file) === room(target) || rank(file) < rank(target)) return [];
  const direction = rank(file) === rank(target) ? 'sideways' : 'upward';
  return [`${file} imports ${direction} from ${target}`];
}

/** The room of a file: its folder, or its own name for a file that is a room; undefined outside of all rooms. */
function room(file: string): string | undefined {
  const path = file.replace(/\.ts$/, '');
  return ROOMS.flat().find((name) => name === path || name === posix.dirname(path));
}

function rank(file: string): number {
  const name = room(file);
  return ROOMS.findIndex((row) => name !== undefined && row.includes(name));
}

function resolve(file: string, specifier: string, sources: Sources): string | undefined {
  const path = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '');
  return [`${path}.ts`, `${path}/index.ts`].find((candidate) => sources.has(candidate));
}

/** Each circle once, named by its files in the order of import. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start !== -1) found.push(`imports in a circle: ${[...path.slice(start), file].join(' > ')}`);
    if (start !== -1 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}
