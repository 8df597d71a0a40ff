/**
 * The bridge to frameworks that compose decorators of the type `MethodDecorator`.
 */
import type { AsyncMethod, AsyncMethodDecorator } from './method-types';

/**
 * Types a decorator of this toolkit as `MethodDecorator`, which it is not to the compiler since it refuses methods that
 * are not asynchronous: `applyDecorators(Get(), asMethodDecorator(Cacheable('user:<0>')))`. The compiler's checks against
 * the method are given up; those made when the class is defined remain.
 */
export function asMethodDecorator(decorator: AsyncMethodDecorator<any, AsyncMethod>): MethodDecorator {
  return decorator as MethodDecorator;
}
