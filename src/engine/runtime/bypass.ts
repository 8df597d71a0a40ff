/** `withoutCache`: a scope in which methods run and nothing is read or stored. */
import { callScopes } from './scopes';

const BYPASS = {};

const isBypass = (content: object): content is typeof BYPASS => content === BYPASS;

/**
 * Runs `fn` with every cache out of the way: decorated methods called within it, directly or after an `await`, run, and
 * nothing is read or stored. What they change is invalidated all the same, so that nobody else is left with old values.
 *
 * The scope ends when `fn` returns or, if it returned a promise, when that settles: work it left running is cached again.
 * Returns what `fn` returns; its errors are passed on unchanged.
 */
export function withoutCache<T>(fn: () => T): T {
  return callScopes.run(BYPASS, fn);
}

/** Whether the caller runs inside `withoutCache`. */
export function bypassed(): boolean {
  return callScopes.find(isBypass) !== undefined;
}
