/**
 * What is known about how fresh this process's knowledge of L2 is (P31), and nothing else: no socket, no timer.
 * A `PING` that was answered proves that every change from before it was sent has been handled here. A completed poll
 * phase proves that every change that had arrived before it has been. `trusted` is a part of every L1 hit: a few
 * comparisons of numbers, no allocation.
 */

export class Trust {
  readonly #boundMs: number;
  /** Whether the present connection has been proven; a proof of an earlier one says nothing about it. */
  #proven = false;
  #provenSentAt = Number.NEGATIVE_INFINITY;
  #polledAt = Number.NEGATIVE_INFINITY;
  #stallLimitMs = 0;
  #asked = false;

  /** @param boundMs how old a proof may be, in ms */
  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  trusted(now: number): boolean {
    this.#asked = true;
    return (
      this.#proven && now - this.#provenSentAt < this.#boundMs && now - this.#polledAt < this.#stallLimitMs
    );
  }

  /** Milliseconds since the last proof was sent, on whatever connection; `Infinity` before the first one. */
  age(now: number): number {
    return now - this.#provenSentAt;
  }

  /** The `PING` sent at `sentAt` on the present connection was answered. */
  proven(sentAt: number): void {
    this.#proven = true;
    this.#provenSentAt = Math.max(this.#provenSentAt, sentAt);
    // The answer was read after everything that arrived before it, so it is evidence of a poll phase as well.
    this.#polledAt = Math.max(this.#polledAt, sentAt);
  }

  /** All that had arrived by `at` has been handled; the next such news is due well within `stallLimitMs`. */
  polled(at: number, stallLimitMs: number): void {
    this.#polledAt = Math.max(this.#polledAt, at);
    this.#stallLimitMs = stallLimitMs;
  }

  /** The connection is gone. */
  lost(): void {
    this.#proven = false;
  }

  /** Whether anybody has asked for trust since the last call of this. */
  takeAsked(): boolean {
    const asked = this.#asked;
    this.#asked = false;
    return asked;
  }
}
