/**
 * Invalidation patterns: templates with wildcards. A last `*` stands for one or more segments, a first or inner one
 * for exactly one. It owns binding, matching and the static question whether a pattern can reach a template.
 * A wildcard is a symbol, never a string, so that no value can become one.
 */
import type { Target } from '../contract/engine';
import { TemplateSyntaxError } from '../contract/errors';
import { BoundedMemo } from './bounded-memo';
import { MISSING_OPTIONAL } from './escape';
import type { Placeholder } from './placeholder-syntax';
import { emptyText, parseSegment, placeholdersOf, type Segment, type Template } from './template';
import { type Ambient, segmentText, valueFrom } from './value-text';

/** Any one segment. */
export const ANY = Symbol('any segment');
/** One or more segments, up to the end of the key. */
export const REST = Symbol('remaining segments');

export type PatternSegment = Segment | typeof ANY | typeof REST;

export interface Pattern {
  readonly text: string;
  /** True without wildcards: bound, it is a key. */
  readonly exact: boolean;
  readonly segments: readonly PatternSegment[];
  /** In pattern order; a placeholder that is written twice is listed twice. */
  readonly placeholders: readonly Placeholder[];
}

/** A pattern whose values are filled in and escaped. */
export interface BoundPattern extends Target {
  readonly segments: readonly (string | typeof ANY | typeof REST)[];
}

const patterns = new BoundedMemo<Pattern>(1000, (text) => {
  if (text === '') throw emptyText('a pattern');
  const parts = text.split(':');
  const segments = parts.map((part, index): PatternSegment => {
    if (part === '*') return index === parts.length - 1 ? REST : ANY;
    if (part.includes('*') && !part.startsWith('<')) throw partialWildcard(part, text);
    // An empty segment is accepted here, unlike in a template: rendered keys are patterns too, and '' is a value.
    return parseSegment(part, text);
  });
  return {
    text,
    exact: !segments.some((segment) => typeof segment === 'symbol'),
    segments,
    placeholders: placeholdersOf(segments),
  };
});

/** Parses a pattern, a template or a rendered key; the same text gives the same object. @throws TemplateSyntaxError */
export function parsePattern(text: string): Pattern {
  return patterns.get(text);
}

/**
 * Fills in the values.
 * @param values by placeholder name; `<user.id>` takes the property `id` of `values.user`
 * @param from gives the values of `<ctx.tenant>`
 * @throws MissingValueError, UnrenderableValueError, UnhashableValueError
 */
export function bindPattern(
  pattern: Pattern,
  values: Readonly<Record<string, unknown>>,
  from?: Ambient,
): BoundPattern {
  const site = { template: pattern.text };
  return bindPatternWith(pattern, (placeholder) =>
    segmentText(valueFrom(values, placeholder, from), placeholder, site),
  );
}

/** @param textOf gives the escaped text of a placeholder's value */
export function bindPatternWith(
  pattern: Pattern,
  textOf: (placeholder: Placeholder) => string,
): BoundPattern {
  return new BoundSegments(
    pattern.segments.map((segment) => (typeof segment === 'object' ? textOf(segment) : segment)),
    pattern.exact ? 'key' : 'pattern',
    pattern.placeholders.length === 0 ? undefined : pattern.text,
  );
}

class BoundSegments implements BoundPattern {
  readonly text: string;

  constructor(
    readonly segments: BoundPattern['segments'],
    readonly kind: 'key' | 'pattern',
    readonly template: string | undefined,
  ) {
    this.text = segments.map((segment) => (typeof segment === 'symbol' ? '*' : segment)).join(':');
  }

  matches(key: string): boolean {
    let start = 0;
    for (const segment of this.segments) {
      if (start > key.length) return false;
      if (segment === REST) return true;
      const colon = key.indexOf(':', start);
      const end = colon === -1 ? key.length : colon;
      if (segment !== ANY && segment !== key.slice(start, end)) return false;
      start = end + 1;
    }
    return start > key.length;
  }
}

/**
 * Whether some values make the pattern match some key of the template. Asked of declarations, before there are values;
 * a placeholder that occurs twice is taken as two, so the answer may be a yes too many, never a no.
 */
export function reaches(pattern: Pattern, template: Template): boolean {
  const { segments } = template;
  const ends = pattern.segments.at(-1) === REST;
  if (ends ? segments.length < pattern.segments.length : segments.length !== pattern.segments.length)
    return false;
  return pattern.segments.every((wanted, index) => {
    const given = segments[index]!;
    if (typeof wanted === 'symbol') return true;
    if (typeof wanted === 'string')
      return typeof given === 'string' ? wanted === given : mayRender(given, wanted);
    return typeof given === 'object' || mayRender(wanted, given);
  });
}

const ESCAPE = /%[0-9A-F]{2}/g;
const DIGEST = /^[\w-]{43}$/;

/** Whether a value of the placeholder can render as this string; only its filters are known. */
function mayRender({ optional, filters }: Placeholder, text: string): boolean {
  if (text === MISSING_OPTIONAL) return optional;
  const unescaped = text.replace(ESCAPE, '');
  switch (filters.at(-1)) {
    case 'hash':
      return DIGEST.test(text);
    case 'lower':
      return unescaped === unescaped.toLowerCase() || text.startsWith('%#');
    case 'upper':
      return unescaped === unescaped.toUpperCase() || text.startsWith('%#');
    default:
      return true;
  }
}

function partialWildcard(part: string, text: string): TemplateSyntaxError {
  return new TemplateSyntaxError({
    subject: text,
    expected: "'*' as a whole segment",
    got: `'${part}'`,
    remedy:
      "Wildcards stand for whole segments: give the part before it a segment of its own, as in 'user:*'.",
  });
}
