/**
 * The one door for work that nobody awaits (P42): what goes through here is counted, its failure is reported as an
 * event instead of an unhandled rejection, and `close()` waits for it.
 */
import type { Emit } from '../../contract/events';

export class Background {
  readonly #running = new Set<Promise<unknown>>();
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  run(operation: string, work: Promise<unknown>): void {
    const guarded = work
      .catch((error: unknown) => this.#emit('error', { operation, error }))
      .finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
  }

  /** Resolves when nothing is running, also not what was started meanwhile. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
