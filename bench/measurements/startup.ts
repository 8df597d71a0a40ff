/** What loading the package costs beyond ioredis and lru-cache, in processes that do nothing else. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { figureOf, type Measure } from '../contender';

const PROCESSES = 15;
const PACKAGE = join(__dirname, '..', '..', 'src', 'index.js');
const SCRIPT = `
require('ioredis');
require('lru-cache');
const before = process.cpuUsage();
require(${JSON.stringify(PACKAGE)});
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);`;

export const measure: Measure = async () => ({
  "require('tiercel') beyond ioredis and lru-cache": figureOf(
    Array.from({ length: PROCESSES }, () =>
      Number(execFileSync(process.execPath, ['-e', SCRIPT], { cwd: __dirname, encoding: 'utf8' })),
    ),
  ),
});
