/**
 * Runs one suite for both decorator modes: the fixture with the decorated classes is compiled twice, once with
 * `experimentalDecorators` and once as TC39 standard decorators, and loaded as a module each time.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import { clearDefaultCache, setDefaultCache } from '../../src/registry/default-cache';
import { FakeCache } from './fake-cache';

export type Mode = 'legacy' | 'standard';

/** @param path from this folder: `'fixtures/reading.ts'` */
export function loadFixture<Exports>(path: string, mode: Mode): Exports {
  const file = resolve(__dirname, path);
  const legacy = mode === 'legacy';
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: legacy,
      emitDecoratorMetadata: legacy,
    },
  });
  const module = { exports: {} };
  const run = compileFunction(outputText, ['exports', 'require', 'module'], { filename: file });
  run(module.exports, createRequire(file), module);
  return module.exports as Exports;
}

export interface Ground<Exports> {
  readonly mode: Mode;
  readonly fixture: Exports;
  /** The default cache of the running test; a new one for each. */
  readonly cache: FakeCache;
}

/** Describes `title` once per mode. The fixture is loaded once; each test has an empty default cache. */
export function inBothModes<Exports>(title: string, path: string, suite: (ground: Ground<Exports>) => void) {
  for (const mode of ['legacy', 'standard'] as const) {
    describe(`${title} (${mode} decorators)`, () => {
      const ground = { mode, fixture: loadFixture<Exports>(path, mode), cache: new FakeCache() };
      beforeEach(() => {
        ground.cache = new FakeCache();
        setDefaultCache(ground.cache);
      });
      afterEach(() => clearDefaultCache(ground.cache));
      suite(ground);
    });
  }
}

/** The error that `run` throws, or that its promise rejects with; fails if it does neither. */
export async function errorOf(run: () => unknown): Promise<Error & { readonly code?: string }> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, but there was none');
}
