/**
 * `@CachePut`: its signature and options, and the declaration it makes. What happens at a call is not decided here.
 */
import type { StoringOptions } from '../config/options';
import { storingOptions } from '../config/storing-options';
import { DecoratorOptionError } from '../contract/errors';
import type { PutDeclaration } from '../registry/declarations';
import { type CheckedOptions, declaredOnMethod } from './declaration-parts';
import { bindingSource, bindKeySource, type PrefixedKey } from './key-source';
import type { MethodOptions, SharedOption, TtlOfResult } from './method-options';
import type { ArgumentsOf, AsyncMethod, AsyncMethodDecorator, ResultOf } from './method-types';
import { putRules } from './option-check';
import { storingDecorator } from './storing-decorator';
import { describeSubject, type Subject } from './subject';
import { bindTagSource } from './tag-source';
import { targetSource } from './target-source';
import type { CheckedTemplate } from './template-check';

export interface CachePutOptions<This, Method, Text extends string = string>
  extends StoringOptions<TtlOfResult<This, Method>>,
    MethodOptions<This, Method, Text>,
    SharedOption {
  /** Selects what is stored. Default: the result. `undefined` is not stored; the entry is invalidated instead. */
  readonly value?: ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => unknown) | undefined;
  /** If it returns `true`, nothing is stored and the entry is invalidated. Default: never. */
  readonly unless?:
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => boolean)
    | undefined;
  /**
   * True for a method that creates what its key names (`'user:<result.id>'`): the value is stored if nothing is at the key
   * once the method has ended. Otherwise the entry is invalidated. Default: false. Needs a template with `<result>`.
   */
  readonly created?: boolean | undefined;
  /** The tags of the entry, as for `@Cacheable`. */
  readonly tags?:
    | readonly string[]
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => readonly string[])
    | undefined;
}

/**
 * Always runs an asynchronous method that changes something, and stores its result. If the method fails, nothing is
 * stored. If others change or invalidate the entry while it runs, the entry is invalidated.
 *
 * A key that uses the result (`'user:<result.id>'`) is *invalidated* after success, not stored, unless `created` is true.
 * While the method ran, the key was unknown and could not be watched. The next reader loads it.
 *
 * @param key a template, or a function of the arguments that returns the key.
 * @throws when the class is defined: a coded error for a malformed template, a placeholder that the method cannot fill, or
 *   an unknown option. A call rejects before the method runs if a required value is missing or the `ttl` names an
 *   unknown preset. If `unless` or `value` throws, or a value of the result is missing, the call rejects after the method
 *   has run and the entry has been invalidated.
 */
export function CachePut<This, Method extends AsyncMethod, const Text extends string>(
  key:
    | (Text extends CheckedTemplate<Text, Method, true> ? Text : CheckedTemplate<Text, Method, true>)
    | ((this: This, ...args: ArgumentsOf<Method>) => string),
  options: CachePutOptions<This, Method, Text> = {},
): AsyncMethodDecorator<This, Method> {
  return storingDecorator('@CachePut', key, options, putRules, declarePut);
}

function declarePut(subject: Subject, key: PrefixedKey, options: CheckedOptions): PutDeclaration {
  const { templates, keyOf, needsResult } = bindKeySource(subject, key, options, { allowResult: true });
  const [template] = templates;
  if (options.created === true && !needsResult) {
    throw new DecoratorOptionError({
      subject: `'created' of ${describeSubject(subject)}`,
      expected: "a key template that uses the result, such as 'user:<result.id>'",
      got: template === undefined ? 'a function' : `'${template}'`,
      remedy: "Leave 'created' out: a key that is known before the method runs is watched and stored.",
    });
  }
  const source = bindingSource(subject, options, { allowResult: true });
  return {
    kind: 'put',
    ...declaredOnMethod(subject, templates, options),
    storing: storingOptions(options),
    keyOf,
    lateTarget: needsResult && template !== undefined ? targetSource(template, source) : undefined,
    created: options.created ?? false,
    unless: options.unless,
    value: options.value,
    tags: bindTagSource(subject, options.tags, options, { allowResult: true }),
  };
}
