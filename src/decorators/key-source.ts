/**
 * Turns the first argument of a decorator that names one key, a template or a function, into a compiled key.
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { type BindingSource, bindKey, type KeyOf } from '../keys/method-binding';
import { parameterDefaults, parameterNames } from '../keys/parameters';
import { parseTemplate } from '../keys/template';
import type { CheckedOptions } from './declaration-parts';
import { describeSubject, type Subject } from './subject';

export interface KeySource {
  /** Empty for a function. */
  readonly templates: readonly string[];
  readonly keyOf: KeyOf;
  readonly needsResult: boolean;
}

interface ResultRule {
  /** Whether placeholders may use `<result>`. */
  readonly allowResult: boolean;
}

export function bindKeySource(
  subject: Subject,
  key: unknown,
  options: CheckedOptions,
  rule: ResultRule,
): KeySource {
  if (typeof key === 'string') {
    const keyOf = bindKey(parseTemplate(key), bindingSource(subject, options, rule));
    return { templates: [key], keyOf, needsResult: keyOf.needsResult };
  }
  if (typeof key === 'function') {
    return { templates: [], keyOf: keyFunction(subject, key), needsResult: false };
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
  { allowResult }: ResultRule,
): BindingSource {
  return {
    subject: subject.identity.label,
    names: params ?? parameterNames(subject.source),
    namesFrom: params === undefined ? 'parsed' : 'params',
    defaults: parameterDefaults(subject.source),
    vars,
    allowResult,
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
