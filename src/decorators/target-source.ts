/**
 * Turns the first argument of `@CacheInvalidate`, a list of patterns or a function, into compiled targets.
 */
import { describe } from '../config/describe';
import type { Target } from '../contract/engine';
import { DecoratorOptionError, isUnrenderable, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { type KeyList, keyListOf } from '../keys/key-list';
import { type BindingSource, bindTarget, type TargetOf } from '../keys/method-binding';
import { type BoundPattern, bindPattern, parsePattern } from '../keys/pattern';
import type { TargetSource } from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { type BindingRule, bindingSource } from './key-source';
import { describeSubject, type Subject } from './subject';

interface TargetSources {
  /** Empty for a function. */
  readonly templates: readonly string[];
  readonly targets: readonly TargetSource[];
}

export function bindTargetSources(
  subject: Subject,
  patterns: unknown,
  options: CheckedOptions,
  rule: BindingRule,
): TargetSources {
  if (typeof patterns === 'function') {
    return { templates: [], targets: [targetFunction(subject, patterns, rule.allowResult)] };
  }
  if (!isNonEmptyTextList(patterns)) {
    throw new DecoratorOptionError({
      subject: describeSubject(subject),
      expected: 'a non-empty array of patterns, or a function that returns one',
      got: describe(patterns),
      ...(typeof patterns === 'string' ? { remedy: 'Wrap the pattern in an array.' } : {}),
    });
  }
  const source = bindingSource(subject, options, rule);
  return { templates: [...patterns], targets: patterns.map((pattern) => targetSource(pattern, source)) };
}

/** The source of one target from a pattern or a key template. */
export function targetSource(pattern: string, source: BindingSource): TargetSource {
  const parsed = parsePattern(pattern);
  const targetOf = bindTarget(parsed, source);
  return { needsResult: targetOf.needsResult, bind: eachElement(keyListOf(parsed, source), targetOf) };
}

/** One target, or one per element of the list. An element that cannot be rendered has no entry, and is left out. */
export function eachElement(
  list: KeyList | undefined,
  targetOf: (...call: Parameters<TargetOf>) => Target,
): TargetSource['bind'] {
  if (list === undefined) return (self, args, result) => [targetOf(self, args, result)];
  return (self, args, result) =>
    list.of(args, result).flatMap((element) => {
      try {
        return [targetOf(self, args, result, element)];
      } catch (error) {
        if (!isUnrenderable(error)) throw error;
        return [];
      }
    });
}

// biome-ignore lint/complexity/noBannedTypes: all that an untyped caller's function is known to be.
function targetFunction(subject: Subject, compute: Function, allowResult: boolean): TargetSource {
  if (!allowResult && compute.length > 1) {
    throw new DecoratorOptionError({
      subject: describeSubject(subject),
      expected: "a function of the arguments alone with timing: 'before' or 'around', or on: 'always'",
      got: 'one that takes the result, which may not exist then',
    });
  }
  return {
    needsResult: allowResult,
    bind(self, args, result) {
      const texts: unknown = Reflect.apply(compute, self, [args, result]);
      if (!isTextList(texts)) {
        throw new KeyFunctionError({
          subject: describeSubject(subject),
          expected: 'an array of keys or patterns',
          got: describe(texts),
        });
      }
      return texts.map(boundText);
    },
  };
}

/** A computed key or pattern: its wildcards are whole segments, and everything else in it is text. */
function boundText(text: string): BoundPattern {
  const segments = text.split(':').map((segment) => (segment === '*' ? segment : canonicalKey(segment)));
  return bindPattern(parsePattern(segments.join(':')), {});
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '');
}

function isNonEmptyTextList(value: unknown): value is readonly string[] {
  return isTextList(value) && value.length > 0;
}
