/** Bounded waiting: what a promise gives, or undefined when time is up first. The promise must not reject. */
import type { Clock } from '../../contract/clock';

export function within<T>(clock: Clock, promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), Math.max(0, ms));
    void promise.then((value) => {
      clock.clearTimeout(timer);
      resolve(value);
    });
  });
}
