/**
 * Turns the `tags` option of a decorator, a list of templates or a function, into compiled tags. A template that does not
 * need the result is rendered before the method runs, which spares the round trips that tags of the result cost (P9).
 */
import { describe } from '../config/describe';
import { DecoratorOptionError, KeyFunctionError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { type KeyList, keyListOf } from '../keys/key-list';
import { bindKey, type KeyOf } from '../keys/method-binding';
import { boundTag, tagTexts } from '../keys/tag';
import { parseTemplate } from '../keys/template';
import type {
  InvalidateDeclaration,
  ResultCallback,
  TagsDeclaration,
  TargetSource,
} from '../registry/declarations';
import type { CheckedOptions } from './declaration-parts';
import { type BindingRule, bindingSource } from './key-source';
import { describeSubject, type Subject } from './subject';
import { eachElement } from './target-source';

const NONE: readonly string[] = [];

/** @throws DecoratorOptionError and the errors of templates */
export function bindTagSource(
  subject: Subject,
  tags: unknown,
  options: CheckedOptions,
  rule: BindingRule,
): TagsDeclaration | undefined {
  if (tags === undefined) return undefined;
  if (typeof tags === 'function') {
    return { templates: [], known: () => NONE, ofResult: computedTags(subject, tags as TagFunction, rule) };
  }
  const compiled = compiledTags(subject, tags, options, rule);
  const early = compiled.filter(({ needsResult }) => !needsResult);
  const late = compiled.filter(({ needsResult }) => needsResult);
  return {
    templates: compiled.map(({ template }) => template),
    known: (self, args, element) =>
      early.length === 0 ? NONE : tagTexts(early, ({ tagOf }) => tagOf(self, args, undefined, element)),
    ofResult:
      late.length === 0
        ? undefined
        : function (args, result) {
            return tagTexts(late, ({ tagOf }) => tagOf(this, args, result));
          },
  };
}

/** The tags that a method invalidates, one target each: one that cannot be rendered must not take the others along. */
export function bindTagTargets(
  subject: Subject,
  tags: unknown,
  options: CheckedOptions,
  rule: BindingRule,
): Pick<InvalidateDeclaration, 'tagTargets' | 'tags'> {
  if (typeof tags === 'function') {
    const tagsOf = computedTags(subject, tags as TagFunction, rule);
    const bind: TargetSource['bind'] = (self, args, result) => tagsOf.call(self, args, result).map(boundTag);
    return { tags: { templates: [] }, tagTargets: [{ needsResult: true, bind }] };
  }
  const compiled = compiledTags(subject, tags, options, rule);
  return {
    tags: { templates: compiled.map(({ template }) => template) },
    tagTargets: compiled.map(({ tagOf, list, needsResult }) => ({
      needsResult,
      bind: eachElement(list, (...call) => boundTag(tagTexts([tagOf(...call)], (tag) => tag)[0]!)),
    })),
  };
}

type TagFunction = ResultCallback<unknown>;

function computedTags(
  subject: Subject,
  compute: TagFunction,
  { allowResult }: { readonly allowResult: boolean },
): ResultCallback<readonly string[]> {
  if (!allowResult) throw refused(subject, 'an array of templates', 'a function');
  return function (args, result) {
    return tagTexts(compute.call(this, args, result), computedTag);
  };
}

interface CompiledTag {
  readonly template: string;
  readonly tagOf: KeyOf;
  readonly list: KeyList | undefined;
  readonly needsResult: boolean;
}

function compiledTags(
  subject: Subject,
  tags: unknown,
  options: CheckedOptions,
  rule: BindingRule,
): readonly CompiledTag[] {
  if (!Array.isArray(tags) || tags.length === 0 || tags.some((tag) => typeof tag !== 'string')) {
    throw refused(subject, 'a non-empty array of tags, or a function that returns one', describe(tags));
  }
  const source = bindingSource(subject, options, rule);
  return (tags as readonly string[]).map((template) => {
    const parsed = parseTemplate(template);
    const tagOf = bindKey(parsed, source);
    return { template, tagOf, list: keyListOf(parsed, source), needsResult: tagOf.needsResult };
  });
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
