/**
 * A strategy: one template together with how its entries are stored, so that the callers of one kind of data name it in
 * one place. It adds no rule of its own: each method is the cache's method of that name, over a policy compiled once.
 */
import { describe } from '../config/describe';
import type { ReadingOptions, Ttl } from '../config/options';
import type { Policy, PutStep, TagSource } from '../contract/engine';
import { isUnrenderable, PatternInputError } from '../contract/errors';
import type { LoadContext } from '../contract/load-context';
import type { PatternAcknowledgement } from '../engine/write/invalidation';
import { namesOf } from '../keys/key-map';
import type { PlaceholderNames, ValuesOf } from '../keys/placeholders';
import { contextRequired, missingContext } from '../keys/required-context';
import { parseTemplate, renderTemplate, type Template } from '../keys/template';
import type { CacheParts } from './cache-parts';
import { type InvalidateOptions, wantedBy } from './call-options';
import { type KeyValues, type Tag, tagsOf, targetOf } from './key-input';

/** Of a strategy over the template `T` for values of the type `V`. */
export interface StrategyOptions<T extends string, V> extends ReadingOptions<(value: V) => Ttl, V> {
  /** The template of the keys, with named placeholders: `'feed:<userId>:<cursor?>'`. */
  readonly key: T;
  /** The `method` label under which it is counted. Default: the template. */
  readonly name?: string | undefined;
  /** True: the fetched value is returned and not stored. */
  readonly unless?: ((value: V) => boolean) | undefined;
  /** With `requireContext` of the configuration: the entries belong to everybody. Default: false. */
  readonly shared?: boolean | undefined;
  /** Tags of each entry: templates that are filled as the key is, or a function, which costs more. */
  readonly tags?: readonly string[] | ((value: V, values: ValuesOf<T>) => readonly Tag[]) | undefined;
}

/** Some of the values: what is left out is any. A value that is given must be one, so that a lost id widens nothing. */
export type SomeValuesOf<T extends string> = string extends T
  ? KeyValues
  : { readonly [N in PlaceholderNames<T>]?: N extends keyof ValuesOf<T> ? ValuesOf<T>[N] : never };

type StrategyParts = Pick<CacheParts<never>, 'engine' | 'compile' | 'declare'>;

export class Strategy<T extends string, V> {
  readonly template: T;
  readonly #parts: StrategyParts;
  readonly #key: Template;
  readonly #names: readonly string[];
  readonly #policy: Policy;
  readonly #ttl: StrategyOptions<T, V>['ttl'];
  readonly #storable: (value: V) => boolean;
  readonly #tags: StrategyOptions<T, V>['tags'];

  /** @internal */
  constructor(parts: StrategyParts, options: StrategyOptions<T, V>) {
    const { key, name = key, ttl, unless, tags, shared = false } = options;
    this.template = key;
    this.#parts = parts;
    this.#key = parseTemplate(key);
    const { placeholders } = this.#key;
    const given = placeholders.filter(({ source }) => source !== 'ctx');
    this.#names = namesOf({ text: key, placeholders: given }, `a strategy over '${key}'`);
    const missing = shared ? [] : missingContext(placeholders, parts.engine.requiredContext);
    if (missing.length > 0) throw contextRequired(name, key, missing);
    this.#policy = parts.compile(options, name);
    this.#ttl = ttl;
    this.#storable = wantedBy(unless);
    this.#tags = tags;
    const templates = typeof tags === 'function' ? [] : tags;
    for (const tag of templates ?? []) parseTemplate(tag);
    parts.declare({ label: name, template: key, storing: options, tags: templates, shared });
  }

  /** The same strategy, for values of this type. Types only: nothing looks at the values. */
  of<W extends V>(): Strategy<T, W> {
    return this as unknown as Strategy<T, W>;
  }

