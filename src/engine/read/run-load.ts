/**
 * Runs loaders: renews the lease meanwhile, abandons a load that takes too long (P16), and lets calls made from inside
 * a load know that they are.
 */
import { every } from '../../contract/clock';
import type { LoadContext } from '../../contract/load-context';
import type { EngineContext } from '../runtime/context';
import { Scopes } from '../runtime/scopes';
import { LoadScope, UNCACHED_LOAD } from './load-scope';

/** A load whose loader is given nothing. */
const BARE = {};
const loads = new Scopes<object>();
const isLoad = (_: object): _ is object => true;

/** Whether the caller runs inside a load, also after an `await`. Only such a caller can be part of a cycle of waits. */
export function insideLoad(): boolean {
  return loads.find(isLoad) !== undefined;
}

/**
 * In a method with `loadContext: true`: what a loader of `getOrSet` is given. If the method runs uncached, the signal never
 * aborts, nothing is stale, and what it says has no effect.
 */
export function currentLoad<V = any>(): LoadContext<V> {
  const scope = loads.find(isLoad);
  return scope instanceof LoadScope ? scope : UNCACHED_LOAD;
}

export interface Loaded<V> {
  readonly value: V;
  readonly costMs: number;
}

/** Runs `load`, calling `renew` every third of the lease and `abandon` once after `load.max`. */
export async function runLoad<V>(
  { clock, times }: EngineContext,
  load: () => V | PromiseLike<V>,
  renew: () => void,
  abandon: () => void,
): Promise<Loaded<V>> {
  const startedAt = clock.now();
  const renewal = every(clock, times.leaseMs / 3, () => {
    if (clock.now() - startedAt < times.maxLoadMs) renew();
    else {
      clock.clearInterval(renewal);
      abandon();
    }
  });
  try {
    const value = await load();
    return { value, costMs: clock.now() - startedAt };
  } finally {
    clock.clearInterval(renewal);
  }
}

/** Calls a loader so that the calls it makes know that they are made from inside a load. */
export function beginLoad<R>(load: () => R, scope: object = BARE): R {
  return loads.run(scope, load);
}
