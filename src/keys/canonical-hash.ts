/**
 * The `hash` filter: SHA-256 of a canonical string of any data, equal for equal data whatever the order of properties.
 * It follows JSON in two things: an absent property and one that is `undefined` are the same, and an object whose
 * `toJSON()` gives a string (a Date, an ObjectId) is that string. Other kinds that JSON confuses stay apart (1 and '1',
 * [undefined] and [null], Map and object).
 * It refuses what it cannot see into (functions, cycles, instances with private state only): hashed as empty, they would share an entry.
 */
import { createHash } from 'node:crypto';
import { UnhashableValueError } from '../contract/errors';

/**
 * @param subject what the value is for, for messages
 * @returns 43 characters of base64url
 * @throws UnhashableValueError for a cycle, a function, a symbol, an invalid Date, or an object without visible state
 */
export function canonicalHash(value: unknown, subject: string): string {
  return createHash('sha256')
    .update(canonicalText(value, [], subject))
    .digest('base64url');
}

/** @param ancestors the objects that hold `value`; meeting one of them again is a cycle. */
function canonicalText(value: unknown, ancestors: readonly object[], subject: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : objectText(value, ancestors, subject);
    default:
      return refuse(subject, `a ${typeof value}`);
  }
}

function objectText(value: object, ancestors: readonly object[], subject: string): string {
  if (ancestors.includes(value)) return refuse(subject, 'an object that contains itself');
  const below = [...ancestors, value];
  const text = (part: unknown) => canonicalText(part, below, subject);

  if (Array.isArray(value)) return `[${Array.from(value, text).join()}]`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return refuse(subject, 'an invalid Date');
  // Equal maps and sets may have been filled in another order.
  if (value instanceof Map) {
    return `Map{${Array.from(value, ([key, held]) => `${text(key)}:${text(held)}`)
      .sort()
      .join()}}`;
  }
  if (value instanceof Set) return `Set{${Array.from(value, text).sort().join()}}`;
  if (value instanceof ArrayBuffer) return `bytes(${Buffer.from(value).toString('base64')})`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return `${Object.prototype.toString.call(value).slice(8, -1)}(${bytes})`;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json: unknown = value.toJSON();
    return typeof json === 'string' ? text(json) : `toJSON(${text(json)})`;
  }
  return `{${visibleFields(value, subject)
    .map((field) => `${JSON.stringify(field)}:${text((value as Record<string, unknown>)[field])}`)
    .join()}}`;
}

function visibleFields(value: object, subject: string): readonly string[] {
  const fields = Object.keys(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (fields.length === 0 && !plain) {
    return refuse(subject, `an instance of ${value.constructor?.name} without fields of its own`);
  }
  if (
    Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  ) {
    return refuse(subject, 'an object with symbols as property names');
  }
  return fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined).sort();
}

function refuse(subject: string, got: string): never {
  throw new UnhashableValueError({
    subject,
    expected: 'data: scalars, arrays, plain objects, Date, Map, Set, bytes, or objects with toJSON()',
    got,
    remedy: 'Pick out what identifies the entry with a path or with vars.',
  });
}
