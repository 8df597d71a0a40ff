/**
 * The list of storing options: what decorators accept, what a declaration keeps, and what makes two uses of a cache share
 * a compiled policy. An option that is missing from any part of this file is a compile error or fails its test.
 */
import type { ReadingOptions, StoringOptions } from './options';

/** The form of an option, checked when a class is defined. */
export interface OptionRule {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

type RulesOf<Options> = { readonly [Name in keyof Required<Options>]: OptionRule };

/** The policy's compiler checks it, which knows the configuration. */
export const CHECKED_LATER: OptionRule = { expected: 'a value the cache accepts', accepts: () => true };

export function oneOf(...choices: readonly string[]): OptionRule {
  return {
    expected: choices.map((choice) => `'${choice}'`).join(' or '),
    accepts: (value) => typeof value === 'string' && choices.includes(value),
  };
}

const A_FLAG: OptionRule = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' };

export const STORING_RULES: RulesOf<StoringOptions> = {
  ttl: CHECKED_LATER,
  nullTtl: CHECKED_LATER,
  staleFor: CHECKED_LATER,
  version: {
    expected: 'a string or a number',
    accepts: (value) => typeof value === 'string' || typeof value === 'number',
  },
  tiers: oneOf('l1', 'l2', 'both'),
  revive: { expected: 'a function', accepts: (value) => typeof value === 'function' },
  plain: A_FLAG,
  compress: A_FLAG,
};

export const READING_RULES: RulesOf<ReadingOptions> = {
  ...STORING_RULES,
  refreshAhead: CHECKED_LATER,
  timeout: CHECKED_LATER,
  schema: {
    expected: "a Standard Schema, an object with '~standard'",
    accepts: (value) =>
      (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value,
  },
};

/** The storing options alone, copied, so that a later change of the caller's object does not reach them. */
export function storingOptions(options: ReadingOptions): RequiredKeys<ReadingOptions> {
  const { ttl, timeout, nullTtl, staleFor, version, tiers, refreshAhead, revive, plain, compress, schema } =
    options;
  return {
    ttl: copied(ttl),
    timeout: copied(timeout),
    nullTtl,
    staleFor,
    version,
    tiers,
    refreshAhead,
    revive,
    plain,
    compress,
    schema,
  };
}

type RequiredKeys<Options> = { readonly [Name in keyof Required<Options>]: Options[Name] };

function copied<T>(value: T): T {
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

/**
 * Whether two calls can share a policy: functions as `ttl`, `revive` and `schema` are no part of it, and all alike. Written
 * out, as it runs at each call and a loop takes three times as long.
 */
export function areSameStoring(one: ReadingOptions, other: ReadingOptions): boolean {
  return (
    (isSame(one.ttl, other.ttl) || (typeof one.ttl === 'function' && typeof other.ttl === 'function')) &&
    one.nullTtl === other.nullTtl &&
    one.staleFor === other.staleFor &&
    one.version === other.version &&
    one.tiers === other.tiers &&
    one.refreshAhead === other.refreshAhead &&
    (one.revive === undefined) === (other.revive === undefined) &&
    one.plain === other.plain &&
    one.compress === other.compress &&
    (one.schema === undefined) === (other.schema === undefined) &&
    isSame(one.timeout, other.timeout)
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (isObject(one) && isObject(other) && haveSameProperties(one, other));
}

function haveSameProperties(one: object, other: object): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => (one as Record<string, unknown>)[name] === (other as Record<string, unknown>)[name])
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
