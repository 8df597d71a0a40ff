/**
 * No channel: nothing is heard of what others change, so nothing that is remembered may be relied on. L1 stays unused
 * and markers are read with every value. What a cluster gets until there is a channel for each of its masters (P41).
 */
import type { Channel } from '../contract/coherence';

export class SilentChannel implements Channel {
  trusted(): boolean {
    return false;
  }

  age(): number {
    return Number.POSITIVE_INFINITY;
  }

  async settled(): Promise<void> {}

  close(): void {}
}
