/**
 * Checks the options of a decorator when the class is defined, for callers that the compiler does not check.
 * It refuses unknown names, so that a misspelt option is not silently ignored.
 */
import { describe } from '../config/describe';
import { nearestName } from '../config/nearest-name';
import {
  CHECKED_LATER,
  type OptionRule,
  oneOf,
  READING_RULES,
  STORING_RULES,
} from '../config/storing-options';
import { DecoratorOptionError } from '../contract/errors';
import { describeSubject, type Subject } from './subject';

export type OptionRules = Readonly<Record<string, OptionRule>>;

const aFunction: OptionRule = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
};

const aBoolean = STORING_RULES.plain;

export const methodRules: OptionRules = {
  when: aFunction,
  params: {
    expected: 'an array of parameter names',
    accepts: (value) =>
      Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
  },
  vars: aFunction,
  name: { expected: 'a non-empty string', accepts: (value) => typeof value === 'string' && value !== '' },
  cache: {
    expected: 'a cache or a function that finds it',
    accepts: (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null && 'engine' in value),
  },
};

const resultRules: OptionRules = {
  ...methodRules,
  unless: aFunction,
  tags: CHECKED_LATER,
  shared: aBoolean,
};

export const cacheableRules: OptionRules = { ...READING_RULES, ...resultRules, loadContext: aBoolean };
export const bulkRules: OptionRules = {
  ...STORING_RULES,
  ...resultRules,
  schema: READING_RULES.schema,
  into: oneOf('array', 'map', 'record'),
  by: {
    expected: 'the name of a property or a function of an item',
    accepts: (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
  },
};
export const putRules: OptionRules = {
  ...STORING_RULES,
  ...resultRules,
  value: aFunction,
  created: aBoolean,
};
export const invalidateRules: OptionRules = {
  ...methodRules,
  timing: oneOf('before', 'after', 'around'),
  on: oneOf('success', 'always'),
};

/** @throws DecoratorOptionError */
export function checkOptions(subject: Subject, options: unknown, rules: OptionRules): void {
  checkOptionsOf(describeSubject(subject), options, rules);
}

/** @throws DecoratorOptionError */
export function checkOptionsOf(subject: string, options: unknown, rules: OptionRules): void {
  if (typeof options !== 'object' || options === null) {
    throw new DecoratorOptionError({
      subject,
      expected: 'an object of options',
      got: describe(options),
    });
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(subject, name, rules);
    if (value !== undefined && !rule.accepts(value)) {
      throw new DecoratorOptionError({
        subject: `'${name}' of ${subject}`,
        expected: rule.expected,
        got: describe(value),
      });
    }
  }
}

function unknownOption(subject: string, name: string, rules: OptionRules): DecoratorOptionError {
  const nearest = nearestName(name, Object.keys(rules));
  return new DecoratorOptionError({
    subject,
    expected: `one of ${Object.keys(rules).join(', ')}`,
    got: `'${name}'`,
    ...(nearest === undefined ? {} : { remedy: `Did you mean '${nearest}'?` }),
  });
}
