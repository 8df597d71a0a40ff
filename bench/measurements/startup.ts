/** What loading the package costs beyond ioredis and lru-cache, in processes that do nothing else. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { figureOf, type Measure } from '../contender';

const PROCESSES = 15;
/** As it is published. npm runs scripts in the root of the project. */
const PACKAGE = join(process.cwd(), 'dist', 'index.js');
const SCRIPT = `
require('ioredis');
require('lru-cache');
const before = process.cpuUsage();
require(${JSON.stringify(PACKAGE)});
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);`;

export const measure: Measure = async () => {
  execFileSync('npm', ['run', 'build', '--silent']);
  return { [ROW]: figureOf(times()) };
};

const ROW = "require('tiercel') beyond ioredis and lru-cache";
function times(): readonly number[] {
  return Array.from({ length: PROCESSES }, () =>
    Number(execFileSync(process.execPath, ['-e', SCRIPT], { cwd: __dirname, encoding: 'utf8' })),
  );
}
