/**
 * `cached(service, 'method')`: a handle on the entries of one cached method, for tests, scripts and admin routes.
 * It names entries by the arguments of the call, so nobody has to build keys by hand.
 */
import { NotCacheableError } from '../contract/errors';
import { bindPattern, parsePattern } from '../keys/pattern';
import { type CacheableDeclaration, type DecoratedMethod, reachedMethod } from '../registry/declarations';
import { classNameOf } from '../registry/method-identity';
import { bindingsOf } from './binding';
import { resultFrom } from './bulk-result';
import { warnOfNoCache } from './cache-access';
import type { ArgumentsOf, AsyncMethod, ItemOf, OneOf, ResultOf } from './method-types';
import { readOne } from './one-by-one';
import { createWrapper } from './wrapper';

/** The names of the asynchronous methods of a service (of a class, for static ones). */
export type AsyncMethodName<Service> = {
  [Name in keyof Service]-?: Service[Name] extends AsyncMethod ? Name : never;
}[keyof Service] &
  (string | symbol);

export interface CachedMethod<Arguments extends readonly unknown[], Result> {
  /** The key of the call's entry, without the namespace. Of a bulk method: if the call has one element. */
  key(...args: Arguments): string;
  /** The call's value in L1, without loading it; `undefined` if L1 does not have it. */
  peek(...args: Arguments): Result | undefined;
  /**
   * Of a method with `@CacheableMany`: the item of one element, which stands where the list stands. Calls in one turn of
   * the event loop share one call of the method. `undefined` if the method has no item for it.
   */
  one(...args: OneOf<Arguments>): Promise<ItemOf<Result> | undefined>;
  /** Invalidates the call's entry in all tiers and processes. */
  invalidate(...args: Arguments): Promise<void>;
  /** Invalidates the call's entry, then calls the method; resolves to the fresh value. */
  refresh(...args: Arguments): Promise<Result>;
  /** The call's value as it is now: L1 may not answer. */
  exact(...args: Arguments): Promise<Result>;
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
      expected: 'a method with @Cacheable or @CacheableMany',
      got: typeof service[name] === 'function' ? 'another method' : 'no method',
    });
  }
  return new MethodHandle(service, name, method, read) as CachedMethod<any, any>;
}

class MethodHandle implements CachedMethod<unknown[], any> {
  constructor(
    private readonly service: object,
    private readonly name: PropertyKey,
    private readonly method: DecoratedMethod,
    private readonly read: CacheableDeclaration,
  ) {}

  key(...args: unknown[]): string {
    const keys = this.#keys(args);
    if (keys.length === 1) return keys[0]!;
    throw this.#notCacheable('a call with one key', `${keys.length} keys`);
  }

  peek(...args: unknown[]): unknown {
    const keys = this.#keys(args);
    const { engine, readPolicy } = this.#binding() ?? {};
    if (engine === undefined || readPolicy === undefined) return undefined;
    const entries = keys.map((key) => engine.peek(key, readPolicy.version));
    const { bulk } = this.read;
    if (bulk === undefined) return entries[0]?.value;
    const values = entries.map((entry) => entry?.value);
    return values.includes(undefined) ? undefined : resultFrom(bulk, bulk.list.of(args), values);
  }

  async one(...args: unknown[]): Promise<unknown> {
    const { bulk } = this.read;
    if (bulk === undefined) throw this.#notCacheable('a method with @CacheableMany', 'one with @Cacheable');
    const { engine } = this.#binding() ?? {};
    const scopes = [engine, engine?.active, engine?.scope, ...Object.entries(engine?.ambient ?? {}).flat()];
    return readOne(this.method, bulk, this.service, args, scopes, (all) => this.#call(all));
  }

  async invalidate(...args: unknown[]): Promise<void> {
    const targets = this.#keys(args).map((key) => bindPattern(parsePattern(key), {}));
    const nothingToRun = () => undefined;
    await this.#binding()?.engine.changes.write(
      { label: this.method.identity.label, puts: [], before: [], around: [], after: () => targets },
      nothingToRun,
    );
  }

  async refresh(...args: unknown[]): Promise<unknown> {
    await this.invalidate(...args);
    return this.#call(args);
  }

  async exact(...args: unknown[]): Promise<unknown> {
    const bindings = bindingsOf(this.method);
    const exactly: typeof bindings.for = (cache, self) => {
      const binding = bindings.for(cache, self);
      return { ...binding, readPolicy: cache.engine.exactly(binding.readPolicy!) };
    };
    return createWrapper(this.method, { for: exactly }).apply(this.service, args);
  }

  async uncached(...args: unknown[]): Promise<unknown> {
    return this.method.original.apply(this.service, args);
  }

  #keys(args: unknown[]): readonly string[] {
    const { keyOf, bulk } = this.read;
    if (bulk === undefined) return [keyOf(this.service, args)];
    return bulk.list.of(args).map((element) => keyOf(this.service, args, undefined, element));
  }

  #call(args: unknown[]): Promise<unknown> {
    return Reflect.apply(Reflect.get(this.service, this.name), this.service, args);
  }

  #notCacheable(expected: string, got: string): NotCacheableError {
    return new NotCacheableError({ subject: this.method.identity.label, expected, got });
  }

  #binding() {
    const cache = this.method.cacheOf(this.service);
    if (cache === undefined) warnOfNoCache(this.method, this.service);
    return cache && bindingsOf(this.method).for(cache, this.service);
  }
}
