/**
 * The coherence channel: how a process hears what others change in L2, and whether it may rely on having heard it.
 * What must be forgotten, and what may be served meanwhile, is the engine's; a channel only reports (P29 to P32).
 */
export interface ChannelListener {
  /** Something was written, removed, expired or evicted at this name: a key, or a name of the toolkit's own. */
  changed(name: string): void;
  /** Everything may have changed: the server was emptied. */
  flushed(): void;
  /** The connection is gone: changes are being missed from now on. */
  lost(): void;
  /** Changes are heard again, but some were missed: called before the channel is trusted for the first time. */
  established(): void;
  /**
   * Until then every change that L2 made more than `stalenessBound` ago is known here: connected, proven by an answered
   * `PING` sent less than the bound ago, and the event loop has not stalled since (P31).
   * @param time on the clock's `now()`; `-Infinity` while the channel is not connected or not proven
   */
  trustedUntil(time: number): void;
  /** When that was last relied on, on the same clock: the channel then looks more often whether the event loop stalls. */
  usedAt(): number;
}

export interface Channel {
  /** Milliseconds since the last proof was sent; `Infinity` before the first one. */
  age(now: number): number;
  /** Resolves when the channel is trusted for the first time, or after `withinMs`. */
  settled(withinMs: number): Promise<void>;
  close(): void;
}
