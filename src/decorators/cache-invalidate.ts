/**
 * `@CacheInvalidate`: its signature and options, and the declaration it makes. What happens at a call is not decided here.
 */
import type { EventName } from '../config/register';
import type { InvalidateDeclaration } from '../registry/declarations';
import { type CheckedOptions, declaredOnMethod } from './declaration-parts';
import { decorateMethod } from './decorate-method';
import { bindEventSource, isEvent } from './event-source';
import type { MethodOptions } from './method-options';
import type { ArgumentsOf, AsyncMethod, AsyncMethodDecorator, ResultOf } from './method-types';
import { checkOptions, invalidateRules } from './option-check';
import type { Subject } from './subject';
import { bindTagSource } from './tag-source';
import { bindTargetSources } from './target-source';
import type { CheckedTemplate } from './template-check';

export interface CacheInvalidateOptions<This, Method, Text extends string = string>
  extends MethodOptions<This, Method, Text> {
  /**
   * When the entries go: `'after'` the method has ended, or `'before'` it runs, whatever becomes of it. Default `'after'`.
   * What is loaded between a `'before'` and the method's own change stays: choose it only where old entries must not be
   * read while the method runs, and add `'after'`.
   * `'around'` it: a write lease stands there while the method runs, so that nothing becomes stale even if the process
   * dies before it invalidates; the entries go in any case, and readers load meanwhile.
   */
  readonly timing?: 'before' | 'after' | 'around' | undefined;
  /** `'after'` which outcome: only `'success'`, or `'always'`, a failure too. Default `'success'`. */
  readonly on?: 'success' | 'always' | undefined;
}

/** Tags, and patterns besides, in the place of patterns alone. */
export interface TaggedEntries {
  /** Templates; they may use `<result>` where patterns may. All entries that carry one of these tags go. */
  readonly tags: readonly string[];
  readonly patterns?: readonly string[] | undefined;
}

/** An event of the configuration in the place of patterns. */
export interface CacheEvent<This, Method> {
  readonly event: EventName;
  /** The event's data. Default: the arguments, by the names of the method's parameters. */
  readonly data?:
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => Readonly<Record<string, unknown>>)
    | undefined;
}

/**
 * Invalidates entries when an asynchronous method has changed what they were made of.
 *
 * @param patterns keys and patterns (`['provider:<id>:*', 'leaderboard:top']`; they may use `<result>`), or a function of
 *   the arguments and the result that returns them, for arguments that are lists. In what it returns a segment `*` is a
 *   wildcard and a `:` separates: values of unknown content belong through a builder of `defineKeys`, which escapes them.
 *   Or `{ tags }`: all entries that carry one of these tags. Or `{ event, data }`: what the configuration says that the
 *   event invalidates.
 * @throws when the class is defined: a coded error for a malformed pattern, a placeholder that the method cannot fill, an
 *   unknown option, or a use of the result with `timing: 'before'` or `'around'`, or `on: 'always'`, where there may be none.
 *   A call is rejected, before the method runs, when a required value is missing. Where the function throws, or a value of
 *   the result is missing, the call is rejected after the method has run and everything else was invalidated.
 */
export function CacheInvalidate<This, Method extends AsyncMethod, const Texts extends readonly string[]>(
  patterns:
    | {
        readonly [Index in keyof Texts]: Texts[Index] extends CheckedTemplate<Texts[Index], Method, true>
          ? Texts[Index]
          : CheckedTemplate<Texts[Index], Method, true>;
      }
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => readonly string[])
    | TaggedEntries
    | CacheEvent<This, Method>,
  options: CacheInvalidateOptions<This, Method, Texts[number]> = {},
): AsyncMethodDecorator<This, Method> {
  return decorateMethod('@CacheInvalidate', (subject) => {
    checkOptions(subject, options, invalidateRules);
    return declareInvalidate(subject, patterns, options as unknown as CheckedOptions);
  });
}

function declareInvalidate(
  subject: Subject,
  patterns: unknown,
  options: CheckedOptions,
): InvalidateDeclaration {
  const timing = options.timing ?? 'after';
  const on = options.on ?? 'success';
  const allowResult = timing === 'after' && on === 'success';
  if (isEvent(patterns)) {
    const event = bindEventSource(subject, patterns, options, { allowResult });
    const declared = declaredOnMethod(subject, [], options);
    return { kind: 'invalidate', ...declared, targets: [], tags: undefined, event, timing, on };
  }
  const { tags, ...listed } = isTagged(patterns) ? patterns : { tags: undefined, patterns };
  const { templates, targets } =
    tags !== undefined && listed.patterns === undefined
      ? { templates: [], targets: [] }
      : bindTargetSources(subject, listed.patterns, options, { allowResult });
  return {
    kind: 'invalidate',
    ...declaredOnMethod(subject, templates, options),
    targets,
    tags: bindTagSource(subject, tags, options, { allowResult }),
    event: undefined,
    timing,
    on,
  };
}

function isTagged(value: unknown): value is { readonly tags: unknown; readonly patterns?: unknown } {
  return typeof value === 'object' && value !== null && 'tags' in value;
}
