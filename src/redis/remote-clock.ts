/**
 * L2's clock as seen from here: the server's `TIME` at the last sample, carried on by the local monotonic clock. Entries
 * carry their expiry in this time. So machines whose wall clocks differ agree on it, and setting one changes nothing. The
 * error is at most the round trip of the sample.
 */
import type { Clock } from '../contract/clock';

/** The error of a sample is as large as its round trip. */
const GOOD_SAMPLE_MS = 20;
const MAX_SAMPLES = 3;

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

  /** While a program starts its event loop is often blocked, which makes a sample worthless: a slow one is repeated. */
  async set(askTime: () => Promise<unknown>): Promise<void> {
    for (let i = 0; i < MAX_SAMPLES; i += 1) {
      const sample = this.begin();
      if (sample.end(await askTime()) <= GOOD_SAMPLE_MS) return;
    }
  }

  /** Takes a sample: `begin()` right before `TIME` is sent, `end(reply)` with its reply. Returns the round trip in ms. */
  begin(): { end(reply: unknown): number } {
    const before = this.#clock.now();
    return {
      end: (reply) => {
        const [seconds, microseconds] = (reply as Buffer[]).map(Number) as [number, number];
        // Compared with the start of the sample, the estimate is ahead rather than behind: copies in L1 end early.
        this.#offset = seconds * 1000 + microseconds / 1000 - before;
        return this.#clock.now() - before;
      },
    };
  }
}
