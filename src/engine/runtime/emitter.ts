/**
 * The listeners of a cache. A listener that throws is a fault of the application's: it is counted, and neither the
 * cache nor the other listeners notice.
 */
import type { CacheEventName, CacheEvents } from '../../contract/events';

type Listener = (event: never) => void;

export class Emitter {
  /** Listeners that threw, since the start. */
  listenerErrors = 0;
  readonly #listeners = new Map<CacheEventName, Set<Listener>>();

  /** Returns the function that removes the listener again. */
  on<N extends CacheEventName>(name: N, listener: (event: CacheEvents[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Whether anybody listens: for an event whose data are costly to make. */
  listens(name: CacheEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit = <N extends CacheEventName>(name: N, event: CacheEvents[N]): void => {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (event: CacheEvents[N]) => void)(event);
      } catch {
        this.listenerErrors += 1;
      }
    }
  };
}
