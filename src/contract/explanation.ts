/** What `cache.explain(key)` gives: plain data that survives `JSON.stringify`, with ids and without values. Types only. */
import type { InvalidationRecord } from './invalidation-history';

export interface Explanation {
  /** Without the namespace. */
  readonly key: string;
  readonly redisKey: string;
  /** The declared template that gives the key; `null` if none does. */
  readonly template: string | null;
  /** The methods and strategies that read and write the template. */
  readonly readBy: readonly string[];
  readonly writtenBy: readonly string[];
  readonly l1: L1Explanation;
  readonly l2: L2Explanation;
  /** Those of the key, then those of the tags of the entry in L2. */
  readonly groups: readonly GroupExplanation[];
  /**
   * The last one of this process that has removed the key, if it is still in the history. A call of more than 100 names is
   * found by those that its record keeps.
   */
  readonly lastInvalidation: InvalidationRecord | null;
  /** What a call of the first method in `readBy` would do now; without one, a call of `get`. */
  readonly read: ReadExplanation;
}

export interface L1Explanation {
  readonly holds: 'entry' | 'nothing';
  /** Why L1 would not serve what it holds: `null` if it would, or holds nothing. */
  readonly unusable: 'expired' | 'version' | 'untrusted' | 'invalidated' | null;
  readonly version: string | null;
  readonly ageSeconds: number | null;
  readonly leftSeconds: number | null;
}

export interface L2Explanation {
  /**
   * `stub`: an entry of `tiers: 'l1'`. `lease`: somebody loads the key. `write-lease`: a put or an invalidation is under way.
   * `foreign`: no value of a cache. `unreachable`: Redis does not answer. `no-l2`: the cache has no Redis.
   */
  readonly holds:
    | 'entry'
    | 'stub'
    | 'lease'
    | 'write-lease'
    | 'nothing'
    | 'foreign'
    | 'unreachable'
    | 'no-l2';
  readonly version: string | null;
  readonly serializer: string | null;
  /** By the declared `ttl`: `null` if it is not known, or depends on the result. */
  readonly ageSeconds: number | null;
  /** Below 0: expired, and kept to be served while it is refreshed. */
  readonly leftSeconds: number | null;
  /** Of the value, as it is stored. */
  readonly bytes: number | null;
  /** How long its load took. */
  readonly loadMs: number | null;
  readonly tags: readonly string[];
}

export interface GroupExplanation {
  readonly kind: 'namespace' | 'node' | 'pattern' | 'tag';
  /** The bound pattern or tag; empty for the namespace. */
  readonly name: string;
  /**
   * `current`: the entry in L2 has its generation. `changed`: it was invalidated after the entry was loaded. `present`: there
   * is no entry to compare. `absent`: it has no generation: nobody has read it yet, or it is being changed.
   */
  readonly state: 'current' | 'changed' | 'present' | 'absent';
}

export interface ReadExplanation {
  /** `stale`: the expired value, while it is refreshed. `wait`: for the load of somebody else. `uncached`: as if there were no cache. */
  readonly answer: 'l1' | 'l2' | 'stale' | 'wait' | 'load' | 'uncached';
  /** Why, in a word: what is wrong with the entry, or what stands in its place. `fresh` if nothing is. */
  readonly reason:
    | 'fresh'
    | 'absent'
    | 'expired'
    | 'version'
    | 'invalidated'
    | 'untrusted'
    | 'unreadable'
    | 'leased'
    | 'write-leased'
    | 'unreachable'
    | 'off';
  /** Whether a load would be stored. */
  readonly stored: boolean;
}
