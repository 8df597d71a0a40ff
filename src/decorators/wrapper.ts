/**
 * The function that takes a decorated method's place: a call of the method becomes a call of the engine.
 *
 * An L1 hit must be fast: a plain function, one promise, and no allocation except the key and the arguments. Errors before
 * the method runs are rejections, never throws.
 */
import type { DecoratedMethod, Method } from '../registry/declarations';
import { bindingsOf } from './binding';
import { warnOfNoCache } from './cache-access';
import { MethodCall } from './method-call';
import { overrideAnswers } from './override';

export function createWrapper(method: DecoratedMethod): Method {
  const { original, cacheOf, declarations } = method;
  const read = declarations.find((declaration) => declaration.kind === 'cacheable');
  const writes = declarations.some((declaration) => declaration.kind !== 'cacheable');
  const bindings = bindingsOf(method);

  const wrapper: Method = function (this: unknown, ...args: unknown[]): unknown {
    try {
      const cache = cacheOf(this);
      if (cache === undefined) warnOfNoCache(method, this);
      else {
        const binding = bindings.for(cache, this);
        const { engine, readPolicy } = binding;
        if (read !== undefined && readPolicy !== undefined) {
          if (engine.active && (read.when === undefined || read.when.call(this, args))) {
            const key = read.keyOf(this, args);
            if (!overrideAnswers(this, wrapper, method, args, key)) {
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
