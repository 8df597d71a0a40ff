/**
 * Refuses methods that do not return a promise, for callers that the compiler does not check: when the class is defined
 * if TypeScript's emitted metadata tells, else at the first result.
 */
import { describe } from '../config/describe';
import { SyncMethodError } from '../contract/errors';
import type { MethodIdentity } from '../registry/method-identity';
import { readMetadata } from './reflect-metadata';

const REMEDY = 'Make the method async: a cached value is always given as a promise.';

/** @throws SyncMethodError if `design:returntype` names a class that has no `then` */
export function refuseSyncReturnType(
  decorator: string,
  owner: string,
  target: object,
  name: string | symbol,
): void {
  const type = readMetadata('design:returntype', target, name);
  // `Object` is what TypeScript writes for interfaces, unions and `any`: it tells nothing.
  if (typeof type !== 'function' || type === Object) return;
  if (type === Promise || typeof type.prototype?.then === 'function') return;
  throw new SyncMethodError({
    subject: `${decorator} on ${owner}.${String(name)}`,
    expected: 'a return type of Promise',
    got: type.name,
    remedy: REMEDY,
  });
}

/** @throws SyncMethodError */
export function expectPromise(result: unknown, method: MethodIdentity): PromiseLike<unknown> {
  if (isPromiseLike(result)) return result;
  throw new SyncMethodError({
    subject: method.label,
    expected: 'a promise',
    got: describe(result),
    remedy: REMEDY,
  });
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
