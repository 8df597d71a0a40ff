/**
 * Turns the first argument of a decorator that names one key, a template or a function, into a compiled key.
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { type BindingSource, bindKey, type KeyOf } from '../keys/method-binding';
import { parameterDefaults, parameterNames } from '../keys/parameters';
import { parseTemplate } from '../keys/template';
import { ambientOf } from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { describeSubject, type Subject } from './subject';

export interface KeySource {
  /** Empty for a function. */
  readonly templates: readonly string[];
  readonly keyOf: KeyOf;
  readonly needsResult: boolean;
}

export interface BindingRule {
  /** Whether placeholders may use `<result>`. */
  readonly allowResult: boolean;
  /** Whether placeholders may use `<ids[]>`. Default: no. */
  readonly allowList?: boolean;
}

/** What a decorator was given as its key, and the prefix of the class. */
export interface PrefixedKey {
  readonly key: unknown;
  readonly prefix: string | undefined;
}

export function bindKeySource(
  subject: Subject,
  { key, prefix }: PrefixedKey,
  options: CheckedOptions,
  rule: BindingRule,
): KeySource {
  const bind = (template: string) => bindKey(parseTemplate(template), bindingSource(subject, options, rule));
  if (typeof key === 'string') {
    const template = prefix === undefined ? key : `${prefix}:${key}`;
    const keyOf = bind(template);
    return { templates: [template], keyOf, needsResult: keyOf.needsResult };
  }
  if (typeof key === 'function') {
    const own = keyFunction(subject, key);
    const prefixOf = prefix === undefined ? undefined : bind(prefix);
    const keyOf: KeyOf =
      prefixOf === undefined ? own : (self, args) => `${prefixOf(self, args)}:${own(self, args)}`;
    return { templates: [], keyOf, needsResult: false };
  }
  throw new DecoratorOptionError({
    subject: describeSubject(subject),
    expected: 'a key template or a function of the arguments',
    got: describe(key),
  });
}

/** The sources of the values of placeholders in a template on this method. */
export function bindingSource(
  subject: Subject,
  { params, vars }: CheckedOptions,
  rule: BindingRule,
): BindingSource {
  return {
    subject: subject.identity.label,
    names: params ?? parameterNames(subject.source),
    namesFrom: params === undefined ? 'parsed' : 'params',
    defaults: parameterDefaults(subject.source),
    vars,
    ambientOf: (self) => ambientOf(subject.identity, self),
    ...rule,
  };
}

// biome-ignore lint/complexity/noBannedTypes: all that an untyped caller's function is known to be.
function keyFunction(subject: Subject, compute: Function): KeyOf {
  return (self, args) => {
    const key: unknown = Reflect.apply(compute, self, args);
    if (typeof key !== 'string' || key === '') {
      throw new KeyFunctionError({
        subject: describeSubject(subject),
        expected: 'a non-empty string',
        got: key === '' ? 'an empty string' : describe(key),
      });
    }
    return canonicalKey(key);
  };
}
