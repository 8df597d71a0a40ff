/** Runs an example as its readers do: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** No run outlives its test by much, whatever goes wrong. */
const BOUND_MS = 110_000;
const ROOT = join(__dirname, '../..');
const TRANSPILE = join(__dirname, '../support/transpile.cjs');
const FORGETFUL = {
  signals: 'forgotten-pattern.fixture.ts',
  nestjs: 'forgotten-pattern.fixture.ts',
  'guild-vault': 'forgotten-invalidation.fixture.ts',
};

type Example = keyof typeof FORGETFUL;

/** An example that runs until somebody ends it. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves to what the group of the pattern matched, as soon as it is printed. */
  says(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** @param environment with `FORGOTTEN`, something of the example is not invalidated: see the fixtures */
export function runExample(
  example: Example,
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Ended> {
  return startExample(example, environment, ...args).ended;
}

export function startExample(example: Example, environment: NodeJS.ProcessEnv, ...args: string[]): Running {
  const forgetful =
    environment['FORGOTTEN'] === undefined ? [] : ['--require', join(__dirname, FORGETFUL[example])];
  const command = ['--require', TRANSPILE, ...forgetful, `examples/${example}/main.ts`, ...args];
  const env = { ...process.env, REDIS_URL: '', ...environment };
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env,
    timeout: BOUND_MS,
    killSignal: 'SIGKILL',
  });
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return {
    child,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const [, found] = pattern.exec(out) ?? [];
          if (found === undefined) return;
          child.stdout.off('data', look);
          resolve(found);
        };
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`It ended without saying ${pattern}:\n${out}${errors}`)));
        look();
      }),
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out, errors })),
  };
}
