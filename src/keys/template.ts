/**
 * Key templates: literal segments and placeholders joined by ':', `provider:<id>:stats`.
 * It owns the grammar of segments that templates and patterns share, and refuses wildcards, which belong to patterns.
 */
import { TemplateSyntaxError } from '../contract/errors';
import { BoundedMemo } from './bounded-memo';
import { reservedCharacters } from './escape';
import { type Placeholder, parsePlaceholder } from './placeholder-syntax';
import { type Ambient, segmentText, valueFrom } from './value-text';

/** A string is a literal segment. */
export type Segment = string | Placeholder;

export interface Template {
  readonly text: string;
  readonly segments: readonly Segment[];
  /** In template order; a placeholder that is written twice is listed twice. */
  readonly placeholders: readonly Placeholder[];
}

const templates = new BoundedMemo<Template>(1000, (text) => {
  if (text === '') throw emptyText('a template');
  const segments = text.split(':').map((segment) => {
    if (segment === '') throw emptySegment(text);
    if (segment.includes('*')) throw wildcardInTemplate(text);
    return parseSegment(segment, text);
  });
  return { text, segments, placeholders: placeholdersOf(segments) };
});

/** Parses a template; the same text gives the same object. @throws TemplateSyntaxError */
export function parseTemplate(text: string): Template {
  return templates.get(text);
}

/**
 * Renders a key.
 * @param values by placeholder name; `<user.id>` takes the property `id` of `values.user`
 * @param from gives the values of `<ctx.tenant>`
 * @throws MissingValueError, UnrenderableValueError, UnhashableValueError
 */
export function renderTemplate(
  template: Template,
  values: Readonly<Record<string, unknown>>,
  from?: Ambient,
): string {
  const site = { template: template.text };
  return template.segments
    .map((segment) =>
      typeof segment === 'string' ? segment : segmentText(valueFrom(values, segment, from), segment, site),
    )
    .join(':');
}

/** Parses what stands between two colons, wildcards excepted. @param text the whole template, for messages */
export function parseSegment(segment: string, text: string): Segment {
  if (/^<[^<>]*>$/.test(segment)) return parsePlaceholder(segment, text);
  if (/[<>]/.test(segment)) throw strayBracket(segment, text);

  const braced = /\{([^{}]*)\}/.exec(segment);
  if (braced !== null) {
    throw new TemplateSyntaxError({
      subject: text,
      expected: `<${braced[1]}>`,
      got: braced[0],
      remedy: 'Placeholders are written with angle brackets: braces are the hash tags of Redis Cluster.',
    });
  }
  const reserved = reservedCharacters(segment);
  if (reserved.length > 0) {
    throw new TemplateSyntaxError({
      subject: text,
      expected: 'literal segments without reserved characters, whitespace and control characters',
      got: `${reserved.map((character) => JSON.stringify(character)).join(', ')} in '${segment}'`,
      remedy: 'Leave them out, or pass the string as the value of a placeholder, which escapes it.',
    });
  }
  return segment;
}

export function placeholdersOf(segments: readonly unknown[]): readonly Placeholder[] {
  return segments.filter((segment): segment is Placeholder => typeof segment === 'object');
}

/** @param what 'a template' or 'a pattern' */
export function emptyText(what: string): TemplateSyntaxError {
  return new TemplateSyntaxError({ subject: what, expected: 'at least one segment', got: 'an empty string' });
}

function emptySegment(text: string): TemplateSyntaxError {
  return new TemplateSyntaxError({
    subject: text,
    expected: 'a literal or a placeholder between the colons',
    got: 'an empty segment',
    remedy: "Remove the surplus ':'.",
  });
}

function wildcardInTemplate(text: string): TemplateSyntaxError {
  return new TemplateSyntaxError({
    subject: text,
    expected: 'literals and placeholders',
    got: "'*'",
    remedy: 'A template names one key: use a placeholder, and keep wildcards for invalidations.',
  });
}

function strayBracket(segment: string, text: string): TemplateSyntaxError {
  return /^[^<>]*(?:<[^<>]*>[^<>]*)+$/.test(segment)
    ? new TemplateSyntaxError({
        subject: text,
        expected: 'a placeholder that fills its segment',
        got: `'${segment}'`,
        remedy:
          "Separate literals and placeholders with ':'. Without it, different values could give one key.",
      })
    : new TemplateSyntaxError({
        subject: text,
        expected: "'<' and '>' in pairs, within one segment",
        got: `'${segment}'`,
        remedy: 'A placeholder is written <name>, with no colon inside.',
      });
}
