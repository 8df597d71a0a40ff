/**
 * `@CacheInvalidate`: its signature and options, and the declaration it makes. What happens at a call is not decided here.
 */
import type { EventName } from '../config/register';
import type { InvalidateDeclaration } from '../registry/declarations';
import { withDefaults } from './cache-defaults';
import { type CheckedOptions, declaredOnMethod } from './declaration-parts';
import { decorateMethod } from './decorate-method';
import { bindEventSource, isEvent } from './event-source';
import type { MethodOptions } from './method-options';
import type { ArgumentsOf, AsyncMethod, AsyncMethodDecorator, ResultOf } from './method-types';
import { checkOptions, invalidateRules } from './option-check';
import type { Subject } from './subject';
import { bindTagTargets } from './tag-source';
import { bindTargetSources } from './target-source';
import type { CheckedTemplate } from './template-check';

export interface CacheInvalidateOptions<This, Method, Text extends string = string>
  extends MethodOptions<This, Method, Text> {
  /**
   * When the entries are removed: `'after'` the method has ended, or `'before'` it runs, even if it fails. Default
   * `'after'`. An entry loaded between a `'before'` and the method's own change stays: use it only if old entries must
   * not be read while the method runs, and add `'after'`.
   * `'around'`: a write lease stands there while the method runs, so nothing becomes stale even if the process dies
   * before it invalidates. The entries are removed in any case, and readers load meanwhile.
   */
  readonly timing?: 'before' | 'after' | 'around' | undefined;
  /** With `'after'`: only after `'success'`, or `'always'`, also after a failure. Default `'success'`. */
  readonly on?: 'success' | 'always' | undefined;
}

/** Tags, and patterns if needed, in place of patterns alone. */
export interface TaggedEntries {
  /** Templates; they may use `<result>` if patterns may. All entries that carry one of these tags are removed. */
  readonly tags: readonly string[];
  readonly patterns?: readonly string[] | undefined;
}

/** An event of the configuration in place of patterns. */
export interface CacheEvent<This, Method> {
  readonly event: EventName;
  /** The event's data. Default: the arguments, by the names of the method's parameters. */
  readonly data?:
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => Readonly<Record<string, unknown>>)
    | undefined;
}

/**
 * Invalidates entries after an asynchronous method has changed the data they were made of.
 *
 * @param patterns keys and patterns (`['provider:<id>:*', 'leaderboard:top']`; they may use `<result>`), or a function of
 *   the arguments and the result that returns them, for arguments that are arrays. In its result a segment `*` is a
 *   wildcard and `:` separates segments: pass unknown values through a builder of `defineKeys`, which escapes them.
 *   Or `{ tags }`: all entries that carry one of these tags. Or `{ event, data }`: the patterns that the configuration
 *   gives the event.
 * @throws when the class is defined: a coded error for a malformed pattern, a placeholder that the method cannot fill, an
 *   unknown option, or a use of the result with `timing: 'before'` or `'around'`, or `on: 'always'`, as there may be none.
 *   A call rejects before the method runs if a required value is missing. If the function throws, or a value of the
 *   result is missing, the call rejects after the method has run and everything else was invalidated.
 */
export function CacheInvalidate<This, Method extends AsyncMethod, const Texts extends readonly string[]>(
  patterns:
    | {
        readonly [Index in keyof Texts]: Texts[Index] extends CheckedTemplate<
          Texts[Index],
          Method,
          true,
          'allowed'
        >
          ? Texts[Index]
          : CheckedTemplate<Texts[Index], Method, true, 'allowed'>;
      }
    | ((this: This, args: ArgumentsOf<Method>, result: ResultOf<Method>) => readonly string[])
    | TaggedEntries
    | CacheEvent<This, Method>,
  options: CacheInvalidateOptions<This, Method, Texts[number]> = {},
): AsyncMethodDecorator<This, Method> {
  return decorateMethod('@CacheInvalidate', (subject, { cache }) => {
    checkOptions(subject, options, invalidateRules);
    return declareInvalidate(
      subject,
      patterns,
      withDefaults(options as unknown as CheckedOptions, { cache }),
    );
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
    return { kind: 'invalidate', ...declared, targets: [], ...NO_TAGS, event, timing, on };
  }
  const rule = { allowResult, allowList: true };
  const { tags, ...listed } = isTagged(patterns) ? patterns : { tags: undefined, patterns };
  const { templates, targets } =
    tags !== undefined && listed.patterns === undefined
      ? { templates: [], targets: [] }
      : bindTargetSources(subject, listed.patterns, options, rule);
  return {
    kind: 'invalidate',
    ...declaredOnMethod(subject, templates, options),
    targets,
    ...(tags === undefined ? NO_TAGS : bindTagTargets(subject, tags, options, rule)),
    event: undefined,
    timing,
    on,
  };
}

const NO_TAGS = { tagTargets: [], tags: undefined } as const;

function isTagged(value: unknown): value is { readonly tags: unknown; readonly patterns?: unknown } {
  return typeof value === 'object' && value !== null && 'tags' in value;
}
