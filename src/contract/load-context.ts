/** What a loader is given: what it may know of its load, and what it may say about the entry. Types only. */

/**
 * @typeParam V the type of the values
 * @typeParam Kept what `keep()` returns; `never` where it must not take part in the inference of `V`
 */
export interface LoadContext<V = any, Kept = V> {
  /** Aborts once nobody waits: all hard timeouts have passed, the load takes longer than `load.max`, or the cache closes. */
  readonly signal: AbortSignal;
  /** The valid entry that this load refreshes (`staleFor`, `refreshAhead`). Undefined if there is none. */
  readonly stale: StaleEntry<V> | undefined;
  /**
   * The stale value, to be returned: its lifetime, tags and `meta` are renewed, as after an HTTP 304.
   * @throws LoadContextError (`TIERCEL_LOAD_CONTEXT`) if there is none
   */
  readonly keep: () => Kept;
  /** The result is returned, and not stored. */
  readonly skip: () => void;
  /**
   * Adds tags to the entry, as strings.
   * @throws TagInputError (`TIERCEL_TAGS`) and the errors of keys
   */
  readonly tag: (...names: string[]) => void;
  /** Stored with the value, for the `stale` of the next load: an ETag, a cursor. Anything that JSON can carry. */
  readonly meta: (data: unknown) => void;
}

export interface StaleEntry<V> {
  readonly value: V;
  /** Since it was stored or renewed, by its `ttl`. */
  readonly ageMs: number;
  /** What its load gave to `meta`; undefined if nothing. */
  readonly meta: unknown;
}

/** How loaders are called. Their parameter must not take part in the inference of `V`. */
export type Loader<V> = (load: LoadContext<any, never>) => V | PromiseLike<V>;
