/** Runs what the application wrote, and gives its end as a value: writes go on after a failure, too. */
import type { Outcome } from '../../contract/engine';

export async function outcomeOf<V>(run: () => V | PromiseLike<V>): Promise<Outcome<V>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, error };
  }
}
