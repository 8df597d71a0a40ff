/**
 * P19: a decorated override that calls its decorated `super.method()` for the same key must not wait for itself.
 * Found by declaration, along the prototype chain of `this`; no context is followed across awaits.
 */
import { type DecoratedMethod, isObject, type Method, ownMethod } from '../registry/declarations';

/**
 * Whether an override of `method`, on a class between that of `self` and the method's own, reads or puts `key` in the same
 * cache for these arguments. It then answers for the key, and this method just runs.
 *
 * That is also so when the override is not what called, as in `other() { return super.method(); }`: such a call is not
 * cached, which is safe, whereas a value of the base class under the key of the override would not be.
 */
export function overrideAnswers(
  self: unknown,
  wrapper: Method,
  method: DecoratedMethod,
  args: readonly unknown[],
  key: string,
): boolean {
  const { name, isPrivate } = method.identity;
  if (isPrivate || !isObject(self)) return false;
  // The usual case, on the path of every hit: no class overrides the method.
  if ((self as Record<string | symbol, unknown>)[name] === wrapper) return false;
  let answers = false;
  for (let holder: object | null = self; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const own = ownMethod(holder, name);
    if (own === method) return answers;
    answers ||= own !== undefined && usesKey(own, method, self, args, key);
    if (holder === method.home) return answers;
  }
  // A foreign wrapper hides this method, and its mode did not tell its home: what was found may be a base class. If it is
  // an override after all, the engine ends the method's wait for itself.
  return false;
}

function usesKey(
  override: DecoratedMethod,
  method: DecoratedMethod,
  self: unknown,
  args: readonly unknown[],
  key: string,
): boolean {
  if (override.cacheOf(self) !== method.cacheOf(self)) return false;
  return override.declarations.some((declaration) => {
    if (declaration.kind === 'invalidate') return false;
    if (declaration.kind === 'put' && declaration.lateTarget !== undefined) return false;
    try {
      if (declaration.kind === 'cacheable' && declaration.bulk !== undefined) {
        const elements = declaration.bulk.list.of(args);
        return elements.some((element) => declaration.keyOf(self, args, undefined, element) === key);
      }
      return declaration.keyOf(self, args) === key;
    } catch {
      // The override has other parameters, which these arguments do not fill; so it does not have this key either.
      return false;
    }
  });
}
