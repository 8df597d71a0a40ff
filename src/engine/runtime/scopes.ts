/**
 * Scopes that are followed across awaits, such as `withoutCache`, `defer` and loads: code finds the innermost open scope
 * that it runs in. AsyncLocalStorage makes every await of the process slower, so it is switched on only while a scope is
 * open. What still runs in a scope that has ended is in no scope.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Scope<C> {
  open: boolean;
  readonly content: C;
  readonly outer: Scope<C> | undefined;
}

// Not part of the clock: this is about turns of the event loop. Captured at load, as fake timers would replace it (P42).
const { setImmediate } = globalThis;

export class Scopes<C extends object> {
  readonly #storage = new AsyncLocalStorage<Scope<C>>();
  #open = 0;
  #isEnding = false;

  /** Whether any scope is open in the process. Cheap enough to be asked on every hit. */
  get any(): boolean {
    return this.#open !== 0;
  }

  /** Calls `fn` in a scope that ends when `fn` returns or, if it returned a promise, when that settles. */
  run<T>(content: C, fn: () => T): T {
    const scope: Scope<C> = { open: true, content, outer: this.#storage.getStore() };
    this.#open += 1;
    let result: T;
    try {
      result = this.#storage.run(scope, fn);
    } catch (error) {
      this.#close(scope);
      throw error;
    }
    if (!isThenable(result)) {
      this.#close(scope);
      return result;
    }
    // The promise handed out is the derived one: handlers on the original alone would hide a rejection nobody awaits.
    return result.then(
      (value) => {
        this.#close(scope);
        return value;
      },
      (error: unknown) => {
        this.#close(scope);
        throw error;
      },
    ) as T;
  }

  /** The content of the innermost open scope that `wanted` accepts. */
  find<W extends C>(wanted: (content: C) => content is W): W | undefined {
    if (this.#open === 0) return undefined;
    for (let scope = this.#storage.getStore(); scope !== undefined; scope = scope.outer) {
      if (scope.open && wanted(scope.content)) return scope.content;
    }
    return undefined;
  }

  #close(scope: Scope<C>): void {
    scope.open = false;
    this.#open -= 1;
    if (this.#open > 0 || this.#isEnding) return;
    // Switching it off and on again takes ten times as long as a scope: once in a turn of the event loop is enough.
    this.#isEnding = true;
    setImmediate(this.#end);
  }

  #end = (): void => {
    this.#isEnding = false;
    if (this.#open === 0) this.#storage.disable();
  };
}

function isThenable<T>(value: T): value is T & PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

/** The scopes that a call may run in by the application's will: `withoutCache` and `defer`. */
export const callScopes = new Scopes<object>();
