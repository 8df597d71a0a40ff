/**
 * Ends the waiting of a call at its `timeout.hard` (P20). The load goes on, and its result is stored; its failure then
 * concerns nobody.
 */
import type { Clock } from '../../contract/clock';
import { LoadTimeoutError } from '../../contract/errors';
import type { LoadPlan } from './flight-result';

export function withHardTimeout<V>(
  clock: Clock,
  plan: LoadPlan<V>,
  hardMs: number,
  value: Promise<V>,
): Promise<V> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(loadTimeout(plan)), hardMs);
    value.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

export function loadTimeout<V>({ key, policy }: LoadPlan<V>): LoadTimeoutError {
  return new LoadTimeoutError({
    subject: `${policy.label}, ${key}`,
    expected: `a value within ${policy.timeout.hardMs} ms (timeout.hard)`,
    got: 'none yet; the load goes on, and its result is stored',
  });
}
