/**
 * `@Cacheable`: its signature and options, and the declaration it makes. What happens at a call is not decided here.
 */
import type { ReadingOptions } from '../config/options';
import { storingOptions } from '../config/storing-options';
import type { CacheableDeclaration } from '../registry/declarations';
import { type CheckedOptions, declaredOnMethod } from './declaration-parts';
import { type BindingRule, bindKeySource, type PrefixedKey } from './key-source';
import type { MethodOptions, SharedOption, TtlOfResult } from './method-options';
import type { ArgumentsOf, AsyncMethod, AsyncMethodDecorator, ResultOf } from './method-types';
import { cacheableRules } from './option-check';
import { storingDecorator } from './storing-decorator';
import type { Subject } from './subject';
import { bindTagSource } from './tag-source';
import type { CheckedTemplate } from './template-check';

export interface CacheableOptions<This, Method, Text extends string = string>
  extends ReadingOptions<TtlOfResult<This, Method>, ResultOf<Method>>,
    MethodOptions<This, Method, Text>,
    SharedOption {
  /** True: the method may call `currentLoad()`. Default: false. */
  readonly loadContext?: boolean | undefined;
  /** If it returns `true`, the result is returned but not stored. Default: never. If it throws, the call rejects. */
  readonly unless?:
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => boolean)
    | undefined;
  /**
   * Names under which this entry can be invalidated together with others (`cache.invalidate({ tags: [...] })`): templates,
   * which may use `<result>`, or a function. Templates of the arguments alone cost no extra round trip. Default: none.
   */
  readonly tags?:
    | readonly string[]
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => readonly string[])
    | undefined;
}

/**
 * Answers calls of an asynchronous method from the cache, and runs the method only on a miss: once, for any number of
 * simultaneous callers.
 *
 * @param key a template (`'provider:<id>:stats'`), or a function of the arguments that returns the key. Only a template
 *   escapes its values: a value that may contain a `:` belongs in one.
 * @throws when the class is defined: a coded error for a malformed template, a placeholder that the method cannot fill, an
 *   unknown option, or a second `@Cacheable` on the method. A call rejects if a required value is missing or the
 *   `ttl` names an unknown preset, never because of a fault of the cache.
 */
export function Cacheable<This, Method extends AsyncMethod, const Text extends string>(
  key:
    | (Text extends CheckedTemplate<Text, Method, false> ? Text : CheckedTemplate<Text, Method, false>)
    | ((this: This, ...args: ArgumentsOf<Method>) => string),
  options: CacheableOptions<This, Method, Text> = {},
): AsyncMethodDecorator<This, Method> {
  return storingDecorator('@Cacheable', key, options, cacheableRules, declareCacheable);
}

export function declareCacheable(
  subject: Subject,
  key: PrefixedKey,
  options: CheckedOptions,
  rule: Pick<BindingRule, 'allowList'> = {},
): CacheableDeclaration {
  const { templates, keyOf } = bindKeySource(subject, key, options, { allowResult: false, ...rule });
  return {
    kind: 'cacheable',
    bulk: undefined,
    ...declaredOnMethod(subject, templates, options),
    storing: storingOptions(options),
    keyOf,
    loadContext: options.loadContext === true,
    unless: options.unless,
    tags: bindTagSource(subject, options.tags, options, { allowResult: true, ...rule }),
  };
}
