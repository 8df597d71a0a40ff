/**
 * The channel of a cache without L2: nobody else changes anything, so everything that has happened is known.
 */
import type { Channel, ChannelListener } from '../contract/coherence';

export class LocalChannel implements Channel {
  constructor(listener: ChannelListener) {
    listener.trustedUntil(Number.POSITIVE_INFINITY);
  }

  age(): number {
    return 0;
  }

  async settled(): Promise<void> {}

  close(): void {}
}