  /** @throws MissingValueError, UnrenderableValueError, UnhashableValueError */
  key(values: ValuesOf<T>): string {
    return renderTemplate(this.#key, values as KeyValues, this.#parts.engine);
  }

  /** The value, or `undefined`. A key that is just being loaded is a miss. */
  async get(values: ValuesOf<T>): Promise<V | undefined> {
    const { engine } = this.#parts;
    const key = this.key(values);
    return engine.served<V>(key, this.#policy) ?? engine.find<V>(key, this.#policy);
  }

  /** The value of each, in their order and in one round trip; `undefined` for a key without one. */
  async getMany(list: readonly ValuesOf<T>[]): Promise<(V | undefined)[]> {
    const { engine } = this.#parts;
    const keys = list.map((values) => this.key(values));
    const found = engine.active ? await engine.lookup(keys, this.#policy) : undefined;
    return keys.map((key) => found?.get(key) as V | undefined);
  }

  /** The value if L1 has it; synchronous, and not counted as a call. */
  peek(values: ValuesOf<T>): V | undefined {
    return this.#parts.engine.peek(this.key(values), this.#policy.version)?.value as V | undefined;
  }

  /**
   * Stores a value; the last writer wins. After a change of the database use `put`.
   * @returns false if nothing was stored
   */
  async set(values: ValuesOf<T>, value: V): Promise<boolean> {
    const { known, ofValue } = this.#tagsFor(values) ?? { known: [] };
    const tags = ofValue === undefined ? known : ofValue(value);
    return this.#parts.engine.changes.set(this.key(values), value, this.#byResult(), tags);
  }

  /** The cached value, or what `fetch` returns, stored: `getOrSet`. */
  getOrFetch(values: ValuesOf<T>, fetch: (load: LoadContext<V>) => V | PromiseLike<V>): Promise<V> {
    const { engine } = this.#parts;
    try {
      const key = this.key(values);
      return (
        engine.served(key, this.#policy) ??
        engine.readThrough(key, this.#byResult(), fetch, this.#storable, this.#tagsFor(values))
      );
    } catch (error) {
      if (!isUnrenderable(error)) return Promise.reject(error);
      return engine.loadUnrenderable(this.#policy, error, fetch);
    }
  }

  /** Runs `write` and stores its result, unless the key is written or invalidated meanwhile (P22). */
  async put(values: ValuesOf<T>, write: () => V | PromiseLike<V>): Promise<V> {
    const step: PutStep<V> = {
      key: this.key(values),
      policy: this.#byResult(),
      value: (result) => result,
      storable: this.#storable,
      tags: this.#tagsFor(values),
    };
    return this.#parts.engine.changes.put(step, write);
  }

  /**
   * Removes the entry of these values, or where some are left out all that match: `{ userId }` means every page of the
   * user, `{}` everything of the template. That is one command where the pattern is declared, with `*` for what is left
   * out (`patterns: ['feed:<userId>:*']` in the configuration), and else looks at every key.
   */
  async invalidate(values: SomeValuesOf<T>, options?: InvalidateOptions): Promise<PatternAcknowledgement> {
    const unknown = Object.keys(values).find((name) => !this.#names.includes(name));
    if (unknown !== undefined) {
      throw new PatternInputError({
        subject: this.template,
        expected: `values by the names ${this.#names.join(', ') || '(none at all)'}`,
        got: describe(unknown),
      });
    }
    const pattern = this.#key.segments
      .map((part) =>
        typeof part === 'string'
          ? part
          : part.source === 'ctx' || Object.hasOwn(values, part.name)
            ? part.text
            : '*',
      )
      .join(':');
    const cause = { label: 'invalidate', reason: options?.reason };
    const { engine } = this.#parts;
    return engine.changes.invalidate([targetOf(pattern, values as KeyValues, engine)], cause);
  }

  /** The policy of one call, whose `ttl` may be a function of its value. */
  #byResult(): Policy {
    const ttl = this.#ttl;
    if (typeof ttl !== 'function') return this.#policy;
    return this.#parts.engine.withTtl(this.#policy, (value) => ttl(value as V));
  }

  #tagsFor(values: ValuesOf<T>): TagSource<V> | undefined {
    const tags = this.#tags;
    const { engine } = this.#parts;
    if (tags === undefined) return undefined;
    if (typeof tags === 'function')
      return { known: [], ofValue: (value) => tagsOf(tags(value, values), engine) };
    return {
      known: tagsOf(
        tags.map((tag) => [tag, values as KeyValues]),
        engine,
      ),
    };
  }
}
