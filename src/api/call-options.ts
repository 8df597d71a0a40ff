/**
 * What callers of `Cache` give and get besides keys and values: options of its methods, each documented here, once, and
 * how the engine takes them. Those about storing, which decorators share, are in `config/options.ts`.
 */
import type { ReadingOptions, StoringOptions, Ttl } from '../config/options';
import type { TagSource, Target } from '../contract/engine';
import { boundTag } from '../keys/tag';
import type { Ambient } from '../keys/value-text';
import { invalidationOf, type PatternInput, type Tag, tagsOf, targetOf } from './key-input';

/** Tags of an entry: those that are known before the load, or a function of the loaded value (P9). */
export type TagsOption<V> = readonly Tag[] | ((value: V) => readonly Tag[]);

export interface SetOptions<V = unknown> extends StoringOptions<(value: V) => Ttl, V> {
  /** Names under which this entry can be invalidated together with others. */
  readonly tags?: readonly Tag[] | undefined;
}

export interface SetManyOptions<V = unknown> extends StoringOptions<(key: string, value: V) => Ttl, V> {
  /** Names under which each entry can be invalidated together with others. */
  readonly tags?: readonly Tag[] | undefined;
}

export interface GetOrSetManyOptions<V = unknown>
  extends StoringOptions<(key: string, value: V) => Ttl, V>,
    Pick<ReadingOptions, 'schema'> {
  readonly name?: string;
  /** The tags of one loaded entry. */
  readonly tags?: ((key: string, value: V) => readonly Tag[]) | undefined;
}

export interface GetOrSetOptions<V = unknown> extends ReadingOptions<(value: V) => Ttl, V> {
  /** The `method` label under which this use is counted. Default: the method of the cache, `getOrSet`. */
  readonly name?: string;
  /** True: L1 may not answer this call, so it knows of every acknowledged invalidation. Default: false. */
  readonly exact?: boolean | undefined;
  /** True: the loaded value is returned and not stored. */
  readonly unless?: (value: V) => boolean;
  /** Names under which this entry can be invalidated together with others. A list costs less than a function. */
  readonly tags?: TagsOption<V> | undefined;
}

export interface PutOptions<V = unknown> extends StoringOptions<(value: V) => Ttl, V> {
  readonly name?: string;
  readonly unless?: (value: V) => boolean;
  readonly tags?: TagsOption<V> | undefined;
}

export interface Readiness {
  /** `none`: the configuration names no Redis. `down`: it does not answer; the cache serves without it. */
  readonly l2: 'ready' | 'down' | 'none';
  /** `trusted`: changes by others are heard, and L1 is used. `suspect`: they are not, and L1 is not used. */
  readonly coherence: 'trusted' | 'suspect' | 'none';
  /** Why `l2` is `down`: the last error of the connection, or what Redis refuses. */
  readonly reason?: string;
}

export interface Invalidation {
  /** Keys and patterns: `'feed:*'`, `['provider:<id>:*', { id }]`. */
  readonly patterns?: readonly PatternInput[];
  /** All entries that carry one of these. */
  readonly tags?: readonly Tag[];
  /** For the record: `invalidations.history()`. */
  readonly reason?: string;
}

export interface InvalidateOptions {
  /** For the record: `invalidations.history()`. */
  readonly reason?: string;
}

/** @throws the errors of patterns and tags */
export function targetsOf(what: Invalidation, from: Ambient): readonly Target[] {
  const { patterns, tags } = invalidationOf(what, from);
  return [...patterns.map((pattern) => targetOf(pattern, undefined, from)), ...tags.map(boundTag)];
}

/** @throws TagInputError (`TIERCEL_TAGS`) */
export function tagSource<V>(tags: TagsOption<V> | undefined, from: Ambient): TagSource<V> | undefined {
  if (tags === undefined) return undefined;
  if (typeof tags !== 'function') return { known: tagsOf(tags, from) };
  return { known: [], ofValue: (value) => tagsOf(tags(value), from) };
}

export function wantedBy<V>(unless: ((value: V) => boolean) | undefined): (value: V) => boolean {
  return unless === undefined ? () => true : (value) => !unless(value);
}
