/**
 * What every process does in a trial: how many keys, who reads and writes, and how. One shelf is one group of keys.
 */
import type { CacheSettings } from './cache-adapter';

export const CACHES = ['tiercel', 'textbook', 'bentocache'] as const;
export type CacheName = (typeof CACHES)[number];
export type WriteKind = 'invalidate' | 'put' | 'group' | 'tag' | 'around' | 'defer';

export interface Workload extends CacheSettings {
  readonly cache: CacheName;
  /** The database: another Redis, which no fault ever touches. */
  readonly databasePort: number;
  readonly seed: number;
  readonly readers: number;
  /** What a write does after, or around, its change of the database: chosen for each write; empty: this process only reads. */
  readonly writes: readonly WriteKind[];
}

export const KEYS = 100;
const SHELVES = 20;

/** The pattern that covers one shelf, as it is declared. */
export const SHELF_PATTERN = 'shelf:<shelf>:*';

export function keyName(key: number): string {
  return `shelf:${key % SHELVES}:item:${key}`;
}

/** What an entry of the key is tagged with. */
export function tagOf(name: string): string {
  return name.replace(/^shelf:(\d+):.*/, 'shelf-$1');
}

export function shelfOf(key: number): string {
  return `shelf:${key % SHELVES}:*`;
}
