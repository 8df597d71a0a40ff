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
const FORGETFUL = {
  signals: 'forgotten-pattern.fixture.ts',
  nestjs: 'forgotten-pattern.fixture.ts',
  'guild-vault': 'forgotten-invalidation.fixture.ts',
};

/** @param environment with `FORGOTTEN`, something of the example is not invalidated: see the fixtures */
export function runExample(
  example: keyof typeof FORGETFUL,
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Ended> {
  const forgetful =
    environment['FORGOTTEN'] === undefined ? [] : ['--require', join(__dirname, FORGETFUL[example])];
  const command = ['--require', TRANSPILE, ...forgetful, `examples/${example}/main.ts`, ...args];
  const env = { ...process.env, REDIS_URL: '', ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: ROOT, env }, (_, out, errors) =>
      resolve({ code: child.exitCode, out, errors }),
    );
  });
}
