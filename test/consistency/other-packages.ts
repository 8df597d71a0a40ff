/**
 * Caches to compare with. They are no dependencies of the project: who wants the comparison installs them below
 * `bench/others`, and is told so. Looked for from the project's root, where npm runs scripts.
 */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = 'bench/others';

export class NotInstalled extends Error {
  constructor(name: string) {
    super(`${name} is not installed. It is no dependency of this project: npm ci --prefix ${FOLDER}`);
  }
}

/** @throws NotInstalled */
export function otherPackage(name: string, path = ''): string {
  const require = createRequire(resolve(FOLDER, 'package.json'));
  try {
    return require.resolve(path === '' ? name : `${name}/${path}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new NotInstalled(name);
  }
}

/** It may be a module of either kind. */
export function importOther(name: string, path = ''): Promise<unknown> {
  return import(pathToFileURL(otherPackage(name, path)).href);
}
