/**
 * `withoutCache`: a scope, followed across awaits, in which methods run and nothing is read or stored.
 * AsyncLocalStorage makes every await of the process slower, so it is switched on only while such a scope is open.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Scope {
  open: boolean;
  readonly outer: Scope | undefined;
}

let storage: AsyncLocalStorage<Scope> | undefined;
let openScopes = 0;

/**
 * Runs `fn` with every cache out of the way: decorated methods called within it, directly or after an `await`, run, and
 * nothing is read or stored. What they change is invalidated all the same, so that nobody else is left with old values.
 *
 * The scope ends when `fn` returns or, if it returned a promise, when that settles: work it left running is cached again.
 * Returns what `fn` returns; its errors are passed on unchanged.
 */
export function withoutCache<T>(fn: () => T): T {
  storage ??= new AsyncLocalStorage();
  const scope: Scope = { open: true, outer: storage.getStore() };
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

/** Whether the caller runs inside `withoutCache`. */
export function bypassed(): boolean {
  if (openScopes === 0) return false;
  let scope = storage?.getStore();
  while (scope !== undefined && !scope.open) scope = scope.outer;
  return scope !== undefined;
}

function close(scope: Scope): void {
  scope.open = false;
  openScopes -= 1;
  if (openScopes === 0) storage?.disable();
}

function isThenable<T>(value: T): value is T & PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
