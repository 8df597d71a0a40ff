/** Finds instances of classes, which a serializer turns into plain objects. */

/** The value itself, or the first element of an array; undefined if that is plain data or comes with JavaScript. */
export function classInstanceIn(value: unknown): object | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'object' && one !== null && isClassInstance(one) ? one : undefined;
}

export function isClassInstance(value: object): boolean {
  // A Date, a Map or an array has a tag of its own.
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last object of every chain is a plain object's prototype, in each realm.
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}
