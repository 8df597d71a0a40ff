/**
 * `transport: 'auto'`: hear of changes by tracking, or by pub/sub if the server refuses that. The change is made
 * once and for good: a namespace whose processes used different transports would not hear of all its changes.
 */
import type { Channel } from '../contract/coherence';

export class FallbackChannel implements Channel {
  #current: Channel;
  #fellBack = false;

  /**
   * @param preferred makes the first channel; `onRefused` is to be called when the server does not allow it
   * @param fallback makes the second one
   */
  constructor(preferred: (onRefused: () => void) => Channel, fallback: () => Channel) {
    this.#current = preferred(() => {
      if (this.#fellBack) return;
      this.#fellBack = true;
      this.#current.close();
      this.#current = fallback();
    });
  }

  age(now: number): number {
    return this.#current.age(now);
  }

  /** A channel that is refused settles by being closed; then it is the next one that is waited for. */
  async settled(withinMs: number): Promise<void> {
    const first = this.#current;
    await first.settled(withinMs);
    if (first !== this.#current) await this.#current.settled(withinMs);
  }

  close(): void {
    this.#fellBack = true;
    this.#current.close();
  }
}
