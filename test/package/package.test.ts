/**
 * The package as its users get it: packed, installed into an empty project, loaded and compiled against. Works without
 * a network, with the dependencies of this checkout.
 */

import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const ROOT = join(__dirname, '..', '..');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** For the compiler only: what every TypeScript program on Node has. */
const COMPILE_TIME_PACKAGES = ['node_modules/@types/node', 'node_modules/undici-types'];

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

describe('the package', function () {
  this.timeout(60_000);
  let app: string;
  let packed: readonly string[];

  before(() => {
    app = mkdtempSync(join(tmpdir(), 'tiercel-app-'));
    const [pack] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', app));
    packed = pack.files.map(({ path }: { path: string }) => path);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    copyPackages(runtimeDependencies(), app);
    run(app, 'npm', 'install', '--offline', '--no-audit', '--no-fund', `./${pack.filename}`);
    copyPackages(COMPILE_TIME_PACKAGES, app);
    // An application on Nest brings Nest.
    symlinkSync(join(ROOT, 'node_modules', '@nestjs'), join(app, 'node_modules', '@nestjs'));
    for (const file of ['app.mts', 'app.cts', 'nest.mts'])
      cpSync(join(__dirname, 'app', file), join(app, file));
  });

  after(() => {
    rmSync(app, { recursive: true, force: true });
  });

  it('holds the built code, the licence and the texts, and no source or test', () => {
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

  it('brings its peers along, and loads neither before it is asked for metrics', () => {
    for (const peer of ['prom-client', 'reflect-metadata']) {
      expect(existsSync(join(app, 'node_modules', peer)), peer).to.equal(true);
    }
    const loaded = exportsBy("require('tiercel'); console.log(JSON.stringify(Object.keys(require.cache)))");
    expect(loaded.filter((file) => /node_modules.(prom-client|reflect-metadata)/.test(file))).to.deep.equal(
      [],
    );
  });

  for (const door of ['tiercel', 'tiercel/http', 'tiercel/nestjs']) {
    it(`gives the same names when ${door} is imported as when it is required`, () => {
      const required = exportsBy(`console.log(JSON.stringify(Object.keys(require('${door}'))))`);
      const imported = exportsBy(
        `import('${door}').then((m) => console.log(JSON.stringify(Object.keys(m))))`,
      );
      expect(required).not.to.deep.equal([]);
      expect(imported).to.include.members(required);
    });
  }

  const RESOLUTIONS = [
    ['node16', 'node16', ['app.mts', 'app.cts']],
    ['nodenext', 'nodenext', ['app.mts', 'app.cts']],
    ['esnext', 'bundler', ['app.mts', 'nest.mts', '--experimentalDecorators']],
    // How a CommonJS program of old, as Nest's starters make it, finds the sub-paths: it does not read `exports`.
    ['commonjs', 'node10', ['app.cts']],
  ] as const;

  it('has types that resolve under every kind of resolution', async () => {
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2022',
      '--types',
      'node',
      '--skipLibCheck',
      'false',
    ];
    const compile = promisify(execFile);
    // Side by side, since each takes seconds. What the compiler has to say is in the error's output.
    const complaints = await Promise.all(
      RESOLUTIONS.map(async ([module, resolution, rest]) => {
        const kind = ['--module', module, '--moduleResolution', resolution];
        const compiling = compile(process.execPath, [TSC, ...kind, ...options, ...rest], { cwd: app });
        return compiling.then(
          () => '',
          (error: { readonly stdout: string }) => `${resolution}: ${error.stdout}`,
        );
      }),
    );
    expect(complaints.join('')).to.equal('');
  });

  function exportsBy(script: string): string[] {
    return JSON.parse(run(app, process.execPath, '-e', script)) as string[];
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
