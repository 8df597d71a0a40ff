/**
 * Turns the `tags` option of a decorator, a list of templates or a function, into compiled tags. A template that does not
 * need the result is rendered before the method runs, which spares the round trips that tags of the result cost (P9).
 */
import { describe } from '../config/describe';
import type { TagSource } from '../contract/engine';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { bindKey } from '../keys/method-binding';
import { tagTexts } from '../keys/tag';
import { parseTemplate } from '../keys/template';
import type { ResultCallback, TagsDeclaration } from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { bindingSource } from './key-source';
import { describeSubject, type Subject } from './subject';

const NONE: readonly string[] = [];

/** @throws DecoratorOptionError and the errors of templates */
export function bindTagSource(
  subject: Subject,
  tags: unknown,
  options: CheckedOptions,
  rule: { readonly allowResult: boolean },
): TagsDeclaration | undefined {
  if (tags === undefined) return undefined;
  if (typeof tags === 'function') {
    if (!rule.allowResult) throw refused(subject, 'an array of templates', 'a function');
    const compute = tags as ResultCallback<unknown>;
    return {
      templates: [],
      known: () => NONE,
      ofResult(args, result) {
        return tagTexts(compute.call(this, args, result), computedTag);
      },
    };
  }
  if (!Array.isArray(tags) || tags.length === 0 || tags.some((tag) => typeof tag !== 'string')) {
    throw refused(subject, 'a non-empty array of tags, or a function that returns one', describe(tags));
  }
  const source = bindingSource(subject, options, rule);
  const compiled = (tags as readonly string[]).map((tag) => bindKey(parseTemplate(tag), source));
  const early = compiled.filter(({ needsResult }) => !needsResult);
  const late = compiled.filter(({ needsResult }) => needsResult);
  return {
    templates: [...tags],
    known: (self, args) => (early.length === 0 ? NONE : tagTexts(early, (tagOf) => tagOf(self, args))),
    ofResult:
      late.length === 0
        ? undefined
        : function (args, result) {
            return tagTexts(late, (tagOf) => tagOf(this, args, result));
          },
  };
}

function computedTag(tag: unknown): string {
  if (typeof tag === 'string' && tag !== '') return canonicalKey(tag);
  throw new KeyFunctionError({
    expected: 'non-empty strings as tags',
    got: tag === '' ? 'an empty string' : describe(tag),
  });
}

function refused(subject: Subject, expected: string, got: string): DecoratorOptionError {
  return new DecoratorOptionError({ subject: `'tags' of ${describeSubject(subject)}`, expected, got });
}

/** The tags of one call. @throws if a value is missing */
export function tagsOfCall(
  { known, ofResult }: TagsDeclaration,
  self: unknown,
  args: readonly unknown[],
): TagSource<unknown> {
  return {
    known: known(self, args),
    ofValue: ofResult && ((result) => ofResult.call(self, args, result)),
  };
}
