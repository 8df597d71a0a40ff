/**
 * Runs loaders: renews the lease meanwhile, abandons a load that takes too long (P16), and lets calls made from inside
 * a load know that they are.
 */
import { every } from '../../contract/clock';
import type { EngineContext } from '../runtime/context';
import { Scopes } from '../runtime/scopes';

const LOAD = {};
const isLoad = (content: object): content is typeof LOAD => content === LOAD;
const loads = new Scopes<typeof LOAD>();

/** Whether the caller runs inside a load, also after an `await`. Only such a caller can be part of a cycle of waits. */
export function insideLoad(): boolean {
  return loads.find(isLoad) !== undefined;
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
export function beginLoad<R>(load: () => R): R {
  return loads.run(LOAD, load);
}
