/**
 * The two ways in which a caller names a key: its text, or a template and its values. Values are escaped; raw text is
 * brought into canonical form, so that it cannot leave the namespace or look like a name of the toolkit's own (P1).
 */
import type { Target } from '../contract/engine';
import { KeyInputError, PatternInputError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { bindPattern, parsePattern } from '../keys/pattern';
import { parseTemplate, renderTemplate } from '../keys/template';

export type KeyValues = Readonly<Record<string, unknown>>;

/** `'provider:42:stats'`, or `['provider:<id>:stats', { id }]`, which escapes the values. */
export type Key = string | readonly [template: string, values: KeyValues];

/** @throws KeyInputError (`TIERCEL_KEY`) and the errors of templates and values */
export function keyText(key: Key, values?: KeyValues): string {
  if (typeof key === 'string') {
    if (values !== undefined) return renderTemplate(parseTemplate(key), values);
    if (key !== '') return canonicalKey(key);
  } else if (Array.isArray(key) && key.length === 2 && typeof key[0] === 'string') {
    return renderTemplate(parseTemplate(key[0]), key[1] as KeyValues);
  }
  throw new KeyInputError({
    expected: 'a key such as "provider:42:stats", or [template, values]',
    got: key === '' ? 'an empty string' : Array.isArray(key) ? 'another list' : typeof key,
  });
}

/** `'provider:42:*'`, or `['provider:<id>:*', { id }]`, which escapes the values. */
export type PatternInput = string | readonly [pattern: string, values: KeyValues];

/** @throws PatternInputError (`TIERCEL_PATTERN`) and the errors of patterns and values */
export function targetOf(input: PatternInput, values: KeyValues = {}): Target {
  if (typeof input === 'string') return bindPattern(parsePattern(input), values);
  if (Array.isArray(input) && input.length === 2 && typeof input[0] === 'string') {
    return bindPattern(parsePattern(input[0]), input[1] as KeyValues);
  }
  throw new PatternInputError({
    expected: 'a pattern such as "provider:42:*", or [pattern, values]',
    got: Array.isArray(input) ? 'another list' : typeof input,
  });
}

/** @throws PatternInputError (`TIERCEL_PATTERN`) */
export function patternsOf(what: unknown): readonly PatternInput[] {
  if (typeof what === 'object' && what !== null && 'patterns' in what && Array.isArray(what.patterns)) {
    return what.patterns;
  }
  throw new PatternInputError({
    expected: 'a pattern, or { patterns } with a list of them',
    got: what === null ? 'null' : typeof what,
  });
}
