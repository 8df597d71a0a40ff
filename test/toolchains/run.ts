/**
 * `npm run test:toolchains`: compiles and runs one service with every tool of `tools.ts`, with the package as it would be
 * published. Prints what worked, and ends with 1 if anything differs from what docs/toolchains.md says. It installs the
 * tools, so it needs the registry; it is no part of `npm test`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../package/packed';
import { ATTEMPTS, type Attempt } from './tools';

/** Not below node_modules, where some tools compile nothing. */
const FOLDER = mkdtempSync(join(tmpdir(), 'tiercel-toolchains-'));
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
const LIMIT_MS = 120_000;

const SERVICE = `
import { Cacheable, CacheInvalidate, createCache } from 'tiercel';

const cache = createCache({ namespace: 'toolchain' });

class Users {
  runs = 0;

  @Cacheable('user:<id>', { ttl: '1m' })
  async user(id: string): Promise<string> {
    this.runs += 1;
    return id;
  }

  @CacheInvalidate(['user:<id>'])
  async rename(id: string): Promise<string> {
    return id;
  }
}

/** A load, a hit, a load after the invalidation. */
async function works(): Promise<boolean> {
  const users = new Users();
  for (const id of ['7', '7']) await users.user(id);
  const isHit = users.runs === 1;
  await users.rename('7');
  await users.user('7');
  await cache.close();
  return isHit && users.runs === 2;
}
`;
const PROGRAM = `${SERVICE}
void works().then((isSound) => console.log(isSound ? 'It works.' : 'It does not work.'));
`;
const TEST = `${SERVICE}
declare const test: (name: string, run: () => Promise<void>) => void;
test('a decorated service', async () => {
  if (!(await works())) throw new Error('It does not work.');
});
`;

function install(): void {
  copyFileSync(join(__dirname, 'package.json'), join(FOLDER, 'package.json'));
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags], { cwd: FOLDER, stdio: 'inherit' });
  execFileSync('npm', ['install', '--no-save', ...flags, pack().tarball], { cwd: FOLDER, stdio: 'inherit' });
}

/** The output of the command that failed, or undefined if the program works. */
function failureOf({ tool, decorators, files = {}, commands, isTest }: Attempt): string | undefined {
  const folder = join(FOLDER, 'programs', `${tool}-${decorators}`.replaceAll(/[^\w-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, isTest ? 'main.test.ts' : 'main.ts'), isTest ? TEST : PROGRAM);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  let output = '';
  for (const [command, ...args] of commands) {
    const { status, stdout, stderr } = spawnSync(command!, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    output = stdout + stderr;
    if (status !== 0) return output;
  }
  return isTest || output.includes('It works.') ? undefined : output;
}

install();
let surprises = 0;
console.log(`\nNode ${process.version}\n\n| Tool | Decorators | Result |\n|---|---|---|`);
for (const attempt of ATTEMPTS) {
  const failure = failureOf(attempt);
  const result = failure === undefined ? 'works' : 'fails';
  const isExpected = result === attempt.expected;
  console.log(`| ${attempt.tool} | ${attempt.decorators} | ${result}${isExpected ? '' : ', unexpected'} |`);
  if (isExpected) continue;
  surprises += 1;
  if (failure !== undefined) console.error(failure.trim().replaceAll(/^/gm, '    '));
}
console.log(
  surprises === 0 ? '\nAll as docs/toolchains.md says.' : `\n${surprises} differ from docs/toolchains.md.`,
);
process.exitCode = surprises === 0 ? 0 : 1;
