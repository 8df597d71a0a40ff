/**
 * The function that takes a decorated method's place: a call of the method becomes a call of the engine.
 *
 * An L1 hit must be fast: a plain function, one promise, and no allocation except the key and the arguments. Errors before
 * the method runs are rejections, never throws.
 */
import { isUnrenderable } from '../contract/errors';
import type { CacheableDeclaration, DecoratedMethod, Method } from '../registry/declarations';
import { type Binding, type Bindings, bindingsOf } from './binding';
import { createBulkWrapper } from './bulk-wrapper';
import { warnOfNoCache } from './cache-access';
import { MethodCall } from './method-call';
import { overrideAnswers } from './override';

export function createWrapper(
  method: DecoratedMethod,
  bindings: Pick<Bindings, 'for'> = bindingsOf(method),
): Method {
  const { original, cacheOf, declarations } = method;
  const read = declarations.find((declaration) => declaration.kind === 'cacheable');
  if (read?.bulk !== undefined) return createBulkWrapper(method, read, read.bulk, bindings);
  const writes = declarations.some((declaration) => declaration.kind !== 'cacheable');

  const wrapper: Method = function (this: unknown, ...args: unknown[]): unknown {
    try {
      const cache = cacheOf(this);
      if (cache === undefined) warnOfNoCache(method, this);
      else {
        const binding = bindings.for(cache, this);
        const { engine, readPolicy } = binding;
        if (read !== undefined && readPolicy !== undefined) {
          if (engine.active && (read.when === undefined || read.when.call(this, args))) {
            const key = renderedKey(read, binding, this, args);
            if (key !== undefined && !overrideAnswers(this, wrapper, method, args, key)) {
              const entry = engine.hit(key, readPolicy);
              if (entry !== undefined) return Promise.resolve(entry.value);
              return new MethodCall(method, wrapper, binding, this, args).readThrough(key, readPolicy, read);
            }
          } else engine.countUncached(readPolicy);
        }
        // Also if the cache is off: entries that a write outdates must not stay in other processes, or until it is on again.
        if (writes) return new MethodCall(method, wrapper, binding, this, args).perform();
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return original.apply(this, args);
  };
  return wrapper;
}

/** `undefined` if a value of the call cannot be part of a key: the method then runs uncached. */
function renderedKey(
  read: CacheableDeclaration,
  { engine, readPolicy }: Binding,
  self: unknown,
  args: readonly unknown[],
): string | undefined {
  try {
    return read.keyOf(self, args);
  } catch (error) {
    if (readPolicy === undefined || !isUnrenderable(error)) throw error;
    engine.countUncached(readPolicy);
    engine.reportUnrenderable(readPolicy, error);
    return undefined;
  }
}
