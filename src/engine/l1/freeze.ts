/**
 * Freezes what is plain data: arrays and objects without a class of their own, all the way down.
 * Instances of classes are left alone, because freezing would break their private caches and lazy fields; so are
 * buffers, which cannot be frozen.
 */
export function freezePlain<V>(value: V): V {
  freeze(value, new Set());
  return value;
}

/** Looks also into what is frozen already: the application may have frozen the outermost object alone. */
function freeze(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || !isPlain(value) || seen.has(value)) return;
  seen.add(value);
  Object.freeze(value);
  // By descriptor: an accessor is not to be run for this.
  for (const part of Object.values(Object.getOwnPropertyDescriptors(value))) freeze(part.value, seen);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
