/** Under which token the module's cache is provided, and the decorator that asks for it. */
import { Inject } from '@nestjs/common';

/** For `overrideProvider`, and for `inject` of factories. */
export const TIERCEL_CACHE = Symbol('tiercel.cache');

/** Injects the `TiercelCache` of `TiercelModule` into a constructor's parameter or a property. */
export function InjectCache(): PropertyDecorator & ParameterDecorator {
  return Inject(TIERCEL_CACHE);
}
