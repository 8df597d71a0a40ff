/**
 * The channel of a Redis Cluster: one channel for each master, since each tells only of what it serves itself (P41).
 * It is trusted while all of them are, and each master has proven lately that its slots are still its own. A key relies
 * on its own master and on those that its groups' generation keys lie on, so there is little that one silent master leaves to be
 * trusted, and a look at which it is would be a part of every L1 hit.
 */
import type { Clock, Timer } from '../contract/clock';
import type { Channel, ChannelListener } from '../contract/coherence';

/** A master, as far as a channel needs to know it. */
export interface Master {
  /** A master is another one when its address is. */
  readonly address: string;
  /** When the last proof was sent that it serves its slots. */
  servedAt(): number;
  newChannel(listener: ChannelListener): Channel;
}

class Member {
  readonly channel: Channel;
  trustedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    public master: Master,
    listener: ChannelListener,
    onTrust: () => void,
  ) {
    this.channel = master.newChannel({
      changed: (name) => listener.changed(name),
      flushed: () => listener.flushed(),
      lost: () => listener.lost(),
      established: () => listener.established(),
      usedAt: () => listener.usedAt(),
      trustedUntil: (time) => {
        this.trustedUntil = time;
        onTrust();
      },
    });
  }
}

const LOOK_AGAIN_MS = 10;

export class ClusterChannel implements Channel {
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #boundMs: number;
  #members: readonly Member[] = [];
  #until = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @param boundMs how old the proof of a master may be, in ms */
  constructor(listener: ChannelListener, clock: Clock, boundMs: number) {
    this.#listener = listener;
    this.#clock = clock;
    this.#boundMs = boundMs;
  }

  /**
   * These are the masters now, or other slots are theirs. Whatever was heard of a slot came from the master that it had:
   * changes that another one made meanwhile may have been missed.
   */
  follow(masters: readonly Master[]): void {
    if (this.#closed) return;
    const before = new Map(this.#members.map((member) => [member.master.address, member]));
    const wanted = new Set(masters.map(({ address }) => address));
    for (const [address, { channel }] of before) {
      if (!wanted.has(address)) channel.close();
    }
    this.#members = masters.map((master) => {
      const member = before.get(master.address) ?? new Member(master, this.#listener, () => this.#judge());
      member.master = master;
      return member;
    });
    this.#judge();
    this.#listener.flushed();
  }

  age(now: number): number {
    if (this.#members.length === 0) return Number.POSITIVE_INFINITY;
    return Math.max(
      ...this.#members.map(({ master, channel }) => Math.max(channel.age(now), now - master.servedAt())),
    );
  }

  /** Looks again and again: masters come and go meanwhile. */
  async settled(withinMs: number): Promise<void> {
    const until = this.#clock.now() + withinMs;
    while (!this.#closed && this.#clock.now() >= this.#until && this.#clock.now() < until) {
      await new Promise<void>((resolve) => {
        const timer: Timer = this.#clock.setTimeout(resolve, LOOK_AGAIN_MS);
        timer.unref?.();
      });
    }
  }

  close(): void {
    this.#closed = true;
    for (const { channel } of this.#members) channel.close();
    this.#members = [];
    this.#judge();
  }

  /** A new proof of a master counts from the next report of a channel on, which comes after each look of its watch. */
  #judge(): void {
    let until = this.#members.length > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    for (const { master, trustedUntil } of this.#members) {
      until = Math.min(until, trustedUntil, master.servedAt() + this.#boundMs);
    }
    this.#until = until;
    this.#listener.trustedUntil(until);
  }
}
