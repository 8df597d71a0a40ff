/**
 * Freezes what is plain data: arrays and objects without a class of their own, all the way down.
 * Instances of classes are left alone, because freezing would break their private caches and lazy fields; so are
 * buffers, which cannot be frozen.
 */
export function freezePlain<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isPlain(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freezePlain(part);
  return value;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
