/**
 * The package as its users get it: packed, installed into an empty project, loaded and compiled against. It needs no
 * network and nothing of npm's cache: the dependencies are those of this checkout.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { complaints, typeProgram } from '../support/type-program';

const ROOT = join(__dirname, '..', '..');
const DOORS = ['tiercel', 'tiercel/http', 'tiercel/nestjs'];
const COMPILING: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules', '@types')],
};

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

describe('the package', () => {
  let app: string;
  let packed: readonly string[];
  let installed: readonly string[];

  before(() => {
    app = mkdtempSync(join(tmpdir(), 'tiercel-app-'));
    const [pack] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', app));
    packed = pack.files.map(({ path }: { path: string }) => path);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    copyPackages(runtimeDependencies(), app);
    const cache = `--cache=${join(app, 'empty-cache')}`;
    run(app, 'npm', 'install', '--offline', cache, '--no-audit', '--no-fund', `./${pack.filename}`);
    installed = readdirSync(join(app, 'node_modules'));
    // An application on Nest brings Nest.
    symlinkSync(join(ROOT, 'node_modules', '@nestjs'), join(app, 'node_modules', '@nestjs'));
    for (const file of ['app.mts', 'app.cts', 'nest.mts'])
      cpSync(join(__dirname, 'app', file), join(app, file));
  });

  after(() => {
    rmSync(app, { recursive: true, force: true });
  });

  it('holds the built code, the licence and the documents, and no source or test', () => {
    expect(packed).to.include.members([
      'package.json',
      'LICENSE',
      'CHANGELOG.md',
      'docs/guarantees.md',
      'dist/index.js',
      'dist/index.d.ts',
      'monitoring/alerts.yml',
      'monitoring/grafana.json',
    ]);
    expect(
      packed.filter((file) => !/^(dist\/|docs\/[A-Za-z-]+\.md$|monitoring\/|[A-Za-z.]+$)/.test(file)),
    ).to.deep.equal([]);
  });

  it('brings a command that checks a program which uses the installed package', () => {
    const program = `
      const { createCache, CacheInvalidate, Cacheable } = require('tiercel');
      exports.cache = createCache({ namespace: 'app' });
      class Users { async find(id) { return id; } async remove(id) { return id; } }
      const decorate = (decorator, name) =>
        Object.defineProperty(Users.prototype, name, decorator(Users.prototype, name, Object.getOwnPropertyDescriptor(Users.prototype, name)));
      decorate(Cacheable('user:<id>'), 'find');
      decorate(CacheInvalidate(['user:<id>']), 'remove');`;
    writeFileSync(join(app, 'program.cjs'), program);
    const command = join(app, 'node_modules', '.bin', 'tiercel');
    expect(run(app, command, 'check', 'program.cjs')).to.equal('Nothing found.\n');
    expect(run(app, command, 'keys', 'program.cjs')).to.include('app:user:<id>');
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

/** What the command wrote; its complaints are the error's message. */
function run(cwd: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

/** Folders of everything that the package needs at run time, as they are in this checkout. */
function runtimeDependencies(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && dev !== true && devOptional !== true)
    .map(([folder]) => folder);
}

function copyPackages(folders: readonly string[], app: string): void {
  for (const folder of folders) {
    mkdirSync(join(app, folder), { recursive: true });
    cpSync(join(ROOT, folder), join(app, folder), { recursive: true });
  }
}
