/**
 * What every process does in a trial: how many keys, who reads and writes, and how. One shelf is one group of keys.
 */
import type { CacheSettings } from './cache-adapter';

export const CACHES = ['tiercel', 'textbook', 'bentocache'] as const;
export type CacheName = (typeof CACHES)[number];
export type WriteKind = 'invalidate' | 'put' | 'group' | 'tag' | 'around' | 'defer' | 'bulk';

export interface Workload extends CacheSettings {
  readonly cache: CacheName;
  /** The database: another Redis, which no fault ever touches. */
  readonly databasePort: number;
  readonly seed: number;
  readonly readers: number;
  /** Upper end of the uniformly random time that a load takes, in ms. */
  readonly loadMs: number;
  /** What a write does after, or around, its change of the database: chosen for each write; empty: this process only reads. */
  readonly writes: readonly WriteKind[];
}

export const KEYS = 100;
const SHELVES = 20;

/** The pattern that covers one shelf, as it is declared. */
export const SHELF_PATTERN = 'shelf:<shelf>:*';

/** What a write of the kind `bulk` invalidates besides its key. */
export const BULK: readonly string[] = Array.from({ length: 20_000 }, (_, i) => `bulk:${i}`);

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
