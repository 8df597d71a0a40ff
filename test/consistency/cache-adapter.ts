/**
 * What the checker asks of a cache, so that any cache can be put to the same test: a file in `adapters/` that exports
 * `open`. An adapter only translates; it must not repair what its cache does wrong.
 */
export interface CacheSettings {
  readonly redisPort: number;
  /** Of the first masters of a cluster, if there is one in the place of the single Redis; else empty. */
  readonly clusterPorts: readonly number[];
  readonly namespace: string;
  /** False: nothing is kept in the process. */
  readonly l1: boolean;
  /** Patterns that this process alone declares; `invalidateGroup` is called with keys that match them. */
  readonly patterns: readonly string[];
  /** Entries carry a tag that their values tell; `invalidateTag` is called with it. */
  readonly tagged: boolean;
  /** How long entries live, in ms. */
  readonly ttlMs: number;
  /** False: L1 must not answer while Redis does not. */
  readonly degraded: boolean;
}

export interface CacheAdapter {
  getOrLoad(key: string, load: () => Promise<number>): Promise<number>;
  /** Resolves when the cache says that it is done: true if reads that begin from now on must not see what was there. */
  invalidate(key: string): Promise<boolean>;
  /** As `invalidate`, for thousands of keys at once. */
  invalidateMany?(keys: readonly string[]): Promise<boolean>;
  /** As `invalidate`, for all keys that match `shelf:3:*`. */
  invalidateGroup?(pattern: string): Promise<boolean>;
  /** Runs `change` and stores its result; resolves as `invalidate` does. */
  put?(key: string, change: () => Promise<number>): Promise<boolean>;
  /** As `invalidate`, for all entries that carry the tag. */
  invalidateTag?(tag: string): Promise<boolean>;
  /** Runs `change` under the cache's protection of what it changes, keys or patterns; resolves as `invalidate` does. */
  around?(what: string, change: () => Promise<number>): Promise<boolean>;
  /** Runs `change` as a transaction in which `key` is invalidated first; resolves as `invalidate` does. */
  defer?(key: string, change: () => Promise<number>): Promise<boolean>;
  close(): Promise<void>;
}

/** Resolves when the cache is ready to serve. */
export type OpenCache = (settings: CacheSettings) => Promise<CacheAdapter>;
