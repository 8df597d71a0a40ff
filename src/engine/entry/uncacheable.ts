/**
 * Values that live once: streams, iterators, functions, sockets, responses. A copy of one is worthless, and the second
 * reader of one finds it spent, so they are returned to their caller and neither stored nor shared.
 */
import { EventEmitter } from 'node:events';

/** What it is, for messages; `undefined` for a value that can be stored. Looks at the value itself, not inside it. */
export function uncacheableKind(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (has(value, 'pipe') || has(value, 'getReader') || has(value, 'getWriter')) return 'a stream';
  if (has(value, 'next')) return 'an iterator';
  if (value instanceof EventEmitter || value instanceof EventTarget) return 'a source of events';
  if ('bodyUsed' in value) return 'a body that can be read once';
  return undefined;
}

function has(value: object, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[method] === 'function';
}
