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
}

export interface Channel {
  /**
   * Whether every change that L2 made more than `stalenessBound` ago is known here: connected, proven by an answered
   * `PING` sent less than the bound ago, and the event loop has not stalled since (P31). Synchronous: it is part of
   * every L1 hit.
   * @param now the clock's `now()`
   */
  trusted(now: number): boolean;
  /** Milliseconds since the last proof was sent; `Infinity` before the first one. */
  age(now: number): number;
  /** Resolves when the channel is trusted for the first time, or after `withinMs`. */
  settled(withinMs: number): Promise<void>;
  close(): void;
}
