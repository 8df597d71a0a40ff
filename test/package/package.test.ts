/** The package as its users get it: packed, installed into an empty project, loaded and compiled against. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { links } from '../docs/markdown';
import { complaints, typeProgram } from '../support/type-program';
import { install, PACKING_MS, pack, run } from './packed';

const ROOT = join(__dirname, '..', '..');
const DOORS = ['tiercel', 'tiercel/http', 'tiercel/nestjs', 'tiercel/otel', 'tiercel/testing'];
const COMPILING: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules', '@types')],
};

describe('the package', function () {
  this.timeout(PACKING_MS);
  let app: string;
  let packed: readonly string[];
  let installed: readonly string[];

  before(() => {
    app = mkdtempSync(join(tmpdir(), 'tiercel-app-'));
    packed = pack().files;
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    install(app);
    installed = readdirSync(join(app, 'node_modules'));
    // An application on Nest brings Nest.
    for (const peer of ['@nestjs', '@opentelemetry', 'rxjs'])
      symlinkSync(join(ROOT, 'node_modules', peer), join(app, 'node_modules', peer));
    for (const file of ['app.mts', 'app.cts', 'nest.mts'])
      cpSync(join(__dirname, 'app', file), join(app, file));
  });

  after(() => {
    rmSync(app, { recursive: true, force: true });
  });

  it('holds the built code with its sources, the licence and the documents, and no test', () => {
    expect(packed).to.include.members([
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'llms.txt',
      'docs/guarantees.md',
      'dist/index.js',
      'dist/index.d.ts',
      'src/index.ts',
      'monitoring/alerts.yml',
      'monitoring/grafana.json',
    ]);
    const expected =
      /^((dist|src|monitoring|docs\/images)\/|docs\/[A-Za-z-]+\.md$|bench\/README\.md$|[A-Za-z.]+$)/;
    expect(packed.filter((file) => !expected.test(file))).to.deep.equal([]);
  });

  it('maps the built code and its declarations to sources that are in the package', () => {
    const maps = packed.filter((file) => file.endsWith('.map'));
    expect(maps).to.include.members(['dist/index.js.map', 'dist/index.d.ts.map']);
    const missing = maps.flatMap((map) => {
      const { sources } = JSON.parse(readFileSync(join(app, 'node_modules', 'tiercel', map), 'utf8'));
      return (sources as string[])
        .map((source) => posix.join(posix.dirname(map), source))
        .filter((source) => !packed.includes(source));
    });
    expect(missing).to.deep.equal([]);
  });

  it('shows the lines of its sources in a stack, if Node is asked to', () => {
    const program = `
      try { require('tiercel').createCache({ namespace: 'bad name' }); } catch (error) { console.log(error.stack); }`;
    const lines = readFileSync(join(ROOT, 'src', 'create.ts'), 'utf8').split('\n');
    const call = 1 + lines.findIndex((line) => line.includes('= resolveConfig(config)'));
    expect(run(app, process.execPath, '--enable-source-maps', '-e', program)).to.include(
      `src/create.ts:${call}:`,
    );
  });

  it('has no dead link in its documents', () => {
    const documents = packed.filter((file) => file.endsWith('.md'));
    expect(documents.length).to.be.greaterThan(30);
    const dead = documents.flatMap((file) => {
      const text = readFileSync(join(app, 'node_modules', 'tiercel', file), 'utf8');
      const targets = [
        ...links(text),
        ...Array.from(text.matchAll(/src(?:set)?="([^"]+)"/g), ([, to]) => to!),
      ];
      return targets
        .filter((target) => !/^(https:|#)/.test(target))
        .map((target) => posix.join(posix.dirname(file), target.split('#')[0]!))
        .filter((target) => !packed.includes(target))
        .map((target) => `${file}: ${target}`);
    });
    expect(dead).to.deep.equal([]);
  });

  it('brings a command that checks a program which uses the installed package', () => {
    const program = (invalidated: string) => `
      const { createCache, CacheInvalidate, Cacheable } = require('tiercel');
      exports.cache = createCache({ namespace: 'app' });
      class Users { async find(id) { return id; } async remove(id) { return id; } }
      const decorate = (decorator, name) =>
        Object.defineProperty(Users.prototype, name, decorator(Users.prototype, name, Object.getOwnPropertyDescriptor(Users.prototype, name)));
      decorate(Cacheable('user:<id>'), 'find');
      decorate(CacheInvalidate(['${invalidated}']), 'remove');`;
    writeFileSync(join(app, 'program.cjs'), program('user:<id>'));
    const command = join(app, 'node_modules', '.bin', 'tiercel');
    expect(run(app, command, 'check', 'program.cjs')).to.equal(
      'Checked 1 templates of 1 methods, and 1 invalidators: nothing found.\n',
    );
    expect(run(app, command, 'keys', 'program.cjs')).to.include('app:user:<id>');
    writeFileSync(join(app, 'program.cjs'), program('usr:<id>'));
    expect(() => run(app, command, 'check', 'program.cjs')).to.throw(
      /^error .* Did you mean 'user:<id>'\? +program\.cjs:6:\d+$/m,
    );
  });

  it('brings a command that knows its version, and what the manual says of a code', () => {
    const command = join(app, 'node_modules', '.bin', 'tiercel');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(run(app, command, '--version')).to.equal(`${version}\n`);
    expect(run(app, command, 'explain', 'TIERCEL_CONFIG')).to.match(/^TIERCEL_CONFIG\n {2}The configuration/);
  });

  it('installs no peer, and loads none before it is asked for metrics', () => {
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const peers = Object.keys(peerDependencies).map((name) => name.split('/')[0]!);
    expect(peers).to.include.members(['prom-client', 'reflect-metadata', '@nestjs']);
    expect(installed).to.include('tiercel');
    expect(installed.filter((name) => peers.includes(name))).to.deep.equal([]);
    expect(printedBy("require('tiercel').createCache({}).close(); console.log('loaded')")).to.equal(
      'loaded\n',
    );
  });

  it('gives each door the same names when it is imported as when it is required', () => {
    const names = JSON.parse(
      printedBy(`Promise.all(${JSON.stringify(DOORS)}.map(async (door) =>
        [door, Object.keys(require(door)), Object.keys(await import(door))]
      )).then((names) => console.log(JSON.stringify(names)))`),
    ) as [string, string[], string[]][];
    expect(names).to.have.lengthOf(DOORS.length);
    for (const [door, required, imported] of names) {
      expect(required, door).not.to.deep.equal([]);
      expect(imported, door).to.include.members(required);
    }
  });

  const { ModuleKind, ModuleResolutionKind } = ts;
  for (const [resolution, options, files] of [
    [
      'node16',
      { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
      ['app.mts', 'app.cts'],
    ],
    [
      'nodenext',
      { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext },
      ['app.mts', 'app.cts'],
    ],
    [
      'bundler',
      {
        module: ModuleKind.ESNext,
        moduleResolution: ModuleResolutionKind.Bundler,
        experimentalDecorators: true,
      },
      ['app.mts', 'nest.mts'],
    ],
    // An old CommonJS program, as the starters of Nest make it, does not read `exports` to find the sub-paths.
    ['node10', { module: ModuleKind.CommonJS, moduleResolution: ModuleResolutionKind.Node10 }, ['app.cts']],
  ] as const) {
    it(`has types that resolve under '${resolution}', without any peer that the program does not use`, () => {
      const program = typeProgram(
        files.map((file) => join(app, file)),
        { ...COMPILING, ...options },
      );
      const own = (file: string) =>
        !file.includes('/node_modules/') || file.includes('/node_modules/tiercel/');
      expect(complaints(program, own)).to.deep.equal([]);
    });
  }

  function printedBy(script: string): string {
    return run(app, process.execPath, '-e', script);
  }
});
