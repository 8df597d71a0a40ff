/**
 * What is known about how fresh this process's knowledge of L2 is, as one time until which it may be relied on (P31).
 * A `PING` that was answered proves that every change from before it was sent has been handled here. A completed poll
 * phase proves that every change that had arrived before it has been. It has no socket and no timer.
 */
export class Proofs {
  readonly #tell: (until: number) => void;
  readonly #boundMs: number;
  /** Whether the present connection has been proven; a proof of an earlier one says nothing about it. */
  #proven = false;
  #provenSentAt = Number.NEGATIVE_INFINITY;
  #polledAt = Number.NEGATIVE_INFINITY;
  #stallLimitMs = 0;

  /**
   * @param boundMs how old a proof may be, in ms
   * @param tell is told until when it is trusted; `-Infinity`: not now
   */
  constructor(boundMs: number, tell: (until: number) => void) {
    this.#tell = tell;
    this.#boundMs = boundMs;
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
    this.#judge();
  }

  /** All that had arrived by `at` has been handled; the next such news is due well within `stallLimitMs`. */
  polled(at: number, stallLimitMs: number): void {
    this.#polledAt = Math.max(this.#polledAt, at);
    this.#stallLimitMs = stallLimitMs;
    this.#judge();
  }

  /** The connection is gone. */
  lost(): void {
    this.#proven = false;
    this.#judge();
  }

  #judge(): void {
    this.#tell(
      this.#proven
        ? Math.min(this.#provenSentAt + this.#boundMs, this.#polledAt + this.#stallLimitMs)
        : Number.NEGATIVE_INFINITY,
    );
  }
}
