/**
 * Finds a Redis server to run, and on a bare Linux machine installs one. Tests and examples share it.
 * Starts nothing itself, and leaves no system service behind.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];

const ADVICE = `No Redis server was found, and the tests need a real one; each starts its own on a free port.
Do one of these:
  - install Redis 7 or Valkey, so that redis-server or valkey-server is on the PATH
    (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis);
  - set REDIS_SERVER to the path of the server's binary.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** The binary named by REDIS_SERVER, else the first redis-server or valkey-server on the PATH. */
export function findRedisBinary(env: Environment = process.env): string | undefined {
  const named = env['REDIS_SERVER'];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(`REDIS_SERVER names ${named}, which is not an executable file.`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** As `findRedisBinary`; installs Redis where that is possible, else says what to do and ends the process with code 1. */
export function requireRedisBinary(): string {
  const found = findRedisBinary() ?? (canInstall() ? install() : undefined);
  if (found !== undefined) return found;
  process.stderr.write(`${ADVICE}\n`);
  process.exit(1);
}

function canInstall(): boolean {
  const isRoot = process.getuid?.() === 0;
  return isRoot && existsSync('/usr/bin/apt-get');
}

function install(): string | undefined {
  process.stderr.write('No Redis server was found: installing redis-server with apt-get.\n');
  try {
    withoutServices(() => {
      aptGet('update');
      aptGet('install', '-y', '--no-install-recommends', 'redis-server');
    });
  } catch (error) {
    process.stderr.write(`apt-get failed: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return findRedisBinary();
}

function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // apt's chatter must not mix with a reporter's output.
    stdio: ['ignore', process.stderr, process.stderr],
  });
}

/** Debian starts a service as soon as its package is installed, unless this file forbids it. */
function withoutServices(work: () => void): void {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (isOurs) rmSync(policy);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
