/**
 * Which declared template or pattern a concrete key or pattern is an instance of, so that a record of `user:42` can be
 * shown as `user:<id>` to people who may not see ids. It compares segments, not values.
 */
import { type PatternSegment, parsePattern } from '../keys/pattern';
import { declarations } from './declarations';

/** Everything that decorators have declared: cached templates first, then those only written or invalidated. */
export function decoratedTemplates(): readonly string[] {
  const cached = declarations().filter(({ kind }) => kind === 'cacheable');
  const others = declarations().filter(({ kind }) => kind !== 'cacheable');
  return [...cached, ...others].flatMap(({ templates }) => templates);
}

/**
 * The template that gives this string; of several the one with most literal segments in common, and then the first.
 * @param text a canonical key, or a bound pattern
 */
export function templateOf(text: string, templates: Iterable<string>): string | undefined {
  const parts = text.split(':');
  let best: string | undefined;
  let bestLiterals = -1;
  for (const template of templates) {
    const literals = literalsInCommon(parsePattern(template).segments, parts);
    if (literals > bestLiterals) [best, bestLiterals] = [template, literals];
  }
  return best;
}

/** -1 if the template cannot give the string. */
function literalsInCommon(segments: readonly PatternSegment[], parts: readonly string[]): number {
  if (segments.length !== parts.length) return -1;
  let literals = 0;
  for (const [index, segment] of segments.entries()) {
    const part = parts[index]!;
    if (typeof segment === 'string') {
      if (segment !== part) return -1;
      literals += 1;
    } else if ((typeof segment === 'symbol') !== (part === '*')) return -1;
  }
  return literals;
}
