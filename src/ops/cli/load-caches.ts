/**
 * Load a module of the user's and finds the caches that it has made: those that it exports, and the one that decorated
 * methods use by default. By their shape, since the module may have another copy of this package than the command.
 */
import { resolve } from 'node:path';
import type { CacheMap, Finding, MapFormat } from '../../contract/declared';
import { defaultCache } from '../../registry/default-cache';

export interface InspectedCache {
  readonly namespace: string;
  check(): readonly Finding[];
  map(): CacheMap;
  map(format: MapFormat): string;
  close(): Promise<void>;
}

/** @throws whatever the module throws when it is loaded */
export function loadCaches(module: string): readonly InspectedCache[] {
  const exported: unknown = require(resolve(module));
  const values = typeof exported === 'object' && exported !== null ? Object.values(exported) : [exported];
  return [...new Set([...values, defaultCache()].filter(isCache))];
}

function isCache(value: unknown): value is InspectedCache {
  if (typeof value !== 'object' || value === null || !('namespace' in value)) return false;
  return ['check', 'map', 'close'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'function',
  );
}
