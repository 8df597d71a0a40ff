/**
 * One segment of a key as a string: what is escaped, how, and what replaces a missing or an over-long value.
 * Injective: different values never give the same segment, and no value can contain a separator, a wildcard or one of
 * the toolkit's own names.
 */
import { createHash } from 'node:crypto';

/** The segment of an optional value that is missing. In a value, '%' is always followed by two hex digits. */
export const MISSING_OPTIONAL = '%_';

/** Opens the digest that replaces an over-long value. */
const DIGEST = '%#';

/** Characters of a segment, after escaping, above which the value is replaced by its digest. */
const LONGEST_SEGMENT = 128;

// With the `u` flag \p{Cs} meets lone surrogates only. They are escaped because UTF-8 has no form for them: on their
// way to Redis they would all become U+FFFD, and different keys one.
const RESERVED_IN_VALUE = /[%:<>*?[\]{}\\\s\p{Cc}\p{Cs}]/gu;
const RESERVED_IN_KEY = /[<>*?[\]{}\\\s\p{Cc}\p{Cs}]/gu;
const LONE_SURROGATE = /\p{Cs}/u;

const FREE = 0;
const RESERVED_IN_VALUE_ONLY = 1;
const RESERVED = 2;

/** Class of each ASCII character. */
const ASCII = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (character.search(RESERVED_IN_KEY) === 0) ASCII[code] = RESERVED;
  else if (character.search(RESERVED_IN_VALUE) === 0) ASCII[code] = RESERVED_IN_VALUE_ONLY;
}

function anythingBut(...classes: readonly number[]): RegExp {
  const free = [...ASCII.keys()].filter((code) => classes.includes(ASCII[code]!));
  return new RegExp(`[^${free.map((code) => `\\x${code.toString(16).padStart(2, '0')}`).join('')}]`);
}

const NOT_FREE = anythingBut(FREE);
const NOT_FREE_IN_KEY = anythingBut(FREE, RESERVED_IN_VALUE_ONLY);

/** Characters up to which a loop over the table is faster than entering the regular expression engine (measured). */
const SHORT = 12;

/**
 * Turns a value's string into one segment of a key. A string without reserved characters is returned unchanged.
 * Reserved characters become the percent-encoded bytes of their UTF-8 form. A string that would be longer than 128
 * characters becomes '%#' and its SHA-256 in base64url.
 */
export function escapeValue(value: string): string {
  const { length } = value;
  if (length > SHORT) return length > LONGEST_SEGMENT || NOT_FREE.test(value) ? escapeFully(value) : value;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 127 || ASCII[code] !== FREE) return escapeFully(value);
  }
  return value;
}

/**
 * Makes a key of a string that was not rendered from a template (`cache.get('user:42')`, function keys): escapes the
 * reserved characters of every segment and leaves ':' and '%' alone, so a key that is already rendered stays the same.
 */
export function canonicalKey(raw: string): string {
  return NOT_FREE_IN_KEY.test(raw) ? raw.replace(RESERVED_IN_KEY, percentEncode) : raw;
}

/** The characters of `text`, once each, that a literal segment of a template may not hold. */
export function reservedCharacters(text: string): readonly string[] {
  return [...new Set(text.match(RESERVED_IN_KEY) ?? [])];
}

function escapeFully(value: string): string {
  // Escaping never shortens, so there is no need to escape what is to be hashed.
  if (value.length > LONGEST_SEGMENT) return digest(value);
  const escaped = value.replace(RESERVED_IN_VALUE, percentEncode);
  return escaped.length > LONGEST_SEGMENT ? digest(value) : escaped;
}

function digest(value: string): string {
  const hash = createHash('sha256');
  // A string with lone surrogates has no UTF-8 bytes of its own. Its escaped form is used instead, behind a byte that no
  // UTF-8 string begins with, so that its digest cannot equal that of another value.
  if (LONE_SURROGATE.test(value)) {
    hash.update(Uint8Array.of(0xff)).update(value.replace(RESERVED_IN_VALUE, percentEncode));
  } else hash.update(value);
  return DIGEST + hash.digest('base64url');
}

/** All reserved characters lie below U+10000; a lone surrogate takes the three bytes its code point would have. */
function percentEncode(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) return percentByte(code);
  if (code < 0x800) return percentByte(0xc0 | (code >> 6)) + percentByte(0x80 | (code & 0x3f));
  return (
    percentByte(0xe0 | (code >> 12)) +
    percentByte(0x80 | ((code >> 6) & 0x3f)) +
    percentByte(0x80 | (code & 0x3f))
  );
}

function percentByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
