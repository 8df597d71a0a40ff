/**
 * `defineKeys`: a table of templates and patterns becomes a table of typed builders, so that an application names each
 * of its keys once. It renders strings and knows nothing of caches.
 */
import { UnboundPlaceholderError } from '../contract/errors';
import { bindPattern, type Pattern, parsePattern } from './pattern';
import type { TemplateArguments, ValuesOf } from './placeholders';
import { follow, segmentText } from './value-text';

export interface KeyBuilder<T extends string> {
  /** The key, or the bound pattern. @throws MissingValueError, UnrenderableValueError, UnhashableValueError */
  (...values: TemplateArguments<T>): string;
  /** The template as declared, for decorators. */
  readonly template: T;
  /**
   * An invalidation pattern: the values given are filled in, from the left; every placeholder without one is `*`.
   * `undefined` is not "any": it throws like a missing value, so that a lost id never widens an invalidation.
   */
  // TypeScript below 5.4 does not see by itself that this is an array.
  pattern(...values: Extract<Partial<TemplateArguments<T>>, readonly unknown[]>): string;
  /** The same values by name, as `cache.get(template, values)` takes them. */
  values(...values: TemplateArguments<T>): ValuesOf<T>;
}

export type KeyMap<M extends Readonly<Record<string, string>>> = {
  readonly [K in keyof M]: KeyBuilder<M[K]>;
};

/**
 * @param templates name of the builder to its template (`'vault:user:<userId>'`) or pattern (`'rpc:*'`)
 * @throws TemplateSyntaxError
 * @throws UnboundPlaceholderError for `<0>`, `<this.x>` and `<result.x>`: a builder has no call to take them from
 */
export function defineKeys<const M extends Readonly<Record<string, string>>>(templates: M): KeyMap<M> {
  const builders = Object.entries(templates).map(([name, text]) => [name, keyBuilder(name, text)]);
  return Object.freeze(Object.fromEntries(builders));
}

function keyBuilder<T extends string>(name: string, text: T): KeyBuilder<T> {
  const pattern = parsePattern(text);
  const names = namesOf(pattern, `key '${name}'`);
  const byName = (values: readonly unknown[]) =>
    Object.fromEntries(names.map((known, index) => [known, values[index]]));

  const build = (...values: readonly unknown[]) => bindPattern(pattern, byName(values)).text;
  return Object.freeze(
    Object.assign(build, {
      template: text,
      pattern: (...values: readonly unknown[]) =>
        openPattern(pattern, names.slice(0, values.length), byName(values)),
      values: (...values: readonly unknown[]) => byName(values) as ValuesOf<T>,
    }),
  ) as KeyBuilder<T>;
}

function openPattern(pattern: Pattern, given: readonly string[], values: Record<string, unknown>): string {
  const site = { template: pattern.text };
  return pattern.segments
    .map((segment) => {
      if (typeof segment === 'string') return segment;
      if (typeof segment === 'symbol' || !given.includes(segment.name)) return '*';
      return segmentText(follow(values[segment.name], segment.path), segment, site);
    })
    .join(':');
}

/**
 * The names of the values that a caller gives, in template order, each once.
 * @param user who takes them, for messages
 * @throws UnboundPlaceholderError for `<0>`, `<this.x>` and `<result.x>`
 */
export function namesOf(pattern: Pick<Pattern, 'text' | 'placeholders'>, user: string): readonly string[] {
  for (const { source, list, text } of pattern.placeholders) {
    if (source === 'name' && list === undefined) continue;
    throw new UnboundPlaceholderError({
      subject: `${text} in '${pattern.text}', ${user}`,
      expected: 'placeholders with names, by which the values are given',
      got: text,
      remedy: 'Give the value a name, such as <id>.',
    });
  }
  return [...new Set(pattern.placeholders.map((placeholder) => placeholder.name))];
}
