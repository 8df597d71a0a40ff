/** Runs an example as its readers do: as a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

const ROOT = join(__dirname, '../..');
const TS_NODE = require.resolve('ts-node/dist/bin.js');
const FORGOTTEN_PATTERN = join(__dirname, 'forgotten-pattern.fixture.ts');

/** @param environment with `FORGOTTEN`, the configuration of the example lacks a pattern */
export function runExample(
  example: 'signals' | 'nestjs',
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Ended> {
  const env = { ...process.env, REDIS_URL: '', ...environment };
  const forgetful = environment['FORGOTTEN'] === undefined ? [] : ['--require', FORGOTTEN_PATTERN];
  const command = [TS_NODE, ...forgetful, `examples/${example}/main.ts`, ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: ROOT, env }, (_, out, errors) =>
      resolve({ code: child.exitCode, out, errors }),
    );
  });
}
