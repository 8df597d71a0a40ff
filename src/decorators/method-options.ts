/**
 * The options that every decorator has: how placeholders get their values, when the decorator applies, which cache it
 * uses, and its label. Types only.
 */
import type { Ttl } from '../config/options';
import type { DecoratedCache } from '../registry/default-cache';
import type { ArgumentsOf, ResultOf } from './method-types';
import type { VariablesOf } from './template-check';

/** `(args)`, where `args` are the arguments of the call as a tuple and `this` is the instance. */
export type ArgumentsCallback<This, Method, Answer> = (this: This, args: ArgumentsOf<Method>) => Answer;

/** `ttl` as a function of the arguments and the awaited result. */
export type TtlOfResult<This, Method> = (
  this: This,
  args: ArgumentsOf<Method>,
  result: ResultOf<Method>,
) => Ttl;

export interface SharedOption {
  /** With `requireContext` of the configuration: the entries belong to everybody. Default: false. */
  readonly shared?: boolean | undefined;
}

export interface MethodOptions<This, Method, Text extends string> {
  /**
   * Decides, call by call, whether the decorator applies. If it returns `false`, the method runs as if it were not
   * decorated. Default: always. If it throws, the call rejects.
   */
  readonly when?: ArgumentsCallback<This, Method, boolean> | undefined;
  /**
   * The names of the parameters, one per parameter, for placeholders like `<id>`. Default: read from the method's source.
   * Minified code needs this, `vars`, or positions like `<0>`, since a minifier renames parameters.
   */
  readonly params?:
    | (ArgumentsOf<Method> extends infer Arguments extends readonly unknown[]
        ? { readonly [Index in keyof Required<Arguments>]: string }
        : never)
    | undefined;
  /** Computes the values of the named placeholders from the arguments; must give every name that is used. */
  readonly vars?: ((this: This, ...args: ArgumentsOf<Method>) => VariablesOf<Text>) | undefined;
  /** The `method` label of metrics. Default `'Class.method'`. */
  readonly name?: string | undefined;
  /**
   * The cache, or a function that finds it from the instance at each call. Default: the one of `@UseCache` on the class,
   * else the process's default cache. Decorators on one method share one cache.
   */
  readonly cache?: DecoratedCache | ((self: This) => DecoratedCache | undefined) | undefined;
}
