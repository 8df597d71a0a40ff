/**
 * The two ways in which a caller names a key: its text, or a template and its values. Values are escaped; raw text is
 * brought into canonical form, so that it cannot leave the namespace or look like a name of the toolkit's own (P1).
 */
import type { Target } from '../contract/engine';
import { KeyInputError, MissingValueError, PatternInputError } from '../contract/errors';
import { canonicalKey } from '../keys/escape';
import { bindPattern, parsePattern } from '../keys/pattern';
import { tagTexts } from '../keys/tag';
import { parseTemplate, renderTemplate } from '../keys/template';
import type { Ambient } from '../keys/value-text';

export type KeyValues = Readonly<Record<string, unknown>>;

/** `'provider:42:stats'`, or `['provider:<id>:stats', { id }]`, which escapes the values. */
export type Key = string | readonly [template: string, values: KeyValues];

/**
 * @param from gives the values of `<ctx.tenant>`: the engine of the cache
 * @throws KeyInputError (`TIERCEL_KEY`) and the errors of templates and values
 */
export function keyText(key: Key, values: KeyValues | undefined, from: Ambient): string {
  if (typeof key === 'string') {
    if (values !== undefined) return renderTemplate(parseTemplate(key), values, from);
    if (key !== '') {
      const canonical = canonicalKey(key);
      // Only a string that is changed can hold a placeholder: a canonical one is not looked at again.
      if (canonical !== key) refuseTemplate(key);
      return canonical;
    }
  } else if (Array.isArray(key) && key.length === 2 && typeof key[0] === 'string') {
    return renderTemplate(parseTemplate(key[0]), key[1] as KeyValues, from);
  }
  throw new KeyInputError({
    expected: 'a key such as "provider:42:stats", or [template, values]',
    got: key === '' ? 'an empty string' : Array.isArray(key) ? 'another array' : typeof key,
  });
}

/** A segment that is a placeholder. `<`, `>` or `<a b>` is not one: such a string is a key as it stands. */
const PLACEHOLDER = /(?:^|:)(<[\p{ID_Start}$_\d][^<>:\s]*>)(?=:|$)/u;

/**
 * A template without values would be one key for all callers.
 * @throws MissingValueError (`TIERCEL_MISSING_VALUE`)
 */
function refuseTemplate(key: string): void {
  const placeholder = PLACEHOLDER.exec(key)?.[1];
  if (placeholder === undefined) return;
  throw new MissingValueError({
    subject: `${placeholder} in '${key}'`,
    expected: 'a value for each placeholder',
    got: 'a template without values',
    remedy: `Write ['${key}', { ... }], or ('${key}', { ... }) for get and peek.`,
  });
}

/** A tag is named as a key is: `'provider:42'`, or `['provider:<id>', { id }]`. */
export type Tag = Key;

/** @throws TagInputError (`TIERCEL_TAGS`) and the errors of keys */
export function tagsOf(tags: readonly Tag[], from: Ambient): readonly string[] {
  return tagTexts(tags, (tag) => keyText(tag, undefined, from));
}

/** `'provider:42:*'`, or `['provider:<id>:*', { id }]`, which escapes the values. */
export type PatternInput = string | readonly [pattern: string, values: KeyValues];

/** @throws PatternInputError (`TIERCEL_PATTERN`) and the errors of patterns and values */
export function targetOf(input: PatternInput, values: KeyValues | undefined, from: Ambient): Target {
  if (typeof input === 'string') return bindPattern(parsePattern(input), values ?? {}, from);
  if (Array.isArray(input) && input.length === 2 && typeof input[0] === 'string') {
    return bindPattern(parsePattern(input[0]), input[1] as KeyValues, from);
  }
  throw new PatternInputError({
    expected: 'a pattern such as "provider:42:*", or [pattern, values]',
    got: Array.isArray(input) ? 'another array' : typeof input,
  });
}

export interface InvalidationInput {
  readonly patterns: readonly PatternInput[];
  /** Canonical strings. */
  readonly tags: readonly string[];
}

/** @throws PatternInputError (`TIERCEL_PATTERN`), TagInputError (`TIERCEL_TAGS`) */
export function invalidationOf(what: unknown, from: Ambient): InvalidationInput {
  if (typeof what === 'object' && what !== null && ('patterns' in what || 'tags' in what)) {
    const { patterns = [], tags = [] } = what as { readonly patterns?: unknown; readonly tags?: unknown };
    if (Array.isArray(patterns)) return { patterns, tags: tagsOf(tags as readonly Tag[], from) };
  }
  throw new PatternInputError({
    expected: 'a pattern, or { patterns, tags } with arrays of them',
    got: what === null ? 'null' : typeof what,
  });
}
