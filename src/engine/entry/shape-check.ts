/**
 * Describes where a value differs from what its serializer makes of it: what a process loads and what others read
 * from L2 should be alike. A property that is `undefined` and one that is not there are taken for the same, as most code
 * does; a list's hole is not.
 */
import { isDeepStrictEqual } from 'node:util';

/** The first difference, or undefined if the two are alike. */
export function differenceOf(before: unknown, after: unknown, path = 'value'): string | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (isObject(before) && isObject(after) && kindOf(before) === kindOf(after) && isPlain(before)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const found = differenceOf(before[key], after[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [was, is] = [kindOf(before), kindOf(after)];
  return was === is
    ? `${path} is not the same ${was.replace(/^an? /, '')} after it`
    : `${path} is ${was} before and ${is} after`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** All there is to it are its properties. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object'
    ? (value.constructor?.name ?? 'an object without prototype')
    : `a ${typeof value}`;
}
