/** The tokens under which the module's caches are provided, and the decorator that injects one. */
import { Inject } from '@nestjs/common';

/** The token of the cache without a name, for `overrideProvider`, and for `inject` of factories. */
export const TIERCEL_CACHE = Symbol('tiercel.cache');

/** The token of the cache with this name. */
export function cacheToken(name?: string): symbol {
  return name === undefined ? TIERCEL_CACHE : Symbol.for(`tiercel.cache.${name}`);
}

/**
 * Injects a `TiercelCache` of `TiercelModule` into a constructor's parameter or a property.
 * @param name as in `forRoot(config, { name })`. Default: the cache without a name.
 */
export function InjectCache(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(cacheToken(name));
}
