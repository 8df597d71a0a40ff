/**
 * Turns the first argument of `@CacheInvalidate`, a list of patterns or a function, into compiled targets.
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { type BindingSource, bindTarget } from '../keys/method-binding';
import { type BoundPattern, bindPattern, parsePattern } from '../keys/pattern';
import type { TargetSource } from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { bindingSource } from './key-source';
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
  rule: { readonly allowResult: boolean },
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
  const targetOf = bindTarget(parsePattern(pattern), source);
  return {
    needsResult: targetOf.needsResult,
    bind: (self, args, result) => [targetOf(self, args, result)],
  };
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
