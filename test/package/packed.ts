/**
 * The package as `npm publish` would send it, and its installation into an application. It needs no network and nothing of
 * npm's cache: the dependencies are those of this checkout.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Bounds a test that packs. It compiles everything first, which takes minutes if the machine has much else to do. */
export const PACKING_MS = 300_000;

export interface Packed {
  readonly tarball: string;
  /** Paths within the package. */
  readonly files: readonly string[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

let packed: Packed | undefined;

/** Packed, and thereby built, once for all tests of this process. */
export function pack(): Packed {
  packed ??= packInto(mkdtempSync(join(tmpdir(), 'tiercel-packed-')));
  return packed;
}

function packInto(folder: string): Packed {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [{ filename, files }] = JSON.parse(
    run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder),
  );
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }: { readonly path: string }) => path),
  };
}

/** `npm install tiercel` in an application. */
export function install(app: string): void {
  copyPackages(runtimeDependencies(), app);
  const cache = `--cache=${join(app, 'empty-cache')}`;
  run(app, 'npm', 'install', '--offline', cache, '--no-audit', '--no-fund', pack().tarball);
}

export function copyPackages(folders: readonly string[], app: string): void {
  for (const folder of folders) {
    mkdirSync(join(app, folder), { recursive: true });
    cpSync(join(ROOT, folder), join(app, folder), { recursive: true });
  }
}

/** What the command wrote; its complaints are the error's message. */
export function run(cwd: string, command: string, ...args: string[]): string {
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
