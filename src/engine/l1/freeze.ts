/**
 * Protects plain data, arrays and objects without a class of their own, from those who share it: all the way down, in
 * linear time, without recursion. Instances of classes are left alone, because freezing would break their private caches
 * and lazy fields; so are buffers, which cannot be frozen.
 */
type Container = Record<PropertyKey, unknown>;

/** Freezes a value that nobody else owns. Accessors are not run. */
export function freezePlain<V>(value: V): V {
  if (!isPlain(value)) return value;
  const seen = new Set<Container>([value]);
  const pending: Container[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    Object.freeze(next);
    const parts = Array.isArray(next) ? next : partsOf(next);
    for (const part of parts) {
      if (!isPlain(part) || seen.has(part)) continue;
      // Most objects hold nothing to look into. To remember them would take longer than to freeze them twice.
      if (isLeaf(part)) Object.freeze(part);
      else {
        seen.add(part);
        pending.push(part);
      }
    }
  }
  return value;
}

/**
 * A frozen copy of a value that its owner may go on changing. An accessor becomes what it returns.
 * @throws what an accessor or a proxy throws
 */
export function frozenCopy<V>(value: V): V {
  if (!isPlain(value)) return value;
  const copies = new Map<Container, Container>();
  const pending: Container[] = [];
  const copyOf = (original: Container): Container => {
    const known = copies.get(original);
    if (known !== undefined) return known;
    const copy = shallowCopy(original);
    // As above: a leaf is copied once more if it is met again.
    if (isLeaf(copy)) return Object.freeze(copy);
    copies.set(original, copy);
    pending.push(copy);
    return copy;
  };
  const result = copyOf(value);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const name of Array.isArray(next) ? next.keys() : Object.keys(next)) {
      const part = next[name];
      if (isPlain(part)) next[name] = copyOf(part);
    }
    Object.freeze(next);
  }
  return result as V;
}

function isPlain(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isLeaf(value: Container): boolean {
  for (const part of Array.isArray(value) ? value : partsOf(value)) {
    if (typeof part === 'object' && part !== null) return false;
  }
  return true;
}

function partsOf(value: Container): unknown[] {
  return Object.keys(value).map((name) => Object.getOwnPropertyDescriptor(value, name)?.value);
}

function shallowCopy(value: Container): Container {
  if (Array.isArray(value)) return value.slice() as unknown as Container;
  if (Object.getPrototypeOf(value) === null) return Object.assign(Object.create(null), value);
  // A spread keeps an own `__proto__`. The other is taken for the rest, since V8 freezes its result many times faster.
  return Object.hasOwn(value, '__proto__') ? { ...value } : Object.assign({}, value);
}
