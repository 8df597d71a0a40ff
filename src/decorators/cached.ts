/**
 * `cached(service, 'method')`: a handle on the entries of one cached method, for tests, scripts and admin routes.
 * It names entries by the arguments of the call, so nobody has to build keys by hand.
 */
import { NotCacheableError } from '../contract/errors';
import { bindPattern, parsePattern } from '../keys/pattern';
import { type CacheableDeclaration, type DecoratedMethod, reachedMethod } from '../registry/declarations';
import { classNameOf } from '../registry/method-identity';
import { bindingsOf } from './binding';
import { warnOfNoCache } from './cache-access';
import type { ArgumentsOf, AsyncMethod, ResultOf } from './method-types';

/** The names of the asynchronous methods of a service (of a class, for static ones). */
export type AsyncMethodName<Service> = {
  [Name in keyof Service]-?: Service[Name] extends AsyncMethod ? Name : never;
}[keyof Service] &
  (string | symbol);

export interface CachedMethod<Arguments extends readonly unknown[], Result> {
  /** The key of the call's entry, without the namespace. */
  key(...args: Arguments): string;
  /** The call's value in L1, without loading it; `undefined` if L1 does not have it. */
  peek(...args: Arguments): Result | undefined;
  /** Invalidates the call's entry in all tiers and processes. */
  invalidate(...args: Arguments): Promise<void>;
  /** Invalidates the call's entry, then calls the method; resolves to the fresh value. */
  refresh(...args: Arguments): Promise<Result>;
  /** Calls the original method, past the cache. */
  uncached(...args: Arguments): Promise<Result>;
}

/**
 * A handle on the entries of a `@Cacheable` method: `cached(service, 'stats').invalidate('42')`.
 *
 * @throws NotCacheableError if the method has no `@Cacheable`, or, under standard decorators, a foreign wrapper hides it.
 *   The functions of the handle throw, or reject, if an argument that the key needs is missing.
 */
export function cached<Service extends object, Name extends AsyncMethodName<Service>>(
  service: Service,
  name: Name,
): CachedMethod<ArgumentsOf<Service[Name]>, ResultOf<Service[Name]>> {
  const method = reachedMethod(service, name);
  const read = method?.declarations.find((declaration) => declaration.kind === 'cacheable');
  if (method === undefined || read === undefined) {
    throw new NotCacheableError({
      subject: `${classNameOf(service)}.${String(name)}`,
      expected: 'a method with @Cacheable',
      got: typeof service[name] === 'function' ? 'another method' : 'no method',
    });
  }
  return new MethodHandle(service, name, method, read) as CachedMethod<any, any>;
}

class MethodHandle implements CachedMethod<unknown[], unknown> {
  constructor(
    private readonly service: object,
    private readonly name: PropertyKey,
    private readonly method: DecoratedMethod,
    private readonly read: CacheableDeclaration,
  ) {}

  key(...args: unknown[]): string {
    return this.read.keyOf(this.service, args);
  }

  peek(...args: unknown[]): unknown {
    const key = this.key(...args);
    const { engine, readPolicy } = this.#binding() ?? {};
    return readPolicy === undefined ? undefined : engine?.peek(key, readPolicy.version)?.value;
  }

  async invalidate(...args: unknown[]): Promise<void> {
    const target = bindPattern(parsePattern(this.key(...args)), {});
    const nothingToRun = () => undefined;
    await this.#binding()?.engine.changes.write(
      { label: this.method.identity.label, puts: [], before: [], around: [], after: () => [target] },
      nothingToRun,
    );
  }

  async refresh(...args: unknown[]): Promise<unknown> {
    await this.invalidate(...args);
    return Reflect.apply(Reflect.get(this.service, this.name), this.service, args);
  }

  async uncached(...args: unknown[]): Promise<unknown> {
    return this.method.original.apply(this.service, args);
  }

  #binding() {
    const cache = this.method.cacheOf(this.service);
    if (cache === undefined) warnOfNoCache(this.method, this.service);
    return cache && bindingsOf(this.method).for(cache, this.service);
  }
}
