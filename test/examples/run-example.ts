/** Runs an example as its readers do: as a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

const ROOT = join(__dirname, '../..');
const TRANSPILE = join(__dirname, '../support/transpile.cjs');
const FORGOTTEN_PATTERN = join(__dirname, 'forgotten-pattern.fixture.ts');

/** @param environment with `FORGOTTEN`, the configuration of the example lacks a pattern */
export function runExample(
  example: 'signals' | 'nestjs',
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Ended> {
  const forgetful = environment['FORGOTTEN'] === undefined ? [] : ['--require', FORGOTTEN_PATTERN];
  return runNode(environment, '--require', TRANSPILE, ...forgetful, `examples/${example}/main.ts`, ...args);
}

/** Runs Node in the project's folder, with a Redis only where the environment names one. */
export function runNode(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  const env = { ...process.env, REDIS_URL: '', ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT, env }, (_, out, errors) =>
      resolve({ code: child.exitCode, out, errors }),
    );
  });
}
