/**
 * Turns `{ event, data }` of `@CacheInvalidate` into a source of the event's data. The event's patterns are not known here:
 * they are in the configuration of the cache, which is found when the method is called.
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import type { ParameterDefault } from '../keys/parameters';
import type { EventSource } from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { bindingSource } from './key-source';
import { describeSubject, type Subject } from './subject';

type Data = (this: unknown, args: readonly unknown[], result: unknown) => unknown;

export function isEvent(value: unknown): value is { readonly event: unknown; readonly data?: unknown } {
  return typeof value === 'object' && value !== null && 'event' in value;
}

/** @throws DecoratorOptionError */
export function bindEventSource(
  subject: Subject,
  { event, data, ...others }: { readonly event: unknown; readonly data?: unknown },
  options: CheckedOptions,
  rule: { readonly allowResult: boolean },
): EventSource {
  const [other] = Object.keys(others);
  if (typeof event !== 'string' || event === '' || other !== undefined) {
    throw new DecoratorOptionError({
      subject: describeSubject(subject),
      expected: '{ event, data } with the name of an event',
      got: other === undefined ? describe(event) : `the option '${other}'`,
    });
  }
  if (data === undefined) return { event, needsResult: false, ...argumentsByName(subject, options, rule) };
  if (typeof data !== 'function' || (!rule.allowResult && data.length > 1)) {
    throw new DecoratorOptionError({
      subject: `'data' of ${describeSubject(subject)}`,
      expected: rule.allowResult
        ? 'a function of the arguments and the result'
        : 'a function of the arguments alone',
      got:
        typeof data === 'function' ? 'one that takes the result, which may not exist then' : describe(data),
    });
  }
  const compute = data as Data;
  return {
    event,
    names: undefined,
    needsResult: rule.allowResult,
    data(self, args, result) {
      const values = compute.call(self, args, result);
      if (typeof values === 'object' && values !== null) return values as Readonly<Record<string, unknown>>;
      throw new KeyFunctionError({
        subject: `'data' of ${describeSubject(subject)}`,
        expected: 'an object of values by placeholder name',
        got: describe(values),
      });
    },
  };
}

function argumentsByName(
  subject: Subject,
  options: CheckedOptions,
  rule: { readonly allowResult: boolean },
): Pick<EventSource, 'names' | 'data'> {
  const { names, vars, defaults } = bindingSource(subject, options, rule);
  if (vars !== undefined)
    return { names: undefined, data: (self, args) => vars.apply(self, args as never[]) };
  const data: EventSource['data'] = (_self, args) => {
    const values: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) {
      if (name?.startsWith('...')) values[name.slice(3)] = args.slice(index);
      else if (name !== null)
        values[name] = args[index] === undefined ? literal(defaults?.[index]) : args[index];
    }
    return values;
  };
  return { names: names.filter((name) => name !== null).map((name) => name.replace(/^\.\.\./, '')), data };
}

function literal(fallback: ParameterDefault | undefined): unknown {
  return fallback !== undefined && 'value' in fallback ? fallback.value : undefined;
}
