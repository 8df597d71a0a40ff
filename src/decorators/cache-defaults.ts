/**
 * `@CacheDefaults`: options that the decorated methods of one class share. Class decorators run after those of methods, in
 * both decorator modes, so each declaration is made once more, with the defaults.
 */
import { describe } from '../config/describe';
import type { ReadingOptions, Ttl } from '../config/options';
import { STORING_RULES } from '../config/storing-options';
import { DecoratorTargetError } from '../contract/errors';
import { parseTemplate } from '../keys/template';
import { type Declaration, decoratedMethod, ownMethod } from '../registry/declarations';
import type { DecoratedCache } from '../registry/default-cache';
import { classNameOf } from '../registry/method-identity';
import { declareInMetadata } from './disguise';
import { checkOptionsOf, methodRules, type OptionRules } from './option-check';
import { type ClassCacheDecorator, setClassCache } from './use-cache';

export interface CacheDefaultsOptions<This> {
  /**
   * Precedes the key of each `@Cacheable`, `@CacheableMany` and `@CachePut`, with a `:`. It may have placeholders. Patterns of
   * `@CacheInvalidate` are whole already. Default: none.
   */
  readonly prefix?: string | undefined;
  /** Of methods without a `ttl`. Default: as for a method. */
  readonly ttl?: Ttl | undefined;
  /** Of methods without `tags`: templates. Default: none. */
  readonly tags?: readonly string[] | undefined;
  /** Of methods without `tiers`. Default `'both'`. */
  readonly tiers?: ReadingOptions['tiers'];
  /** Of methods without a `staleFor`. Default 0. */
  readonly staleFor?: ReadingOptions['staleFor'];
  /** The cache, or a function that finds it from the instance, of methods without the option `cache`: as `@UseCache`. */
  readonly cache?: DecoratedCache | ((self: This) => DecoratedCache | undefined) | undefined;
}

/** As the declarations see it. */
export type ClassDefaults = CacheDefaultsOptions<any>;

const rules: OptionRules = {
  prefix: { expected: 'a key template', accepts: (value) => typeof value === 'string' },
  ttl: STORING_RULES.ttl,
  tags: { expected: 'an array of tags', accepts: Array.isArray },
  tiers: STORING_RULES.tiers,
  staleFor: STORING_RULES.staleFor,
  cache: methodRules['cache']!,
};

const remade = new WeakMap<Declaration, (defaults: ClassDefaults) => Declaration>();

/** Remembers how a declaration is made, for a class decorator that may come. */
export function rememberDeclare(
  declaration: Declaration,
  declare: (defaults: ClassDefaults) => Declaration,
): void {
  remade.set(declaration, declare);
}

/**
 * Options that all decorated methods of a class share, static ones included. A method's own option wins. Methods that a
 * subclass adds have the subclass's own defaults; `#private` methods have none, as no class decorator can reach them.
 *
 * @throws when the class is defined: a coded error for an unknown option, a malformed prefix, a placeholder that a method
 *   cannot fill, or if it is not on a class.
 */
export function CacheDefaults<This>(options: CacheDefaultsOptions<This>): ClassCacheDecorator<This> {
  checkOptionsOf('@CacheDefaults', options, rules);
  if (options.prefix !== undefined) parseTemplate(options.prefix);
  return (subject) => {
    if (typeof subject !== 'function' || typeof subject.prototype !== 'object') {
      throw new DecoratorTargetError({
        subject: '@CacheDefaults',
        expected: 'a class',
        got: describe(subject),
      });
    }
    for (const holder of [subject.prototype as object, subject]) {
      for (const name of Reflect.ownKeys(holder)) applyTo(holder, name, options);
    }
    const { cache } = options;
    if (cache !== undefined)
      setClassCache(
        subject,
        typeof cache === 'function' ? (cache as (self: unknown) => DecoratedCache | undefined) : () => cache,
      );
  };
}

function applyTo(holder: object, name: string | symbol, defaults: ClassDefaults): void {
  const method = ownMethod(holder, name);
  if (method === undefined) return;
  if (!method.identity.isOwnerKnown) method.identity.learn(classNameOf(holder));
  for (const declaration of method.declarations) {
    const declare = remade.get(declaration);
    if (declare !== undefined) Object.assign(declaration, declare(defaults));
  }
  const wrapper: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value;
  if (decoratedMethod(wrapper) === method) declareInMetadata(wrapper as () => unknown, method.declarations);
}

/** The options of a method, completed by the class's defaults. @throws DecoratorOptionError */
export function withDefaults<Options extends object>(
  options: Options,
  { prefix, ...defaults }: ClassDefaults,
): Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Options;
}
