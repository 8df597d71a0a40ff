/**
 * Checks the options of a decorator when the class is defined, for callers whom the compiler does not check.
 * Refuses unknown names, so that a misspelt option is not silently ignored. The `ttl` is the cache's to check.
 */
import { describe } from '../config/describe';
import { nearestName } from '../config/nearest-name';
import { DecoratorOptionError } from '../contract/errors';
import { describeSubject, type Subject } from './subject';

interface Rule {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

export type OptionRules = Readonly<Record<string, Rule>>;

const aFunction: Rule = { expected: 'a function', accepts: (value) => typeof value === 'function' };

function oneOf(...choices: readonly string[]): Rule {
  return {
    expected: choices.map((choice) => `'${choice}'`).join(' or '),
    accepts: (value) => typeof value === 'string' && choices.includes(value),
  };
}

/** Left to `compile`, which knows the configuration. */
const checkedByCache: Rule = { expected: 'a value the cache accepts', accepts: () => true };

const methodRules: OptionRules = {
  when: aFunction,
  params: {
    expected: 'a list of parameter names',
    accepts: (value) =>
      Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
  },
  vars: aFunction,
  name: { expected: 'a non-empty text', accepts: (value) => typeof value === 'string' && value !== '' },
  cache: {
    expected: 'a cache or a function that finds it',
    accepts: (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null && 'engine' in value),
  },
};

const storingRules: OptionRules = {
  ttl: checkedByCache,
  nullTtl: checkedByCache,
  staleFor: checkedByCache,
  version: {
    expected: 'a text or a number',
    accepts: (value) => typeof value === 'string' || typeof value === 'number',
  },
  tiers: oneOf('l1', 'l2', 'both'),
};

/** Checked where it is compiled. */
const tags: Rule = { expected: 'a list of tags or a function', accepts: () => true };

const sharedRules: OptionRules = { ...methodRules, ...storingRules, unless: aFunction, tags };

export const cacheableRules: OptionRules = {
  ...sharedRules,
  refreshAhead: checkedByCache,
  timeout: checkedByCache,
};
export const putRules: OptionRules = { ...sharedRules, value: aFunction };
export const invalidateRules: OptionRules = {
  ...methodRules,
  timing: oneOf('before', 'after', 'around'),
  on: oneOf('success', 'always'),
};

/** @throws DecoratorOptionError */
export function checkOptions(subject: Subject, options: unknown, rules: OptionRules): void {
  if (typeof options !== 'object' || options === null) {
    throw new DecoratorOptionError({
      subject: describeSubject(subject),
      expected: 'an object of options',
      got: describe(options),
    });
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(subject, name, rules);
    if (value !== undefined && !rule.accepts(value)) {
      throw new DecoratorOptionError({
        subject: `'${name}' of ${describeSubject(subject)}`,
        expected: rule.expected,
        got: describe(value),
      });
    }
  }
}

function unknownOption(subject: Subject, name: string, rules: OptionRules): DecoratorOptionError {
  const nearest = nearestName(name, Object.keys(rules));
  return new DecoratorOptionError({
    subject: describeSubject(subject),
    expected: `one of ${Object.keys(rules).join(', ')}`,
    got: `'${name}'`,
    ...(nearest === undefined ? {} : { remedy: `Did you mean '${nearest}'?` }),
  });
}
