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
  const decorate = decorator as (...decorated: readonly unknown[]) => unknown;
  return ((...decorated: readonly unknown[]) => {
    const result = decorate(...decorated);
    const [, , descriptor] = decorated;
    // Nest's `applyDecorators` drops what decorators return: it hands one descriptor from each to the next.
    return typeof descriptor === 'object' ? Object.assign(descriptor as object, result) : result;
  }) as MethodDecorator;
}
