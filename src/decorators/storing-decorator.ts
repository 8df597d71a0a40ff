/**
 * What the decorators that store under one key share: they check their options, and complete these and the key by what the
 * class gives.
 */
import type { Declaration } from '../registry/declarations';
import { withDefaults } from './cache-defaults';
import type { CheckedOptions } from './declaration-parts';
import { decorateMethod } from './decorate-method';
import type { PrefixedKey } from './key-source';
import type { AsyncMethodDecorator } from './method-types';
import { checkOptions, type OptionRules } from './option-check';
import type { Subject } from './subject';

export function storingDecorator<This, Method>(
  decorator: string,
  key: unknown,
  options: object,
  rules: OptionRules,
  declare: (subject: Subject, key: PrefixedKey, options: CheckedOptions) => Declaration,
): AsyncMethodDecorator<This, Method> {
  return decorateMethod(decorator, (subject, defaults) => {
    checkOptions(subject, options, rules);
    return declare(
      subject,
      { key, prefix: defaults.prefix },
      withDefaults<CheckedOptions>(options, defaults),
    );
  });
}
