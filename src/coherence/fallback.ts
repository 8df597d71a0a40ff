/**
 * `transport: 'auto'`: hear of changes by tracking, and by pub/sub for as long as the server refuses that. Tracking is tried
 * again and again, since it alone hears of everything.
 */
import { type Clock, withTimeout } from '../contract/clock';
import type { Channel, ChannelListener } from '../contract/coherence';

export class FallbackChannel implements Channel {
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #preferred: Channel;
  readonly #firstTrusted: Promise<void>;
  #endWait: () => void = () => {};
  #fallback: Channel | undefined;
  #closed = false;

  /**
   * @param newPreferred makes the first channel; `onRefused` is to be called when the server does not allow it
   * @param newFallback makes the one that is used meanwhile
   */
  constructor(
    listener: ChannelListener,
    clock: Clock,
    newPreferred: (listener: ChannelListener, onRefused: () => void) => Channel,
    newFallback: (listener: ChannelListener) => Channel,
  ) {
    this.#listener = listener;
    this.#clock = clock;
    this.#firstTrusted = new Promise((resolve) => {
      this.#endWait = resolve;
    });
    this.#preferred = newPreferred(
      this.#listenerOf(
        () => this.#fallback === undefined,
        () => this.#endFallback(),
      ),
      () => {
        if (this.#closed || this.#fallback !== undefined) return;
        this.#fallback = newFallback(
          this.#listenerOf(
            () => this.#fallback !== undefined,
            () => undefined,
          ),
        );
      },
    );
  }

  age(now: number): number {
    return (this.#fallback ?? this.#preferred).age(now);
  }

  async settled(withinMs: number): Promise<void> {
    await withTimeout(this.#clock, this.#firstTrusted, withinMs);
  }

  close(): void {
    this.#closed = true;
    this.#endWait();
    this.#preferred.close();
    this.#fallback?.close();
  }

  /** Only the channel in use says how long it may be relied on. */
  #listenerOf(inUse: () => boolean, established: () => void): ChannelListener {
    const listener = this.#listener;
    return {
      changed: (name) => listener.changed(name),
      flushed: () => listener.flushed(),
      lost: () => listener.lost(),
      established: () => {
        established();
        listener.established();
      },
      trustedUntil: (time) => {
        if (!inUse()) return;
        listener.trustedUntil(time);
        if (this.#clock.now() < time) this.#endWait();
      },
      usedAt: () => listener.usedAt(),
    };
  }

  /** Its last word was about itself. */
  #endFallback(): void {
    this.#fallback?.close();
    this.#fallback = undefined;
  }
}
