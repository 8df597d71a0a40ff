/**
 * Until when what this process knows of L2 may be relied on (trust, P31): one number that the channel keeps up to date,
 * so that an L1 hit compares it with the time that it has read anyway.
 */
export class Trust {
  /** On the clock's `now()`; `-Infinity`: not now. */
  until = Number.NEGATIVE_INFINITY;
  /** When it was last relied on: the channel then looks more often whether the event loop stalls. */
  usedAt = Number.NEGATIVE_INFINITY;

  /** For those who rely on the answer. @param now the clock's `now()` */
  holds(now: number): boolean {
    this.usedAt = now;
    return now < this.until;
  }
}
