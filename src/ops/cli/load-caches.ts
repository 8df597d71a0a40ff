/**
 * Loads a module of the user's and finds the caches that were made meanwhile, wherever they are kept. By their shape, since
 * the module may have another copy of this package than the command.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CacheMap, Finding, MapFormat } from '../../contract/declared';
import { watchInspection } from '../../registry/inspection';
import { CommandError } from './command';

export interface InspectedCache {
  readonly namespace: string;
  check(): readonly Finding[];
  map(): CacheMap;
  map(format: MapFormat): string;
  close(): Promise<void>;
}

/** What compiles TypeScript as it is loaded, in the order of preference. */
const LOADERS = ['tsx/cjs', 'ts-node/register/transpile-only', '@swc-node/register'];
const NOT_COMMONJS = new Set(['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE']);

/**
 * The module of the arguments, or the one that package.json names.
 * @throws CommandError if there is none, or more than one
 */
export function moduleOf(positionals: readonly string[], cwd: string): string {
  if (positionals.length > 1) throw new CommandError('It takes one module.');
  const [given] = positionals;
  if (given !== undefined) return given;
  const file = join(cwd, 'package.json');
  const { tiercel } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as {
    readonly tiercel?: { readonly entry?: unknown };
  };
  if (typeof tiercel?.entry === 'string') return tiercel.entry;
  throw new CommandError(
    'No module. Name the file that makes the cache, or write it in package.json: "tiercel": { "entry": "dist/main.js" }.',
  );
}

/** @throws CommandError if the module cannot be loaded, or has made no cache */
export async function loadCaches(module: string, cwd: string): Promise<readonly InspectedCache[]> {
  const made = watchInspection();
  process.setSourceMapsEnabled(true);
  try {
    await load(resolve(cwd, module), cwd);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${module} cannot be loaded: ${(error as Error).stack ?? String(error)}`);
  }
  const caches = made.filter(isCache);
  if (caches.length > 0) return caches;
  throw new CommandError(
    `${module} has made no cache while it was loaded. Make the cache at the top of a module, not in a function that is called later.`,
  );
}

async function load(file: string, cwd: string): Promise<void> {
  if (/\.[cm]?ts$/.test(file) && require.extensions['.ts'] === undefined) require(loaderIn(cwd));
  try {
    require(file);
  } catch (error) {
    if (!NOT_COMMONJS.has(String((error as NodeJS.ErrnoException).code))) throw error;
    await import(pathToFileURL(file).href);
  }
}

function loaderIn(cwd: string): string {
  for (const loader of LOADERS) {
    try {
      return require.resolve(loader, { paths: [cwd] });
    } catch {
      // The next one.
    }
  }
  throw new CommandError('To load TypeScript, install tsx or ts-node; or name the built file.');
}

function isCache(value: unknown): value is InspectedCache {
  return ['check', 'map', 'close'].every(
    (name) => typeof Object(value)[name] === 'function' && 'namespace' in Object(value),
  );
}
