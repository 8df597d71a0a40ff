/**
 * One value of a placeholder as one segment of a key: path, missing values, scalars, filters, escaping.
 * It refuses every value that no string would identify (objects, functions, NaN) with a coded error.
 */
import { MissingValueError, UnrenderableValueError } from '../contract/errors';
import { canonicalHash } from './canonical-hash';
import { escapeValue, MISSING_OPTIONAL } from './escape';
import type { Filter, Placeholder } from './placeholder-syntax';

/** The filters of strings; the compiler finds one that is missing. */
const CASES: Readonly<Record<Exclude<Filter, 'hash'>, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
};

/** The place of a placeholder, for messages. */
export interface RenderSite {
  /** The template or pattern as it was written. */
  readonly template: string;
  /** The method, as `Class.method`, if one is involved. */
  readonly method?: string;
}

/** Gives the values of `<ctx.tenant>`; asked only if a placeholder needs one. */
export interface Ambient {
  readonly ambient: unknown;
}

/** Finds the value of a placeholder among those that a caller gives by name. */
export function valueFrom(
  values: Readonly<Record<string, unknown>>,
  { source, name, path }: Placeholder,
  from: Ambient | undefined,
): unknown {
  return follow(source === 'ctx' ? from?.ambient : values[name], path);
}

/** Follows a path; one that leads through `null` or `undefined` ends in `undefined`. */
export function follow(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const part of path) {
    if (value === undefined || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/**
 * @throws MissingValueError for `null` or `undefined`, unless the placeholder is optional
 * @throws UnrenderableValueError for a function, symbol, NaN, an infinity, an invalid Date, and any other object whose
 *   `toJSON()` does not give a string
 * @throws UnhashableValueError from the `hash` filter
 */
export function segmentText(value: unknown, placeholder: Placeholder, site: RenderSite): string {
  if (value === undefined || value === null) {
    if (placeholder.optional) return MISSING_OPTIONAL;
    throw missing(value, placeholder, site);
  }
  // The usual id next to a string; the text of a number has nothing to escape.
  if (Number.isFinite(value) && placeholder.filters.length === 0) return String(value);
  let filtered: unknown = value;
  for (const filter of placeholder.filters) {
    filtered =
      filter === 'hash'
        ? canonicalHash(filtered, about(placeholder, site))
        : CASES[filter](scalarText(filtered, placeholder, site));
  }
  return escapeValue(scalarText(filtered, placeholder, site));
}

function scalarText(value: unknown, placeholder: Placeholder, site: RenderSite): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      if (Number.isFinite(value)) return String(value);
      throw unrenderable(
        String(value),
        'Check the number before it becomes a part of a key.',
        placeholder,
        site,
      );
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object': {
      const json = jsonOf(value);
      if (typeof json === 'string') return json;
      if (value instanceof Date) {
        throw unrenderable(
          'an invalid Date',
          'Check the date before it becomes a part of a key.',
          placeholder,
          site,
        );
      }
    }
  }
  const reference = [placeholder.name, ...placeholder.path].join('.');
  throw unrenderable(
    Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`,
    `Take a part of it with a path (<${reference}.id>), give the value with vars, or use <${reference}|hash>.`,
    placeholder,
    site,
  );
}

/** What `JSON.stringify` would write: an ObjectId, a URL or a Date is its string. */
function jsonOf(value: object | null): unknown {
  const { toJSON } = (value ?? {}) as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : undefined;
}

function missing(value: null | undefined, placeholder: Placeholder, site: RenderSite): MissingValueError {
  const { text, source } = placeholder;
  return new MissingValueError({
    subject: about(placeholder, site),
    expected: `a value for ${text}`,
    got: String(value),
    remedy:
      source === 'ctx'
        ? "Make the call where the 'context' of the configuration returns it."
        : `Pass a value, or write ${text.replace(/[|>]/, '?$&')} if it may be missing.`,
  });
}

function unrenderable(
  got: string,
  remedy: string,
  placeholder: Placeholder,
  site: RenderSite,
): UnrenderableValueError {
  return new UnrenderableValueError({
    subject: about(placeholder, site),
    expected: 'a string, a finite number, a bigint, a boolean, or an object whose toJSON() gives a string',
    got,
    remedy,
  });
}

function about({ text }: Placeholder, { template, method }: RenderSite): string {
  const place = `${text} in '${template}'`;
  return method === undefined ? place : `${method}, ${place}`;
}
