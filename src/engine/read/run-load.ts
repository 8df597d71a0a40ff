/**
 * Running a loader, and what must hold while it runs: when it began (P14), that its lease is renewed (P16), and that
 * calls made from inside it wait less long for locks than others, since somebody may be waiting for this load.
 */
import { every } from '../../contract/clock';
import type { EngineContext } from '../runtime/context';

let nested = 0;

/**
 * Whether the caller runs inside the synchronous part of a load. What a loader awaits later is not seen; it would take
 * AsyncLocalStorage to see it, which slows every await of the process.
 */
export function insideLoad(): boolean {
  return nested > 0;
}

export interface Loaded<V> {
  readonly value: V;
  readonly costMs: number;
}

/** Runs `load`, calling `renew` every third of the lease and `abandon` once after `maxLoad`. */
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
    const value = await beginLoad(load);
    return { value, costMs: clock.now() - startedAt };
  } finally {
    clock.clearInterval(renewal);
  }
}

/** Calls a loader so that calls it makes at once know that they are made from inside a load. */
export function beginLoad<R>(load: () => R): R {
  nested += 1;
  try {
    return load();
  } finally {
    nested -= 1;
  }
}
