/**
 * L2's clock as seen from here: the server's `TIME` at the last sample, carried on by the local monotonic clock.
 * Entries carry their expiry in this time, so that processes on machines whose wall clocks differ agree on it, and a
 * step of a wall clock changes nothing. The error is at most the round trip of the sample.
 */
import type { Clock } from '../contract/clock';

export class RemoteClock {
  readonly #clock: Clock;
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.wall() - clock.now();
  }

  now(): number {
    return this.#clock.now() + this.#offset;
  }

  /** Take a sample: `begin()` before `TIME` is sent, `end(reply)` with its `[seconds, microseconds]`. */
  begin(): { end(reply: unknown): void } {
    const before = this.#clock.now();
    return {
      end: (reply) => {
        const [seconds, microseconds] = (reply as Buffer[]).map(Number) as [number, number];
        // Taken against the start of the sample, the estimate runs ahead rather than behind: copies in L1 end early.
        this.#offset = seconds * 1000 + microseconds / 1000 - before;
      },
    };
  }
}
