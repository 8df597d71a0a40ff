/**
 * Scopes that are followed across awaits, such as `withoutCache` and `defer`: the innermost open one of a kind is found
 * from anywhere within. AsyncLocalStorage makes every await of the process slower, so it is switched on only while a
 * scope is open; a scope that has ended is dead for whatever still runs in it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Scope {
  open: boolean;
  readonly content: object;
  readonly outer: Scope | undefined;
}

let storage: AsyncLocalStorage<Scope> | undefined;
let openScopes = 0;

/** Calls `fn` in a scope that ends when `fn` returns or, if it returned a promise, when that settles. */
export function runInScope<T>(content: object, fn: () => T): T {
  storage ??= new AsyncLocalStorage();
  const scope: Scope = { open: true, content, outer: storage.getStore() };
  openScopes += 1;
  let result: T;
  try {
    result = storage.run(scope, fn);
  } catch (error) {
    close(scope);
    throw error;
  }
  if (!isThenable(result)) {
    close(scope);
    return result;
  }
  // The promise handed out is the derived one: handlers on the original alone would hide a rejection nobody awaits.
  return result.then(
    (value) => {
      close(scope);
      return value;
    },
    (error: unknown) => {
      close(scope);
      throw error;
    },
  ) as T;
}

/** Whether any scope is open in the process. Cheap enough to be asked on every hit. */
export function anyScope(): boolean {
  return openScopes !== 0;
}

/** The innermost open scope's content that `wanted` accepts. */
export function inScope<C extends object>(wanted: (content: object) => content is C): C | undefined {
  for (let scope = storage?.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.open && wanted(scope.content)) return scope.content;
  }
  return undefined;
}

function close(scope: Scope): void {
  scope.open = false;
  openScopes -= 1;
  if (openScopes === 0) storage?.disable();
}

function isThenable<T>(value: T): value is T & PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
