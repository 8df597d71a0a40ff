/**
 * What `check()` and `map()` return: plain data about what decorators and configuration declare. Types only.
 */

export type FindingCode =
  | 'unreached-pattern'
  | 'unreached-tag'
  | 'unknown-event'
  | 'unfillable-event'
  | 'unknown-preset'
  | 'put-and-invalidate'
  | 'put-by-result'
  | 'context-missing'
  | 'overlapping-templates'
  | 'broad-pattern'
  | 'never-invalidated';

/** Something about the declarations that is wrong (`error`), suspicious (`warning`) or worth knowing (`info`). */
export interface Finding {
  readonly level: 'error' | 'warning' | 'info';
  readonly code: FindingCode;
  readonly message: string;
  /** The template or pattern that it is about, as declared, or `null`. */
  readonly template: string | null;
  /** `Class.method`; `null` if the configuration declares it. */
  readonly method: string | null;
  /** Where the declaration is written, as `file:line:column`: only in what the command `tiercel check` finds. */
  readonly place?: string;
}

export interface CheckOptions {
  /** Throw if there is a finding of this level or a more severe one. Default: never. */
  readonly failOn?: Finding['level'] | undefined;
}

/** What invalidates a template. */
export interface MapInvalidation {
  /** `Class.method`; `null` for an event that no decorated method emits. */
  readonly method: string | null;
  /** The event of the configuration, or `null`. */
  readonly event: string | null;
  readonly pattern: string;
}

export interface MapEntry {
  /** As declared: `provider:<id>:stats`. */
  readonly template: string;
  /** The same as a key in Redis: with the namespace. */
  readonly redisKey: string;
  /** Seconds that an entry lives in each tier; 0: it is not kept there. `null` if no method reads it, or it depends on the result. */
  readonly ttl: { readonly l1: number; readonly l2: number } | null;
  readonly readBy: readonly string[];
  readonly writtenBy: readonly string[];
  readonly invalidatedBy: readonly MapInvalidation[];
}

/** The methods that read, write and invalidate each cached template, sorted by template. */
export interface CacheMap {
  readonly cache: string;
  readonly templates: readonly MapEntry[];
  /** Invalidations that reach no cached template. */
  readonly unreached: readonly MapInvalidation[];
  /** Methods whose keys or patterns a function computes, and which the map therefore lacks. */
  readonly computed: readonly string[];
}

/** `keys`: the keys in Redis, and how long they live. */
export type MapFormat = 'mermaid' | 'table' | 'keys';

/** What a cache asks of the room that knows the declarations. */
export interface DeclaredProgram {
  /** @throws CheckError (`TIERCEL_CHECK`) */
  check(options: CheckOptions): readonly Finding[];
  map(): CacheMap;
  map(format: MapFormat): string;
}
